//! Both attributes on one function: the outer one takes the inner one along, and one site and one call serve both.
fn plainly() {
    #[allow(unused_imports)]
    use traced as _;
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().traced()
            ),
        );
}
/// Pays a cart.
#[inline]
pub(crate) async fn with_options(cart: Cart) -> Result<Receipt, CartError> {
    #[allow(unused_imports)]
    use tachograph::metered as _;
    ::tachograph::__private::FutureCall::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).doc("Pays a cart.").metered()
                .prefixed("shop.checkout").labels(& ["tier"]).traced().fields(&
                ["cart.id"])
            ),
            |__call| {
                if __call.is_metered() {
                    __call.labels(&[::tachograph::__private::label(&cart.tier)]);
                }
                __call
                    .try_fields(|__call| {
                        __call.field(0, ::tachograph::__private::value(&cart.id));
                    });
            },
        )
        .run(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<
                        Result<Receipt, CartError>,
                    >();
                }
                #[allow(clippy::shadow_same, unused_variables)]
                let cart = cart;
                cart.pay().await
            },
            |__result, _| ::tachograph::__private::outcome!(__result, Display),
        )
        .await
}
fn looking_once() -> Result<Page, Failed> {
    #[allow(unused_imports)]
    use metered as _;
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered().ok_labels(& ["source"])
            .err_labels(& ["code"]).traced().fields(& ["rows"]).end_fields()
        ),
        move || -> Result<Page, Failed> { load() },
        |__result, __call| {
            let __outcome = ::tachograph::__private::outcome!(__result);
            __call
                .try_fields(|__call| {
                    ::tachograph::__private::ended!(__result, & __outcome)
                        .on_ok(|ok| {
                            __call.field(0, ::tachograph::__private::value(&ok.rows()));
                        });
                });
            __call
                .try_labels(|__call| {
                    ::tachograph::__private::ended!(__result, & __outcome)
                        .on_ok(|ok| {
                            __call
                                .ok_labels(&[::tachograph::__private::label(&ok.source)]);
                        })
                        .on_err(|err| {
                            __call
                                .err_labels(
                                    &[::tachograph::__private::bounded(&err.code(), 50)],
                                );
                        });
                });
            __outcome
        },
    )
}
impl Cart {
    pub fn method(&self) -> usize {
        #[allow(unused_imports)]
        use ::tachograph::traced as _;
        let mut __call = ::tachograph::__private::Call::new();
        let __guard = __call
            .enter(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).metered().traced()
                ),
            );
        self.lines.len()
    }
}
fn through_a_crate_path() {
    #[allow(unused_imports)]
    use crate::telemetry::traced as _;
    let mut __call = crate::telemetry::__private::Call::new();
    let __guard = __call
        .enter(
            crate::telemetry::__private::site!(
                crate ::telemetry::__private::Site::new(|| {}).metered().traced()
            ),
        );
}
fn of_another_family() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
        );
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        );
}
