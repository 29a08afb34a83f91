//! What the macros refuse (`fail/`, with the compiler's answer beside each file) and what they accept (`pass/`).
//!
//! `TRYBUILD=overwrite cargo test -p tachograph-ui-tests` records the answers anew.

use std::fs;
use std::path::{Path, PathBuf};

#[rustversion::attr(not(stable(1.95)), ignore = "messages are recorded with Rust 1.95")]
#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/**/*.rs");
    cases.compile_fail("fail/**/*.rs");
}

/// One fault, one `error:`, and no other because of it. That the function is called shows that it is still there.
#[test]
fn each_fault_is_one_error() {
    let cases = sources(Path::new("fail"));
    assert!(cases.len() > 50, "found only {} cases", cases.len());
    for case in cases {
        let source = fs::read_to_string(&case).unwrap();
        let answer = fs::read_to_string(case.with_extension("stderr")).unwrap();
        let faults = source
            .strip_prefix("// ")
            .and_then(|first| first.split_once(" faults\n"))
            .map_or(1, |(number, _)| number.parse().unwrap());
        let errors = answer
            .lines()
            .filter(|line| line.starts_with("error"))
            .count();
        assert_eq!(errors, faults, "{}:\n{answer}", case.display());
        assert!(
            !source.contains("fn main() {}"),
            "{} calls nothing",
            case.display()
        );
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .partition(|path| path.is_dir());
    let nested = folders.iter().flat_map(|folder| sources(folder));
    nested
        .chain(
            files
                .into_iter()
                .filter(|file| file.extension().is_some_and(|it| it == "rs")),
        )
        .collect()
}
