//! Prometheus scrapes: values, exemplars, and pages without a complaint.

use std::time::{Duration, SystemTime};

use tachograph::trace::Span;
use tachograph::{metered, traced};
use tachograph_exporters::Telemetry;

use super::http::get;
use super::prometheus::{Prometheus, promtool_check_metrics};
use super::shop::Shop;

const BOUND: Duration = Duration::from_secs(30);

#[traced]
#[metered]
fn weigh(parcel: u32) -> Result<u32, String> {
    if parcel > 9 {
        Err("too heavy".to_owned())
    } else {
        Ok(parcel)
    }
}

#[test]
fn prometheus_gives_values_and_exemplars_back() {
    let telemetry = Telemetry::builder("weighing")
        .serve("127.0.0.1:0")
        .install()
        .expect("installs");
    let mut trace = Span::start("trace");
    let trace_id = trace.context().expect("spans are on").trace_id.to_string();
    trace.in_scope(|| (1..=12).for_each(|parcel| drop(weigh(parcel))));
    trace.end();

    let before = SystemTime::now() - Duration::from_secs(60);
    let prometheus = Prometheus::start(&[telemetry.server_address().expect("a server")]);
    for (result, calls) in [("ok", "9"), ("error", "3")] {
        let query = format!("function_calls_total{{function=\"weigh\",result=\"{result}\"}}");
        prometheus.wait_for_query(&query, BOUND, |series| series[0]["value"][1] == calls);
    }
    let duration = "function_calls_duration_seconds";
    let count = prometheus.query(&format!(
        "{duration}_count{{function=\"weigh\",result=\"ok\"}}"
    ));
    assert_eq!(count[0]["value"][1], "9");
    let bucket = prometheus.query(&format!(
        "{duration}_bucket{{function=\"weigh\",result=\"ok\",le=\"+Inf\"}}"
    ));
    assert_eq!(bucket[0]["value"][1], "9");
    let target = prometheus.query("target_info");
    assert_eq!(target[0]["metric"]["service_name"], "weighing");

    let query = format!("{duration}_bucket{{function=\"weigh\"}}");
    let exemplars =
        prometheus.query_exemplars(&query, before, SystemTime::now() + Duration::from_secs(60));
    assert_eq!(
        exemplars[0]["exemplars"][0]["labels"]["trace_id"],
        trace_id.as_str(),
        "{exemplars:#}"
    );
    telemetry.shutdown(BOUND).expect("shuts down");
}

#[test]
fn prometheus_scrapes_the_shop_and_promtool_is_silent() {
    let shop = Shop::open();
    let prometheus = Prometheus::start(&[shop.telemetry()]);
    prometheus.wait_for_query(
        "shop_orders_calls_total{tier=\"member\",result=\"ok\"} > 0",
        BOUND,
        |series| series[0].is_object(),
    );
    prometheus.wait_for_query("up", BOUND, |series| series[0]["value"][1] == "1");
    // Payments take 0.3 to 1.5 ms and what the machine adds to it; their buckets end at powers of two.
    let buckets = "shop_payments_calls_duration_seconds_bucket{result=\"ok\"}";
    let median = format!("histogram_quantile(0.5, {buckets}) > 0.0002");
    prometheus.wait_for_query(&median, BOUND, |series| series[0].is_object());

    let page = get(
        &format!("http://{}/metrics", shop.telemetry()),
        &[],
        "text/plain",
    )
    .expect("a page");
    promtool_check_metrics(&page).expect("no complaint");
}
