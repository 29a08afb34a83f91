//! The tables of the page, each between two comments.

use std::fmt::Write as _;

use crate::results::Results;

/// A table, and the rows of the results that it shows.
struct Table {
    /// What stands in the comment before it.
    name: &'static str,
    unit: &'static str,
    rows: &'static [&'static str],
}

const TABLES: [Table; 4] = [
    Table {
        name: "calls",
        unit: "nanoseconds a call",
        rows: &[
            "nothing listens",
            "nothing listens, async, one suspension",
            "for scale: two clock readings",
            "`#[metered]`",
            "`#[metered]` with two labels",
            "`#[metered]`, one call in 64 timed",
            "`#[metered]` with a label of 100 strings",
            "`#[traced]` child span",
            "`#[traced]` child span, all threads",
            "`#[traced]` child span with 4 integers",
            "`#[traced]` child span, async, one suspension",
            "`#[traced]` root span with one child",
            "`#[traced]` child span, not sampled",
            "`#[traced]` root span, not sampled",
            "both attributes, sampled child",
            "both attributes, sampled child, async, one suspension",
        ],
    },
    Table {
        name: "threads",
        unit: "`#[metered]`, several threads on one function",
        rows: &[
            "throughput of two threads over one",
            "of 16 threads over two",
        ],
    },
    Table {
        name: "leaving",
        unit: "nanoseconds",
        rows: &[
            "span to OTLP protobuf",
            "span to OTLP protobuf, 4 attributes",
            "scrape of 100,000 counters with 3 labels, a series",
            "scrape of 1,000 histograms of 12 buckets",
        ],
    },
    Table {
        name: "memory",
        unit: "bytes",
        rows: &[
            "bytes of writable data for each annotated function",
            "bytes of memory of a labelled function's series, one thread",
            "bytes of memory of a labelled function's series, each further thread",
            "bytes of memory of a counter with 3 labels",
            "bytes of memory of a histogram of 12 buckets with 3 labels",
            "bytes of memory of a waiting span with 4 attributes",
            "bytes of a future, 4 nested calls",
        ],
    },
];

/// The page with the figures of these results.
///
/// # Errors
///
/// The page lacks the place for a table.
pub(crate) fn fill(page: &str, results: &Results) -> Result<String, String> {
    TABLES.iter().try_fold(page.to_owned(), |page, table| {
        let begin = format!("<!-- figures: {} -->\n", table.name);
        let place = page.split_once(&begin);
        let place =
            place.and_then(|(before, rest)| Some((before, rest.split_once("<!-- end -->")?.1)));
        let (before, after) = place.ok_or_else(|| format!("no place for `{}`", table.name))?;
        Ok(format!(
            "{before}{begin}{}<!-- end -->{after}",
            table.text(results)
        ))
    })
}

impl Table {
    /// Rows that were not measured are left out.
    fn text(&self, results: &Results) -> String {
        let mut text = format!("| {} | ours | others |\n|---|---|---|\n", self.unit);
        for row in self.rows.iter().filter_map(|row| results.row(row)) {
            let peers = row
                .peers
                .iter()
                .map(|(name, figure)| format!("{name} {}", short(*figure)));
            let peers: Vec<_> = peers.collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                row.name,
                short(row.ours),
                peers.join(", ")
            );
        }
        text
    }
}

/// As many digits as are worth reading.
pub(crate) fn short(figure: f64) -> String {
    if figure < 2.0 {
        format!("{figure:.2}")
    } else if figure < 20.0 {
        format!("{figure:.1}")
    } else {
        format!("{figure:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::fill;
    use crate::results::Results;

    #[test]
    fn tables_are_replaced_and_text_is_kept() {
        let results =
            "| n | ours | peers |\n|---|---|---|\n| `#[metered]` | 55.5 | b 900, a 1.25 |\n";
        let page = "before\n<!-- figures: calls -->\nold\n<!-- end -->\n<!-- figures: threads -->\n<!-- end -->\n\
                    <!-- figures: leaving -->\n<!-- end -->\n\
                    <!-- figures: memory -->\n<!-- end -->\nafter\n";
        let filled = fill(page, &Results::parse(results)).unwrap();
        assert!(filled.starts_with(
            "before\n<!-- figures: calls -->\n| nanoseconds a call | ours | others |\n|---|---|---|\n\
             | `#[metered]` | 56 | a 1.25, b 900 |\n<!-- end -->\n"
        ));
        assert!(filled.ends_with("<!-- end -->\nafter\n"));
        assert!(fill("", &Results::parse(results)).is_err());
    }
}
