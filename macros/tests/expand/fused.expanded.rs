//! Both attributes on one function: the outer one takes the inner one along, and one site and one call serve both.
fn plainly() {
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().traced()
            ),
        )
        .guard();
}
/// Pays a cart.
#[inline]
pub(crate) async fn with_options(cart: Cart) -> Result<Receipt, CartError> {
    ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).doc("Pays a cart.").metered()
                .family("shop.checkout").labels(& ["tier"]).traced()
            ),
            |call| {
                if call.is_metered() {
                    call.labels(&[::tachograph::__private::label(&cart.tier)]);
                }
                if call.is_recording() {
                    call.field("cart.id", ::tachograph::__private::value(&cart.id));
                }
            },
        )
        .run_async(
            async move {
                if false {
                    let early: Result<Receipt, CartError> = loop {};
                    return early;
                }
                let cart = cart;
                let result: Result<Receipt, CartError> = cart.pay().await;
                result
            },
            |result| ::tachograph::__private::outcome!(result, Display),
        )
        .await
}
impl Cart {
    pub fn method(&self) -> usize {
        let _call = ::tachograph::__private::Call::start(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).metered().traced()
                ),
            )
            .guard();
        self.lines.len()
    }
}
fn through_a_crate_path() {
    let _call = crate::telemetry::__private::Call::start(
            crate::telemetry::__private::site!(
                crate ::telemetry::__private::Site::new(|| {}).metered().traced()
            ),
        )
        .guard();
}
fn of_another_family() {
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
        )
        .guard();
    let _call = ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        )
        .guard();
}
