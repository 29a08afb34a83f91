//! Functions that return a future: the call is the life of the future, and the body stays as it is.
fn opaque(n: u8) -> impl Future<Output = Result<u8, Error>> + Send {
    let doubled = n * 2;
    ::tachograph::__private::call_async(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered()
        ),
        ::tachograph::__private::output_is::<
            Result<u8, Error>,
            _,
        >(async move { later(doubled).await }),
        |__result, _| ::tachograph::__private::outcome!(__result),
    )
}
fn boxed(
    cart: &Cart,
) -> Pin<Box<dyn Future<Output = Result<Receipt, CartError>> + Send + '_>> {
    let __call = ::tachograph::__private::FutureCall::prepare(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced().fields(& ["cart.id"])
        ),
        |__call| {
            __call
                .try_fields(|__call| {
                    __call.field(0, ::tachograph::__private::value(&cart.id));
                });
        },
    );
    let total = cart.total();
    Box::pin(
        __call
            .run(
                ::tachograph::__private::output_is::<
                    Result<Receipt, CartError>,
                    _,
                >(async move { cart.pay(total).await }),
                |__result, _| ::tachograph::__private::outcome!(__result, Display),
            ),
    )
}
fn with_more_than_one_end(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    let __call = ::tachograph::__private::AnyCall::begin_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced().fields(& ["n"])
        ),
        |__call| {
            if __call.is_recording() {
                __call.field(0, ::tachograph::__private::value(&n));
            }
        },
    );
    ::tachograph::__private::returning(
            __call,
            ::tachograph::__private::made(move || -> Pin<Box<dyn Future<Output = u8>>> {
                #[allow(clippy::shadow_same, unused_variables)]
                let n = n;
                {
                    if n == 0 {
                        return Box::pin(ready(0));
                    }
                    Box::pin(later(n))
                }
            }),
            |__made| ::tachograph::__private::kind!(__made),
        )
        .boxed(|_, _| ::tachograph::__private::Outcome::Ok)
}
/// A stream is not a future: this measures how it is made.
fn stream() -> impl Stream<Item = u8> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("A stream is not a future: this measures how it is made.").metered()
            ),
        );
    once(1)
}
/// The boxes of the `futures` crates, however they are made.
fn in_a_box_of_futures(n: u8) -> futures::future::BoxFuture<'static, Result<u8, Error>> {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("The boxes of the `futures` crates, however they are made.")
                .traced()
            ),
            ::tachograph::__private::output_is::<
                Result<u8, Error>,
                _,
            >(async move { later(n).await }),
            |__result, _| ::tachograph::__private::outcome!(__result),
        )
        .boxed()
}
fn in_a_local_box(n: u8) -> LocalBoxFuture<'_, u8> {
    Box::pin(
        ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
            later(n),
            |_, _| ::tachograph::__private::Outcome::Ok,
        ),
    )
}
/// A trait of the user's own that is called so.
fn another_future() -> impl crate::machine::Future<Output = u8> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("A trait of the user's own that is called so.").metered()
            ),
        );
    Machine
}
/// As that of `futures` 0.1.
fn future_of_an_item() -> impl Future<Item = u8, Error = ()> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("As that of `futures` 0.1.").metered()
            ),
        );
    Machine
}
/// By this name it may be a trait of the user's: the type of what is returned tells.
fn of_a_future(id: u64) -> impl Future<Output = Result<Customer, Error>> {
    let __call = ::tachograph::__private::AnyCall::begin(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {})
            .doc("By this name it may be a trait of the user's: the type of what is returned tells.")
            .metered().ok_labels(& ["tier"])
        ),
    );
    ::tachograph::__private::returning(
            __call,
            load(id),
            |__made| ::tachograph::__private::kind!(__made),
        )
        .output_is::<Result<Customer, Error>>()
        .run(move |__result, __call| {
            let __outcome = ::tachograph::__private::outcome!(__result);
            if __call.is_metered() {
                ::tachograph::__private::ended!(__result, & __outcome)
                    .on_ok(|ok| {
                        __call.ok_labels(&[::tachograph::__private::label(&ok.tier)]);
                    });
            }
            __outcome
        })
}
