//! A whole page of metrics.

use std::collections::HashMap;
use std::mem;

use tachograph::metrics::{Metric, Snapshot};
use tachograph::{Resource, Value};

use super::claims::Claims;
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
    /// How long the last page was.
    len: usize,
}

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
        Self {
            text_target: format!(
                "# HELP target_info Target metadata\n# TYPE target_info gauge\n{info}"
            ),
            open_metrics_target: format!(
                "# HELP target Target metadata\n# TYPE target info\n{info}"
            ),
            sections: Vec::new(),
            len: 0,
        }
    }

    /// Writes a page. `report` is told once of each metric that has to be left out, or a part of it, and why.
    pub(crate) fn render(
        &mut self,
        snapshot: &Snapshot,
        format: Format,
        mut report: impl FnMut(String),
    ) -> String {
        self.follow(snapshot, &mut report);
        // Counts grow by a digit now and then.
        let mut page = String::with_capacity(self.len + self.len / 32);
        page.push_str(match format {
            Format::Text => &self.text_target,
            Format::OpenMetrics => &self.open_metrics_target,
        });
        for (section, metric) in self.sections.iter_mut().zip(snapshot.metrics()) {
            section.write(&mut page, metric.data(), format, &mut report);
        }
        if format == Format::OpenMetrics {
            page.push_str("# EOF\n");
        }
        self.len = page.len();
        page
    }

    /// Makes sure that there is a section for each metric.
    ///
    /// A metric that was on the last page keeps its names; the others get what is left, in their order.
    fn follow(&mut self, snapshot: &Snapshot, report: &mut impl FnMut(String)) {
        let mut pairs = self.sections.iter().zip(snapshot.metrics());
        if self.sections.len() == snapshot.metrics().len()
            && pairs.all(|(section, metric)| section.describes(metric))
        {
            return;
        }
        let (on_page, left_out): (Vec<_>, Vec<_>) = mem::take(&mut self.sections)
            .into_iter()
            .partition(|section| section.left_out().is_none());
        let mut known = by_name(on_page);
        let left_out = by_name(left_out);
        let mut claims = Claims::default();
        let mut keep = |metric: &Metric| {
            let known = known.remove(metric.name());
            let kept = known.filter(|section| section.describes(metric));
            kept.inspect(|section| claims.add(section))
        };
        let kept: Vec<_> = snapshot.metrics().map(&mut keep).collect();
        let mut introduce = |metric: &Metric| {
            let mut section = Section::new(metric);
            match claims.refuse(&section) {
                None => claims.add(&section),
                Some(reason) => {
                    let known = left_out.get(metric.name());
                    if known.and_then(Section::left_out) != Some(&reason) {
                        report(reason.clone());
                    }
                    section.leave_out(reason);
                }
            }
            section
        };
        let kept = kept.into_iter().zip(snapshot.metrics());
        self.sections = kept
            .map(|(kept, metric)| kept.unwrap_or_else(|| introduce(metric)))
            .collect();
    }
}

fn by_name(sections: Vec<Section>) -> HashMap<String, Section> {
    let sections = sections.into_iter();
    sections
        .map(|section| (section.metric_name().to_owned(), section))
        .collect()
}
