//! What an editor shows in annotated functions and in their attributes, by rust-analyzer.
//!
//! `just editor` runs this. Without rust-analyzer it fails; nothing is skipped.

mod analyzer;

use analyzer::Analyzer;

/// A library with annotated functions. `|` in a test is where the cursor stands.
const LIBRARY: &str = "\
use tachograph::{metered, traced};

pub struct Order {
    pub number: u64,
    pub amount: f64,
}

/// Ships an order.
pub fn ship(order: &Order) -> u64 {
    order.number
}

#[traced(fields(id = order.number), err)]
#[metered(name = \"shop.orders\")]
pub fn place(order: &Order) -> Result<u64, String> {
    let shipped = ship(order);
    Ok(shipped)
}

#[traced]
#[metered]
pub async fn pay(order: &Order) -> Result<f64, String> {
    let price = order.amount;
    Ok(price)
}
";

/// The library with `new` in the place of `old`.
fn edited(old: &str, new: &str) -> String {
    assert!(LIBRARY.contains(old), "{old}");
    LIBRARY.replacen(old, new, 1)
}

#[test]
fn in_an_editor() {
    let mut analyzer = Analyzer::start(LIBRARY);

    // Nothing that it finds wrong is wrong.
    assert_eq!(analyzer.diagnostics(), [""; 0]);

    // While an option is typed.
    let fields = "fields(id = order.number)";
    for (old, new, offered) in [
        (fields, "fields(id = |)", "order"),
        (fields, "fields(id = ord|)", "order"),
        (fields, "fields(id = order.|)", "amount"),
        (fields, "fields(id = order.am|)", "amount"),
        (fields, "fields(price = %|, id = order.number)", "order"),
        (
            fields,
            "fields(price = %order.|, id = order.number)",
            "amount",
        ),
        (fields, "on_ok(id = ok.|)", "is_power_of_two"),
        (fields, "on_err(length = err.|)", "len"),
        (fields, "error_if = shi|", "ship"),
        ("name = \"shop.orders\"", "labels(tier = order.|)", "amount"),
        (
            "name = \"shop.orders\"",
            "labels(order(order.|, max = 10))",
            "amount",
        ),
        ("#[traced]", "#[traced(fields(id = order.|))]", "amount"),
    ] {
        let offers = analyzer.completions(&edited(old, new));
        assert!(offers.iter().any(|it| it == offered), "{new}: {offers:?}");
    }

    // While a body is typed.
    for (old, new, offered) in [
        ("Ok(shipped)", "Ok(ship|)", "shipped"),
        ("Ok(shipped)", "order.|;", "amount"),
        ("Ok(price)", "Ok(pri|)", "price"),
        ("Ok(price)", "Ok(order.|)", "amount"),
    ] {
        let offers = analyzer.completions(&edited(old, new));
        assert!(offers.iter().any(|it| it == offered), "{new}: {offers:?}");
    }

    // Where the cursor is on a word.
    for (old, new, defined) in [
        ("= ship(order)", "= shi|p(order)", "pub fn ship"),
        ("Ok(shipped)", "Ok(ship|ped)", "    let shipped"),
        ("Ok(price)", "Ok(pri|ce)", "    let price"),
        ("id = order", "id = ord|er", "pub fn place"),
        ("order.number)", "order.num|ber)", "    pub number"),
    ] {
        let line = analyzer.definition(&edited(old, new));
        assert!(line.starts_with(defined), "{new}: {line}");
    }
    for (old, new, shown) in [
        ("let shipped", "let ship|ped", "let shipped: u64"),
        ("let price", "let pri|ce", "let price: f64"),
        ("order.number)", "order.num|ber)", "pub number: u64"),
        ("= ship(order)", "= shi|p(order)", "Ships an order."),
        ("#[traced(", "#[tra|ced(", "proc_macro traced"),
    ] {
        let text = analyzer.hover(&edited(old, new));
        assert!(text.contains(shown), "{new}: {text}");
    }
}
