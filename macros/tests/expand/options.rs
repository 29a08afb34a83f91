//! Every option of both attributes.

#[metered(name = "shop.checkout", buckets = [0.1, 1, 2.5e1])]
fn family() {}

#[metered(name = "shop.search", buckets = exponential)]
fn family_with_exponential_buckets() {}

#[metered(labels(region = "eu", canary = true, shard = 3, tier = customer.tier, size = a + b))]
fn labels(customer: &Customer, a: Size, b: Size) {}

#[metered(labels(user(user.id, max = 100), tier = tier))]
fn bounded_labels(user: &User, tier: Tier) {}

#[metered(labels(tier = tier), on_ok(source = ok.source, kind = "page"), on_err(code(err.code(), max = 50), retried = tries > 0))]
fn labels_of_results(tier: Tier, tries: u8) -> Result<Page, Failed> {
    load()
}

#[metered(on_ok(large = *ok > limit))]
fn label_of_an_output(number: u64, limit: u64) -> impl Future<Output = u64> {
    async move { number }
}

#[metered(caller)]
#[track_caller]
fn called() {}

#[metered(duration(sample = 64), in_flight = false)]
fn hot() {}

#[metered(objective(success = 99.9, latency(250ms, 99)))]
fn held_to_an_objective() {}

#[traced(name = "checkout", kind = "server")]
fn named() {}

#[traced(name = names::CHECKOUT, kind = "internal")]
fn named_by_a_path() {}

#[traced(fields(cart, order.id = order.id, tier = %customer.tier, http.request.method = ?method, late = empty))]
fn fields(cart: u64, order: &Order, customer: &Customer, method: Method) {}

#[traced(crate = ::my_crate::telemetry)]
fn elsewhere() -> Result<(), Never> {
    Ok(())
}

#[metered(error_if = Response::is_server_error)]
fn judged(request: Request) -> Response {
    answer(request)
}

#[traced(ok_if = |found| found.is_some())]
async fn judged_by_a_closure() -> Option<Item> {
    find().await
}

#[traced(error_if = is_late, err)]
#[metered]
fn judged_for_both() -> Result<Receipt, CartError> {
    pay()
}

#[traced(args, skip(password), fields(items = items.len()))]
fn args(user: &User, password: &str, items: &[Item], (x, _y): (u8, u8), #[cfg(feature = "extra")] extra: Extra) {}

#[traced(ret, on_ok(receipt.id = ok.id, tier = %tier), on_err(retryable = err.is_retryable()))]
fn result(tier: Tier) -> Result<Receipt, CartError> {
    pay()
}

#[traced(ret(Debug), fields(key))]
async fn found(key: u64) -> Option<Item> {
    find(key).await
}

#[traced(ret)]
fn later(key: u64) -> Pin<Box<dyn Future<Output = Option<Item>>>> {
    Box::pin(async move { find(key).await })
}

#[traced(parent = message.context, links = &message.related, sample = 0.1)]
fn opened(message: &Message) {}

#[traced(parent = none, target = "shop::payments", level = "debug")]
async fn opened_as_a_root(amount: u64) -> Result<Receipt, CartError> {
    pay(amount).await
}

#[traced(sample = 1, ret)]
fn opened_with_the_future(key: u64) -> impl Future<Output = u64> {
    async move { key }
}

#[traced(args, fields(session.token = session.token, key = Sensitive(api_key)))]
fn secrets(session: &Session, api_key: Sensitive<String>, password: String) {}

#[traced(err(Debug, level = "warn"))]
fn logged() -> Result<Receipt, CartError> {
    pay()
}

#[traced(err(type, level = "debug"), enter_on_poll, fields(key))]
async fn polled(key: u64) -> Result<Item, Lost> {
    find(key).await
}
