//! The rules for names, which the macros and the runtime have in common.

#[test]
fn macros_and_runtime_have_the_same_rules() {
    let of_the_macros = include_str!("../../macros/src/rules.rs");
    let of_the_runtime = include_str!("../../runtime/src/metrics/rules.rs");
    assert_eq!(of_the_macros, of_the_runtime);
}
