//! Instruments by hand, in a recorder's registry.

use tachograph::testing::Recorder;

#[test]
fn every_kind_of_instrument_shows_what_changed() {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let orders = registry
        .counter("shop.orders")
        .with_labels(["tier"])
        .build()
        .unwrap();
    let open = registry.up_down_counter("shop.open").build().unwrap();
    let load = registry.gauge("shop.load").build().unwrap();
    let size = registry.histogram("shop.size").with_unit("By");
    let size = size.with_bounds([10.0, 100.0]).build().unwrap();
    let wait = registry
        .histogram("shop.wait")
        .with_unit("s")
        .build()
        .unwrap();
    recorder.assert_metric_deltas("shop.load = 0");

    orders.get(["gold"]).add(2);
    orders.get(["not so gold"]).add(1);
    open.add(3);
    load.set(0.5);
    size.record(12.5);
    size.record(0.1);
    wait.record(0.25);
    recorder.assert_metric_deltas(
        r#"
        shop.load = 0.5
        shop.open +3
        shop.orders{tier="not so gold"} +1
        shop.orders{tier=gold} +2
        shop.size +2 sum 12.6
        shop.wait +1 sum 250ms
        "#,
    );

    open.add(-1);
    size.record(0.2);
    recorder.assert_metric_deltas(
        "
        shop.open -1
        shop.size +1 sum 0.2
        ",
    );
    recorder.assert_metric_deltas("");
}
