//! A whole page of metrics.

use std::collections::HashMap;
use std::mem;

use tachograph::metrics::{Metric, Snapshot};
use tachograph::{Resource, Value};

use super::section::Section;
use super::{Format, labels};

/// Turns snapshots into pages, and keeps from one page to the next what does not change.
///
/// A counter or gauge whose series was on the last page costs a copy of its text and a number, and no allocation.
///
/// Scopes do not become labels (`otel_scope_name`): all metrics of a registry have the same one, and functions say in
/// `module` where they stand. Resource attributes are in `target_info` alone.
#[derive(Debug)]
pub(crate) struct Renderer {
    text_target: String,
    open_metrics_target: String,
    /// In the order of the last snapshot.
    sections: Vec<Section>,
    owners: Owners,
    /// How long the last page was.
    len: usize,
}

/// Which metric the samples of a name belong to; `None` for names that no metric may have.
type Owners = HashMap<String, Option<String>>;

impl Renderer {
    /// A renderer that describes the target by these attributes.
    pub(crate) fn new(resource: &Resource) -> Self {
        let text = |value: &Value| value.to_string();
        let attributes: Vec<_> = resource
            .attributes()
            .iter()
            .map(|attribute| (&*attribute.key, text(&attribute.value)))
            .collect();
        let mut info = "target_info{".to_owned();
        let attributes = attributes.iter().map(|(key, value)| (*key, &**value));
        labels::Writer::default().write(&mut info, attributes);
        info.push_str("} 1\n");
        let reserved = ["target", "target_info"].map(|name| (name.to_owned(), None));
        Self {
            text_target: format!(
                "# HELP target_info Target metadata\n# TYPE target_info gauge\n{info}"
            ),
            open_metrics_target: format!(
                "# HELP target Target metadata\n# TYPE target info\n{info}"
            ),
            sections: Vec::new(),
            owners: reserved.into(),
            len: 0,
        }
    }

    /// Writes a page. `report` is told once of each metric that has to be left out, and why.
    pub(crate) fn render(
        &mut self,
        snapshot: &Snapshot,
        format: Format,
        report: impl FnMut(String),
    ) -> String {
        self.follow(snapshot, report);
        // Counts grow by a digit now and then.
        let mut page = String::with_capacity(self.len + self.len / 32);
        page.push_str(match format {
            Format::Text => &self.text_target,
            Format::OpenMetrics => &self.open_metrics_target,
        });
        for (section, metric) in self.sections.iter_mut().zip(snapshot.metrics()) {
            section.write(&mut page, metric.data(), format);
        }
        if format == Format::OpenMetrics {
            page.push_str("# EOF\n");
        }
        self.len = page.len();
        page
    }

    /// Makes sure that there is a section for each metric.
    fn follow(&mut self, snapshot: &Snapshot, mut report: impl FnMut(String)) {
        let mut pairs = self.sections.iter().zip(snapshot.metrics());
        if self.sections.len() == snapshot.metrics().len()
            && pairs.all(|(section, metric)| section.describes(metric))
        {
            return;
        }
        let sections = mem::take(&mut self.sections).into_iter();
        let mut known: HashMap<_, _> = sections
            .map(|section| (section.metric_name().to_owned(), section))
            .collect();
        let mut section = |metric: &Metric| {
            let known = known.remove(metric.name());
            known
                .filter(|section| section.describes(metric))
                .unwrap_or_else(|| introduce(metric, &mut self.owners, &mut report))
        };
        self.sections = snapshot.metrics().map(&mut section).collect();
    }
}

/// A section for a metric; one that stays off the page if samples of another metric have its names.
///
/// Different metrics can come to the same name only by the cleaning of names, for the registry keeps one of each. The
/// first one stays: two of them under one head could hold the same series twice, and then Prometheus refuses the page.
fn introduce(metric: &Metric, owners: &mut Owners, report: &mut impl FnMut(String)) -> Section {
    let mut section = Section::new(metric);
    let own = section.metric_name().to_owned();
    let samples = section.sample_names();
    let taken = samples.iter().find_map(|sample| {
        let owner = owners.get(sample)?;
        (owner.as_ref() != Some(&own)).then_some((sample, owner.as_deref()))
    });
    if let Some((sample, owner)) = taken {
        let owner = owner.map_or("the resource".to_owned(), |owner| format!("`{owner}`"));
        report(format!(
            "`{own}` is left out of `/metrics`: its name `{sample}` there belongs to {owner}; rename one of them"
        ));
        section.leave_out();
    } else {
        owners.extend(
            samples
                .into_iter()
                .map(|sample| (sample, Some(own.clone()))),
        );
    }
    section
}
