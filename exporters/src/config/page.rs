//! The tables of `docs/configuration.md`, written from the declarations of options and of metrics.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use expect_test::expect_file;

use super::setting::Setting;
use super::{general, limits, recording, resource, schedule, selection, server};
use crate::backends;
use crate::pipeline::tally::declared;

/// An option, whatever the type of its values.
pub(crate) trait Declared: Sync {
    fn variables(&self) -> &'static [&'static str];
    /// Its row of a table.
    fn row(&self) -> String;
    /// Whether its default makes sense.
    fn has_sensible_default(&self) -> bool;
}

impl<T: Clone> Declared for Setting<T>
where
    Self: Sync,
{
    fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    fn row(&self) -> String {
        let quoted = |text: &&str| match *text {
            "" => String::new(),
            text => format!("`{text}`"),
        };
        let variables = self.variables.iter().map(quoted).collect::<Vec<_>>();
        let secret = self.is_secret.then(|| "**secret**".to_owned());
        let values = [self.kind.values()].into_iter().chain(secret);
        let values = values.filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let cells = [
            variables.join("<br>"),
            quoted(&self.code),
            quoted(&self.key),
            values.join("; "),
            quoted(&self.default),
            self.sentence.to_owned(),
        ];
        format!("| {} |\n", cells.join(" | "))
    }

    fn has_sensible_default(&self) -> bool {
        self.default.is_empty() || self.kind.read(self.default).is_ok()
    }
}

/// All options, by the name of their table.
fn tables() -> Vec<(&'static str, Vec<&'static dyn Declared>)> {
    let mut tables = vec![
        ("general", general::SETTINGS.to_vec()),
        ("resource", resource::SETTINGS.to_vec()),
        ("recording", recording::SETTINGS.to_vec()),
        ("selection", selection::SETTINGS.to_vec()),
        ("server", server::SETTINGS.to_vec()),
        ("delivery", schedule::SETTINGS.to_vec()),
        ("limits", limits::SETTINGS.to_vec()),
    ];
    let compiled_in = backends::ALL.iter().filter_map(|(_, backend)| *backend);
    tables.extend(compiled_in.map(|it| (it.name, it.settings.to_vec())));
    tables
}

/// The page with its tables written anew. Tables of what is not compiled in stay as they are.
fn page(mut page: String) -> String {
    for (name, settings) in tables() {
        let begin = format!("<!-- options: {name} -->\n");
        let rows = settings.iter().map(|setting| setting.row());
        let head = "variable | in code | in a file | values | default | what";
        fill(&mut page, &begin, head, rows);
    }
    let head = "metric | instrument | unit | labels | what";
    fill(&mut page, "<!-- metrics -->\n", head, declared::rows());
    page
}

/// Writes one table in its place.
fn fill(page: &mut String, begin: &str, head: &str, rows: impl IntoIterator<Item = String>) {
    let start = page.find(begin).expect("each table has a place") + begin.len();
    let end = page[start..].find("<!-- end -->");
    let end = start + end.expect("each place has an end");
    let line = "|---".repeat(head.split('|').count());
    let mut table = format!("\n| {head} |\n{line}|\n");
    table.extend(rows);
    table.push('\n');
    page.replace_range(start..end, &table);
}

/// `just configuration` writes the page.
#[test]
#[cfg_attr(
    all(feature = "otlp", not(feature = "otlp-grpc")),
    ignore = "without gRPC the table of OTLP lacks a row"
)]
fn the_page_says_what_the_declarations_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let written = fs::read_to_string(&path).expect("the page is there");
    expect_file![path].assert_eq(&page(written));
}

#[test]
fn defaults_are_values() {
    for (name, settings) in tables() {
        for setting in settings {
            assert!(setting.has_sensible_default(), "{name}: {}", setting.row());
        }
    }
}

/// The names of all variables that are declared.
pub(crate) fn declared_variables() -> BTreeSet<String> {
    let settings = tables().into_iter().flat_map(|(_, settings)| settings);
    let declared = settings.flat_map(Declared::variables);
    let named = declared.flat_map(|declared| {
        ["TRACES", "METRICS"].map(|signal| declared.replace("{SIGNAL}", signal))
    });
    named.collect()
}
