//! `ui-tests` is of the edition 2021; what depends on the edition of the annotated code is shown for ours here.

#[path = "../../ui-tests/pass/metered/drop_order.rs"]
mod drop_order;

#[test]
fn drop_order_of_the_edition_2024() {
    drop_order::main();
}
