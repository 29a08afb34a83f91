//! The chart: nanoseconds of a call, ours and the best peers', on a logarithmic scale.
//!
//! It has a background of its own and follows the reader's preference for light or dark. What it shows is also in its
//! description, for who does not see it.

use std::fmt::Write as _;

use crate::page::short;
use crate::results::{Results, Row};

/// What is shown, under which name.
const ROWS: [(&str, &str); 8] = [
    ("nothing listens", "nothing listens"),
    (
        "nothing listens, async",
        "nothing listens, async, one suspension",
    ),
    ("#[metered]", "`#[metered]`"),
    ("#[metered], two labels", "`#[metered]` with two labels"),
    ("#[traced], child span", "`#[traced]` child span"),
    (
        "#[traced], child span, async",
        "`#[traced]` child span, async, one suspension",
    ),
    (
        "#[traced], not sampled",
        "`#[traced]` child span, not sampled",
    ),
    ("both, child span", "both attributes, sampled child"),
];
/// Peers of a row: the best ones.
const PEERS: usize = 2;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 220.0;
/// For the text of a mark at the end of the scale.
const RIGHT: f64 = 170.0;
const TOP: f64 = 64.0;
const LINE: f64 = 17.0;
const GAP: f64 = 11.0;
/// The scale ends here, in powers of ten; it begins at one nanosecond.
const DECADES: u8 = 4;

const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 15px; font-weight: 600 }
    .muted { fill: #59636e; font-size: 12px }
    .ours { font-weight: 600; fill: #0550ae }
    .paper { fill: #ffffff }
    .grid { stroke: #d1d9e0 }
    line.ours { stroke: #0969da; stroke-width: 3 }
    circle.ours { fill: #0969da }
    line.peer { stroke: #818b98; stroke-width: 2 }
    circle.peer { fill: #818b98 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .muted { fill: #9198a1 }
      .ours { fill: #79c0ff }
      .paper { fill: #0d1117 }
      .grid { stroke: #3d444d }
      line.ours { stroke: #4493f8 }
      circle.ours { fill: #4493f8 }
    }
";

/// The chart as SVG; rows that were not measured are left out.
pub(crate) fn draw(results: &Results) -> String {
    let rows = ROWS.iter();
    let rows: Vec<_> = rows
        .filter_map(|(name, row)| Some((*name, contenders(results.row(row)?))))
        .collect();
    let mut marks = String::new();
    let mut y = TOP;
    for (name, contenders) in &rows {
        let _ = writeln!(marks, r#"  <text x="16" y="{:.0}">{name}</text>"#, y + 12.0);
        for (contender, nanos) in contenders {
            mark(&mut marks, contender, *nanos, y + 8.0);
            y += LINE;
        }
        y += GAP;
    }
    let height = y + 28.0;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0} {height:.0}" width="{WIDTH:.0}" height="{height:.0}" role="img" aria-labelledby="title description">
  <title id="title">What an annotated call costs, in nanoseconds over the bare call</title>
  <desc id="description">{}</desc>
  <style>
{STYLE}  </style>
  <rect class="paper" width="100%" height="100%" rx="8"/>
  <text class="title" x="16" y="28">What an annotated call costs</text>
  <text class="muted" x="16" y="46">nanoseconds over the bare call, logarithmic; the best two peers of each row</text>
"#,
        description(&rows)
    );
    for decade in 0..=DECADES {
        let nanos = 10_u32.pow(decade.into());
        let x = place(nanos.into());
        let end = y - GAP / 2.0;
        let _ = writeln!(
            svg,
            r#"  <line class="grid" x1="{x:.1}" y1="{:.0}" x2="{x:.1}" y2="{end:.0}"/>
  <text class="muted" x="{x:.1}" y="{:.0}" text-anchor="middle">{nanos}</text>"#,
            TOP - 6.0,
            end + 16.0
        );
    }
    svg + &marks + "</svg>\n"
}

/// Ours and the best peers.
fn contenders(row: &Row) -> Vec<(String, f64)> {
    let peers = row.peers.iter().take(PEERS);
    let peers = peers.map(|(name, nanos)| (name.replace('`', ""), *nanos));
    [("tachograph".to_owned(), row.ours)]
        .into_iter()
        .chain(peers)
        .collect()
}

fn mark(svg: &mut String, contender: &str, nanos: f64, y: f64) {
    let class = if contender == "tachograph" {
        "ours"
    } else {
        "peer"
    };
    let x = place(nanos);
    let start = place(1.0);
    let text_class = if class == "ours" { "ours" } else { "muted" };
    let _ = writeln!(
        svg,
        r#"  <line class="{class}" x1="{start:.1}" y1="{y:.1}" x2="{x:.1}" y2="{y:.1}"/>
  <circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="4.5"/>
  <text class="{text_class}" x="{:.1}" y="{:.1}">{contender} {}</text>"#,
        x + 9.0,
        y + 4.0,
        short(nanos)
    );
}

/// The horizontal place of a figure; what is below a nanosecond stands at the beginning.
fn place(nanos: f64) -> f64 {
    let decades = nanos.max(1.0).log10().min(f64::from(DECADES));
    LEFT + (WIDTH - LEFT - RIGHT) * decades / f64::from(DECADES)
}

fn description(rows: &[(&str, Vec<(String, f64)>)]) -> String {
    let line = |(name, contenders): &(&str, Vec<(String, f64)>)| {
        let contenders = contenders.iter();
        let contenders: Vec<_> = contenders
            .map(|(contender, nanos)| format!("{contender} {}", short(*nanos)))
            .collect();
        format!("{name}: {}.", contenders.join(", "))
    };
    rows.iter().map(line).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::results::Results;

    #[test]
    fn a_chart_shows_the_best_peers_and_says_what_it_shows() {
        let svg = draw(&Results::parse(
            "| n | ours | peers |\n|---|---|---|\n| `#[metered]` | 55.5 | `a` 80, b 900, c 70 |\n",
        ));
        assert!(svg.contains("#[metered]: tachograph 56, c 70, a 80.</desc>"));
        assert!(svg.contains("c 70</text>") && !svg.contains("b 900"));
        assert!(svg.contains("prefers-color-scheme: dark"));
        assert_eq!(svg.matches("<circle").count(), 3);
    }
}
