//! Two versions of `tachograph` in one program: it links, it runs, and neither sees the other.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const PROGRAM: &str = r#"
#[tachograph::metered]
fn present() {}

#[future::metered(crate = ::future)]
fn yet_to_come() {}

fn main() {
    let (now, then) = (tachograph::testing::Recorder::new(), future::testing::Recorder::new());
    now.in_scope(|| then.in_scope(|| {
        present();
        yet_to_come();
    }));
    for site in tachograph::sites() {
        println!("now {}", site.path());
    }
    print!("{}", now.metric_deltas());
    for site in future::sites() {
        println!("then {}", site.path());
    }
    print!("{}", then.metric_deltas());
}
"#;

const OUTPUT: &str = "\
now two_versions::present
function.calls{function=present,module=two_versions,result=ok} +1
function.calls.duration{function=present,module=two_versions,result=ok} +1 sum 0ns
then two_versions::yet_to_come
function.calls{function=yet_to_come,module=two_versions,result=ok} +1
function.calls.duration{function=yet_to_come,module=two_versions,result=ok} +1 sum 0ns
";

#[test]
fn two_versions_in_one_program_keep_apart() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-versions");
    copy_with_another_version(here, &project);
    write_program(here, &project);

    // Built beside this test, so that what both need is built once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let run = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args([
            "run",
            "--quiet",
            "--offline",
            "--package",
            "two-versions",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(&project)
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{messages}");
    let output = String::from_utf8_lossy(&run.stdout);
    assert_eq!(output, OUTPUT);
}

/// A workspace like ours, of a version that we shall never have.
fn copy_with_another_version(here: &Path, project: &Path) {
    let version = env!("CARGO_PKG_VERSION");
    let manifest = fs::read_to_string(here.join("Cargo.toml")).unwrap();
    let members = manifest
        .lines()
        .find(|line| line.starts_with("members = "))
        .unwrap();
    let manifest = manifest
        .replace(
            members,
            r#"members = ["macros", "runtime", "two-versions"]"#,
        )
        .replace(&format!("{version}\""), "999.0.0\"");
    write(&project.join("Cargo.toml"), &manifest);
    let lock = fs::read_to_string(here.join("Cargo.lock")).unwrap();
    write(&project.join("Cargo.lock"), &lock);
    for part in ["macros", "runtime"] {
        write(
            &project.join(part).join("Cargo.toml"),
            &fs::read_to_string(here.join(part).join("Cargo.toml")).unwrap(),
        );
        for source in sources(&here.join(part).join("src")) {
            let copy = project.join(source.strip_prefix(here).unwrap());
            write(&copy, &fs::read_to_string(&source).unwrap());
        }
        // One that was moved since the last run would be there twice.
        for copy in sources(&project.join(part).join("src")) {
            if !here.join(copy.strip_prefix(project).unwrap()).exists() {
                fs::remove_file(copy).unwrap();
            }
        }
    }
}

fn write_program(here: &Path, project: &Path) {
    let manifest = format!(
        r#"
[package]
name = "two-versions"
version = "0.0.0"
edition = "2024"

[dependencies]
tachograph = {{ path = '{}', features = ["testing"] }}
future = {{ package = "tachograph", path = "../runtime", features = ["testing"] }}
"#,
        here.join("runtime").display()
    );
    write(&project.join("two-versions/Cargo.toml"), &manifest);
    write(&project.join("two-versions/src/main.rs"), PROGRAM);
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| sources(folder)));
    files
}

/// Writes a file, unless it is there already: what has not changed is not built again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
