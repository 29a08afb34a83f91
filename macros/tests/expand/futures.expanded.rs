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
        |result| ::tachograph::__private::outcome!(result),
    )
}
fn boxed(
    cart: &Cart,
) -> Pin<Box<dyn Future<Output = Result<Receipt, CartError>> + Send + '_>> {
    let call = ::tachograph::__private::FutureCall::prepare_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
        ),
        |call| {
            if call.is_recording() {
                call.field("cart.id", ::tachograph::__private::value(&cart.id));
            }
        },
    );
    let total = cart.total();
    Box::pin(
        call
            .run(
                ::tachograph::__private::output_is::<
                    Result<Receipt, CartError>,
                    _,
                >(async move { cart.pay(total).await }),
                |result| ::tachograph::__private::outcome!(result, Display),
            ),
    )
}
fn with_more_than_one_end(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    let call = ::tachograph::__private::FutureCall::prepare_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
        ),
        |call| {
            if call.is_recording() {
                call.field("n", ::tachograph::__private::value(&n));
            }
        },
    );
    ::tachograph::__private::boxed(
        call
            .run(
                ::tachograph::__private::made(move || -> Pin<
                    Box<dyn Future<Output = u8>>,
                > {
                    #[allow(unused_variables)]
                    let n = n;
                    {
                        if n == 0 {
                            return Box::pin(ready(0));
                        }
                        Box::pin(later(n))
                    }
                }),
                |_| ::tachograph::__private::Outcome::Ok,
            ),
    )
}
/// A stream is not a future: this measures how it is made.
fn stream() -> impl Stream<Item = u8> {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("A stream is not a future: this measures how it is made.").metered()
            ),
        );
    once(1)
}
