//! Which metric a name on the page belongs to.

use std::collections::HashMap;

use super::section::Section;

/// The names of samples and families that are taken, and by which metric.
///
/// Different metrics can come to the same name only by the cleaning of names and by suffixes, for the registry keeps one of
/// each name. Of two the first one stays on the page: under one head they could hold the same series twice, and then
/// Prometheus refuses the page.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<String, String>);

/// What the resource is shown by.
const OF_RESOURCE: [&str; 2] = ["target", "target_info"];

impl Claims {
    /// Takes all names of a metric.
    pub(super) fn add(&mut self, section: &Section) {
        let owner = section.metric_name();
        let names = section.sample_names().into_iter();
        self.0.extend(names.map(|name| (name, owner.to_owned())));
    }

    /// Why a metric cannot be on the page, if one of its names is taken.
    pub(super) fn refuse(&self, section: &Section) -> Option<String> {
        let names = section.sample_names();
        let (name, owner) = names.iter().find_map(|name| {
            let owner = match self.0.get(name) {
                Some(owner) => format!("`{owner}`"),
                None if OF_RESOURCE.contains(&&**name) => "the resource".to_owned(),
                None => return None,
            };
            Some((name, owner))
        })?;
        let own = section.metric_name();
        Some(format!(
            "`{own}` is left out of `/metrics`: its name `{name}` there belongs to {owner}; rename one of them"
        ))
    }
}
