//! Writes the figures of `docs/cost.md`, and draws `docs/cost.svg`, from what `benches/RESULTS.md` says.
//!
//! `just cost-page` runs it. Nobody types a figure twice: a test fails while the page and the results differ.

mod chart;
mod page;
mod results;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use results::Results;

/// A file of the repository, and what belongs into it.
struct Written {
    path: PathBuf,
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    for Written { path, text } in write()? {
        fs::write(&path, text)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn write() -> Result<[Written; 2], Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let results = Results::parse(&fs::read_to_string(root.join("benches/RESULTS.md"))?);
    let page = root.join("docs/cost.md");
    let text = page::fill(&fs::read_to_string(&page)?, &results)?;
    Ok([
        Written { path: page, text },
        Written {
            path: root.join("docs/cost.svg"),
            text: chart::draw(&results),
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::{Written, write};
    use std::fs;

    #[test]
    fn the_page_has_the_figures_of_the_results() {
        for Written { path, text } in write().unwrap() {
            assert!(
                fs::read_to_string(&path).unwrap_or_default() == text,
                "{} is not what the results say: `just cost-page`",
                path.display()
            );
        }
    }
}
