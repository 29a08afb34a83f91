//! What annotations cost at compile time: a crate of 300 functions, bare and under each framework, touched and rebuilt.
//!
//! `just compile-cost` runs it. The variants take turns, round after round, so that a busy machine slows all of them
//! alike; what counts is the median of each and how the medians stand to each other.

mod variants;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use variants::{VARIANTS, Variant};

/// Annotated functions of one crate; a third each are plain, fallible and async.
const FUNCTIONS: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let (rounds, folder) = arguments()?;
    let crates = VARIANTS
        .iter()
        .map(|variant| Crate::generate(variant, &folder))
        .collect::<Result<Vec<_>, _>>()?;
    for generated in &crates {
        eprintln!("building {} and what it depends on", generated.variant.name);
        generated.build()?;
    }
    let mut times = vec![Vec::new(); crates.len()];
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (generated, times) in crates.iter().zip(&mut times) {
            generated.touch()?;
            let start = Instant::now();
            generated.build()?;
            times.push(start.elapsed());
        }
    }
    let medians: Vec<_> = times.into_iter().map(median).collect();
    println!(
        "| {FUNCTIONS} functions, touched and rebuilt (debug) | seconds | over the bare crate |\n|---|---|---|"
    );
    for (variant, median) in VARIANTS.iter().zip(&medians) {
        let over = median.as_secs_f64() - medians[0].as_secs_f64();
        println!(
            "| {} | {:.2} | {over:.2} |",
            variant.name,
            median.as_secs_f64()
        );
    }
    Ok(())
}

fn arguments() -> Result<(usize, PathBuf), lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt};

    let (mut rounds, mut folder) = (7, PathBuf::from("target/compile-cost"));
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("rounds") => rounds = parser.value()?.parse()?,
            Long("folder") => folder = parser.value()?.into(),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok((rounds.max(1), folder))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A generated crate.
struct Crate {
    variant: &'static Variant,
    folder: PathBuf,
}

impl Crate {
    fn generate(variant: &'static Variant, parent: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = parent.join(variant.package);
        fs::create_dir_all(folder.join("src"))?;
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime");
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{}\n",
            variant.package,
            variant
                .dependency
                .replace("RUNTIME", &runtime.display().to_string()),
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/lib.rs"), source(variant)?)?;
        Ok(Self { variant, folder })
    }

    fn touch(&self) -> std::io::Result<()> {
        let source = self.folder.join("src/lib.rs");
        fs::File::options()
            .append(true)
            .open(source)?
            .set_modified(std::time::SystemTime::now())
    }

    /// # Errors
    ///
    /// Cargo cannot be started, or does not succeed; what it said is on the standard error.
    fn build(&self) -> Result<(), Box<dyn Error>> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What dependencies the crates share is built once.
        cargo
            .args(["build", "--quiet", "--target-dir", "../target"])
            .current_dir(&self.folder);
        let status = cargo
            .env("CARGO_INCREMENTAL", "1")
            .stdin(Stdio::null())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{} does not build", self.variant.package).into())
        }
    }
}

/// The functions, as a service has them: small, with an argument or two, a third fallible and a third async.
fn source(variant: &Variant) -> Result<String, std::fmt::Error> {
    let attributes = variant.attributes;
    let mut source = variant.imports.to_owned();
    for number in 0..FUNCTIONS / 3 {
        write!(
            source,
            "
{attributes}
pub fn plain_{number}(a: u64, b: &str) -> usize {{
    let sum = a as usize + b.len();
    if sum > {number} {{ sum - {number} }} else {{ sum }}
}}
{attributes}
pub fn fallible_{number}(a: u64, b: String) -> Result<u64, String> {{
    let more: u64 = b.parse().map_err(|_| b.clone())?;
    if more > a {{ return Err(b); }}
    Ok(plain_{number}(a, &b) as u64 + more)
}}
{attributes}
pub async fn asynchronous_{number}(a: u64, b: String) -> Result<u64, String> {{
    let first = fallible_{number}(a, b.clone())?;
    std::future::ready(()).await;
    fallible_{number}(first, b)
}}
"
        )?;
    }
    Ok(source)
}
