//! Every option of both attributes.
fn family() {
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .family("shop.checkout").buckets(& [0.1, 1.0, 25.0])
            ),
        )
        .guard();
}
fn labels(customer: &Customer, a: Size, b: Size) {
    let _call = ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().fixed_labels(&
                [("region", "eu"), ("canary", "true"), ("shard", "3")]).labels(& ["tier",
                "size"])
            ),
            |call| {
                if call.is_metered() {
                    call.labels(
                        &[
                            ::tachograph::__private::label(&customer.tier),
                            ::tachograph::__private::label(&(a + b)),
                        ],
                    );
                }
            },
        )
        .guard();
}
fn named() {
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().span_name("checkout")
                .kind(::tachograph::__private::SpanKind::Server)
            ),
        )
        .guard();
}
fn named_by_a_path() {
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .span_name(names::CHECKOUT)
            ),
        )
        .guard();
}
fn fields(cart: u64, order: &Order, customer: &Customer, method: Method) {
    let _call = ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            |call| {
                if call.is_recording() {
                    call.field("cart", ::tachograph::__private::value(&cart));
                    call.field("order.id", ::tachograph::__private::value(&order.id));
                    call.field("tier", ::tachograph::__private::display(&customer.tier));
                    call.field(
                        "http.request.method",
                        ::tachograph::__private::debug(&method),
                    );
                }
            },
        )
        .guard();
}
fn elsewhere() -> Result<(), Never> {
    ::my_crate::telemetry::__private::Call::start(
            ::my_crate::telemetry::__private::site!(
                ::my_crate::telemetry::__private::Site::new(|| {}).traced()
            ),
        )
        .run(
            move || -> Result<(), Never> { Ok(()) },
            |result| ::my_crate::telemetry::__private::outcome!(result),
        )
}
