//! Functions that return a future: the call is the life of the future, and the body stays as it is.

#[metered]
fn opaque(n: u8) -> impl Future<Output = Result<u8, Error>> + Send {
    let doubled = n * 2;
    async move { later(doubled).await }
}

#[traced(fields(cart.id = cart.id), err)]
fn boxed(cart: &Cart) -> Pin<Box<dyn Future<Output = Result<Receipt, CartError>> + Send + '_>> {
    let total = cart.total();
    Box::pin(async move { cart.pay(total).await })
}

#[traced(fields(n))]
fn with_more_than_one_end(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    if n == 0 {
        return Box::pin(ready(0));
    }
    Box::pin(later(n))
}

/// A stream is not a future: this measures how it is made.
#[metered]
fn stream() -> impl Stream<Item = u8> {
    once(1)
}

/// The boxes of the `futures` crates, however they are made.
#[traced]
fn in_a_box_of_futures(n: u8) -> futures::future::BoxFuture<'static, Result<u8, Error>> {
    async move { later(n).await }.boxed()
}

#[metered]
fn in_a_local_box(n: u8) -> LocalBoxFuture<'_, u8> {
    Box::pin(later(n))
}

/// A trait of the user's own that is called so.
#[metered]
fn another_future() -> impl crate::machine::Future<Output = u8> {
    Machine
}

/// As that of `futures` 0.1.
#[metered]
fn future_of_an_item() -> impl Future<Item = u8, Error = ()> {
    Machine
}

/// By this name it may be a trait of the user's: the type of what is returned tells.
#[metered(on_ok(tier = ok.tier))]
fn of_a_future(id: u64) -> impl Future<Output = Result<Customer, Error>> {
    load(id)
}
