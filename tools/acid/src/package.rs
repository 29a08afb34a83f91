//! Sources of published crates: where cargo keeps them, and the copies that are changed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Fallible;
use crate::annotate::{self, Tally};
use crate::cases::Case;

/// A copy of a published package, in a folder of its own.
pub(crate) struct Package {
    pub(crate) dir: PathBuf,
    target: PathBuf,
}

/// Lets cargo download a package, through an empty one in `dir` that depends on it, and says where it is.
pub(crate) fn fetch(case: &Case, dir: &Path) -> Fallible<PathBuf> {
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("src/lib.rs"), "")?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nedition = \"2024\"\n[dependencies]\n{} = \"={}\"\n[workspace]\n",
        case.name, case.version
    );
    fs::write(dir.join("Cargo.toml"), manifest)?;
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .current_dir(dir)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let is_wanted =
        |package: &&Value| package["name"] == case.name && package["version"] == case.version;
    metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().find(is_wanted)?["manifest_path"].as_str())
        .and_then(|manifest| Path::new(manifest).parent())
        .map(Path::to_owned)
        .ok_or_else(|| format!("cargo has not downloaded {}", case.krate()).into())
}

impl Package {
    pub(crate) fn copy(published: &Path, dir: PathBuf, target: PathBuf) -> Fallible<Self> {
        copy(published, &dir)?;
        let package = Self { dir, target };
        // Apart from whatever workspace the folder is in.
        if !fs::read_to_string(package.manifest())?.contains("[workspace]") {
            package.append("[workspace]")?;
        }
        Ok(package)
    }

    /// Forgets the published lock file.
    pub(crate) fn unlock(&self) -> Fallible<()> {
        Ok(fs::remove_file(self.dir.join("Cargo.lock"))?)
    }

    /// A command of cargo for this package. What it builds is shared by all packages in the folder.
    pub(crate) fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .arg(command)
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "0");
        cargo
    }

    /// Puts both attributes on every function below `src`.
    pub(crate) fn annotate(&self) -> Fallible<Tally> {
        let mut tally = Tally::default();
        let roots = self.roots_of_2015()?;
        for file in rust_files(&self.dir.join("src"))? {
            let source = fs::read_to_string(&file)?;
            let annotated = annotate::annotate(&source, roots.contains(&file), &mut tally)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            fs::write(&file, annotated)?;
        }
        Ok(tally)
    }

    /// Where crates of the edition 2015 begin, in which `::tachograph` has to be declared.
    fn roots_of_2015(&self) -> Fallible<Vec<PathBuf>> {
        let output = self
            .cargo("metadata")
            .args(["--format-version", "1", "--no-deps"])
            .output()?;
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let targets = metadata["packages"][0]["targets"].as_array();
        let of_2015 = targets
            .into_iter()
            .flatten()
            .filter(|target| target["edition"] == "2015");
        let roots = of_2015.filter_map(|target| target["src_path"].as_str());
        Ok(roots.map(PathBuf::from).collect())
    }

    /// Makes the package at `path` what `::tachograph` means.
    ///
    /// Tests may call a function a hundred million times, so the runtime is optimized, as in a release build.
    pub(crate) fn depend_on(&self, package: &str, path: &Path) -> Fallible<()> {
        let path = path.canonicalize()?;
        let path = path.display();
        // Published manifests have no inline tables: a table of one's own goes anywhere.
        self.append(&format!(
            "[dependencies.tachograph]
package = \"{package}\"
path = \"{path}\"
[profile.dev.package.tachograph]
opt-level = 3
[profile.dev.package.quanta]
opt-level = 3"
        ))
    }

    fn append(&self, table: &str) -> Fallible<()> {
        let mut manifest = fs::OpenOptions::new().append(true).open(self.manifest())?;
        Ok(write!(manifest, "\n{table}\n")?)
    }

    fn manifest(&self) -> PathBuf {
        self.dir.join("Cargo.toml")
    }
}

fn copy(from: &Path, to: &Path) -> Fallible<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn rust_files(dir: &Path) -> Fallible<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
