//! The tables of `benches/RESULTS.md`.

/// All rows of all tables.
#[derive(Debug)]
pub(crate) struct Results(Vec<Row>);

/// Our figure beside those of others.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: f64,
    /// The best first, where less is better.
    pub(crate) peers: Vec<(String, f64)>,
}

impl Results {
    /// What is no table, and rows without a figure of ours, are passed over.
    pub(crate) fn parse(text: &str) -> Self {
        let mut rows = Vec::new();
        let mut table: Vec<Vec<&str>> = Vec::new();
        // A last empty line ends the last table.
        for line in text.lines().chain([""]) {
            if let Some(line) = line.strip_prefix('|') {
                let cells = line.trim_end_matches('|').split('|').map(str::trim);
                table.push(cells.collect());
            } else if let Some((head, body)) = table.split_first() {
                rows.extend(read(head, body));
                table.clear();
            }
        }
        Self(rows)
    }

    /// The row whose name begins so. Rows may say more after it, such as how many they are.
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        let exact = self.0.iter().find(|row| row.name == name);
        exact.or_else(|| self.0.iter().find(|row| row.name.starts_with(name)))
    }
}

/// The rows of a table with a column of ours, or the columns of one with a row of ours.
fn read(head: &[&str], body: &[Vec<&str>]) -> Vec<Row> {
    let column = |name: &str| head.iter().position(|cell| *cell == name);
    if let (Some(ours), Some(peers)) = (column("ours"), column("peers")) {
        let row = |cells: &Vec<&str>| {
            let mut peers: Vec<_> = cells.get(peers)?.split(", ").filter_map(peer).collect();
            peers.sort_by(|(_, one), (_, other)| one.total_cmp(other));
            Some(Row {
                name: (*cells.first()?).to_owned(),
                ours: figure(cells.get(ours)?)?,
                peers,
            })
        };
        return body.iter().filter_map(row).collect();
    }
    let Some(ours) = body.iter().find(|cells| cells.first() == Some(&"ours")) else {
        return Vec::new();
    };
    let row = |at: usize| {
        let others = body.iter().filter(|cells| {
            !matches!(cells.first(), None | Some(&"ours" | &"budget")) && !is_rule(cells)
        });
        let peers = others
            .filter_map(|cells| Some(((*cells.first()?).to_owned(), figure(cells.get(at)?)?)));
        Some(Row {
            name: (*head.get(at)?).to_owned(),
            ours: figure(ours.get(at)?)?,
            peers: peers.collect(),
        })
    };
    (1..head.len()).filter_map(row).collect()
}

/// The line below a head.
fn is_rule(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.starts_with("--"))
}

/// `fastrace 77.3`
fn peer(text: &str) -> Option<(String, f64)> {
    let (name, nanos) = text.rsplit_once(' ')?;
    Some((name.to_owned(), figure(nanos)?))
}

/// A number, in bold where a budget was missed.
fn figure(text: &str) -> Option<f64> {
    let figure: f64 = text.trim_matches('*').replace(',', "").parse().ok()?;
    figure.is_finite().then_some(figure)
}

#[cfg(test)]
mod tests {
    use super::{Results, Row};

    const TEXT: &str = "\
text | with a bar

| nanoseconds | ours | budget | peers | ratio |
|---|---|---|---|---|
| a call | **1,055.5** | 30 | `metrics` handles 167.7, fastrace 77 | 0.33 |
| alone | 2 | | | |
| not measured | NaN | | | |

| threads | a call | two over one |
|---|---|---|
| budget | 32 | 1.9 |
| ours | 64.2 | **1.76** |
| other | 615.1 | NaN |
";

    fn row(name: &str, ours: f64, peers: &[(&str, f64)]) -> Row {
        let peers = peers
            .iter()
            .map(|(name, figure)| ((*name).to_owned(), *figure));
        Row {
            name: name.to_owned(),
            ours,
            peers: peers.collect(),
        }
    }

    #[test]
    fn rows_and_columns_of_ours_are_read() {
        let Results(rows) = Results::parse(TEXT);
        assert_eq!(
            rows,
            [
                row(
                    "a call",
                    1055.5,
                    &[("fastrace", 77.0), ("`metrics` handles", 167.7)]
                ),
                row("alone", 2.0, &[]),
                row("a call", 64.2, &[("other", 615.1)]),
                row("two over one", 1.76, &[]),
            ]
        );
    }

    #[test]
    fn the_whole_name_goes_before_its_beginning() {
        let text = TEXT
            .replace("| alone |", "| a call, async |")
            .replace("| a call | **", "| a call with labels | **");
        let results = Results::parse(&text);
        let ours = |name| results.row(name).map(|row| row.ours.to_string());
        assert_eq!(ours("a call, async").as_deref(), Some("2"));
        assert_eq!(ours("a call").as_deref(), Some("64.2"));
        assert_eq!(ours("a call with").as_deref(), Some("1055.5"));
        assert_eq!(ours("none"), None);
    }
}
