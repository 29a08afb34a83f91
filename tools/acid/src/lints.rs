//! What the compiler and clippy think of a package, pedantic lints among it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Fallible;
use crate::cases::Case;
use crate::package::Package;

/// Lints that look at a body as it is written, which an attribute changes; the README says more.
const EXPLAINED: [&str; 5] = [
    "clippy::missing_errors_doc",
    "clippy::must_use_candidate",
    "clippy::non_canonical_clone_impl",
    "clippy::non_canonical_partial_ord_impl",
    "unfulfilled_lint_expectations",
];

/// How often each lint fires, by its name. What they say goes to `lints.txt` in the package.
pub(crate) struct Lints(BTreeMap<String, usize>);

pub(crate) fn run(package: &Package, case: &Case) -> Fallible<Lints> {
    let output = package
        .cargo("clippy")
        .args(case.features())
        .args(["--tests", "--no-deps", "--message-format", "json"])
        .args(["--", "--warn", "clippy::pedantic", "--cap-lints", "warn"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut lints = Lints(BTreeMap::new());
    let mut said = String::new();
    for message in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let message = message?;
        let manifest = message["manifest_path"].as_str().map(Path::new);
        let diagnostic = &message["message"];
        if let Some(lint) = diagnostic["code"]["code"].as_str()
            && manifest.is_some_and(|manifest| manifest.starts_with(&package.dir))
        {
            *lints.0.entry(lint.to_owned()).or_default() += 1;
            let rendered = diagnostic["rendered"].as_str().unwrap_or_default();
            writeln!(said, "{lint}\n{rendered}")?;
        }
    }
    fs::write(package.dir.join("lints.txt"), said)?;
    Ok(lints)
}

impl Lints {
    /// Which lints fire more often than before, short of those that are explained.
    pub(crate) fn differences(&self, before: &Self) -> Vec<String> {
        let more = self.0.iter().filter_map(|(lint, &count)| {
            let was = before.0.get(lint).copied().unwrap_or_default();
            let noticed = count > was && !EXPLAINED.contains(&lint.as_str());
            noticed.then(|| format!("annotated: `{lint}` fires {count} times, not {was}"))
        });
        more.collect()
    }
}
