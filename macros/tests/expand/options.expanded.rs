//! Every option of both attributes.
fn family() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .family("shop.checkout").buckets(& [0.1, 1.0, 25.0])
            ),
        );
}
fn family_with_exponential_buckets() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().family("shop.search")
                .exponential_buckets()
            ),
        );
}
fn labels(customer: &Customer, a: Size, b: Size) {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
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
        );
}
fn bounded_labels(user: &User, tier: Tier) {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["user",
                "tier"])
            ),
            |call| {
                if call.is_metered() {
                    call.labels(
                        &[
                            ::tachograph::__private::bounded(&user.id, 100),
                            ::tachograph::__private::label(&tier),
                        ],
                    );
                }
            },
        );
}
fn labels_of_results(tier: Tier, tries: u8) -> Result<Page, Failed> {
    ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["tier"])
                .ok_labels(& ["source", "kind"]).err_labels(& ["code", "retried"])
            ),
            |call| {
                if call.is_metered() {
                    call.labels(&[::tachograph::__private::label(&tier)]);
                }
            },
        )
        .run_with(
            move || -> Result<Page, Failed> {
                #[allow(unused_variables)]
                let tier = tier;
                #[allow(unused_variables)]
                let tries = tries;
                load()
            },
            |result, call| {
                let outcome = ::tachograph::__private::outcome!(result);
                ::tachograph::__private::kept(&tries);
                if call.is_metered() {
                    ::tachograph::__private::ended!(result, & outcome)
                        .on_ok(|ok| {
                            call.ok_labels(
                                &[
                                    ::tachograph::__private::label(&ok.source),
                                    ::tachograph::__private::literal(&["page"]),
                                ],
                            );
                        })
                        .on_err(|err| {
                            call.err_labels(
                                &[
                                    ::tachograph::__private::bounded(&err.code(), 50),
                                    ::tachograph::__private::label(&(tries > 0)),
                                ],
                            );
                        });
                }
                outcome
            },
        )
}
fn label_of_an_output(number: u64, limit: u64) -> impl Future<Output = u64> {
    let call = ::tachograph::__private::FutureCall::prepare_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered().ok_labels(& ["large"])
        ),
        |_| {},
    );
    call.run_with(
        ::tachograph::__private::output_is::<u64, _>(async move { number }),
        move |result, call| {
            let outcome = ::tachograph::__private::Outcome::Ok;
            ::tachograph::__private::kept(&limit);
            if call.is_metered() {
                ::tachograph::__private::ended!(result, & outcome)
                    .on_ok(|ok| {
                        call.ok_labels(
                            &[::tachograph::__private::label(&(*ok > limit))],
                        );
                    });
            }
            outcome
        },
    )
}
#[track_caller]
fn called() {
    let caller = ::tachograph::__private::caller();
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["caller"])
            ),
            |call| {
                if call.is_metered() {
                    call.labels(&[::tachograph::__private::bounded(&caller, 100)]);
                }
            },
        );
}
fn hot() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().without_in_flight()
                .time_one_in(64)
            ),
        );
}
fn held_to_an_objective() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .success_objective(99.9).latency_objective(250000000, 99.0)
            ),
        );
}
fn named() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().span_name("checkout")
                .kind(::tachograph::__private::SpanKind::Server)
            ),
        );
}
fn named_by_a_path() {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .span_name(names::CHECKOUT)
            ),
        );
}
fn fields(cart: u64, order: &Order, customer: &Customer, method: Method) {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
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
        );
}
fn elsewhere() -> Result<(), Never> {
    ::my_crate::telemetry::__private::call(
        ::my_crate::telemetry::__private::site!(
            ::my_crate::telemetry::__private::Site::new(|| {}).traced()
        ),
        move || -> Result<(), Never> { Ok(()) },
        |result| ::my_crate::telemetry::__private::outcome!(result),
    )
}
fn judged(request: Request) -> Response {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered()
        ),
        move || -> Response {
            let request = request;
            answer(request)
        },
        |result| {
            ::tachograph::__private::outcome!(result)
                .error_if(result, Response::is_server_error)
        },
    )
}
async fn judged_by_a_closure() -> Option<Item> {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            async move {
                if false {
                    return ::tachograph::__private::unreached::<Option<Item>>();
                }
                find().await
            },
            |result| {
                ::tachograph::__private::Outcome::Ok
                    .ok_if(result, |found| found.is_some())
            },
        )
        .await
}
fn judged_for_both() -> Result<Receipt, CartError> {
    #[allow(unused_imports)]
    use metered as _;
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered().traced()
        ),
        move || -> Result<Receipt, CartError> { pay() },
        |result| {
            ::tachograph::__private::outcome!(result, Display).error_if(result, is_late)
        },
    )
}
fn args(
    user: &User,
    password: &str,
    items: &[Item],
    (x, _y): (u8, u8),
    #[cfg(feature = "extra")]
    extra: Extra,
) {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            |call| {
                if call.is_recording() {
                    call.field("user", ::tachograph::__private::captured!(& user));
                    call.field("x", ::tachograph::__private::captured!(& x));
                    #[cfg(feature = "extra")]
                    call.field("extra", ::tachograph::__private::captured!(& extra));
                    call.field("items", ::tachograph::__private::value(&items.len()));
                }
            },
        );
}
fn result(tier: Tier) -> Result<Receipt, CartError> {
    ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            |_| {},
        )
        .run_with(
            move || -> Result<Receipt, CartError> {
                #[allow(unused_variables)]
                let tier = tier;
                pay()
            },
            |result, call| {
                let outcome = ::tachograph::__private::outcome!(result);
                ::tachograph::__private::kept(&tier);
                if call.is_recording() {
                    ::tachograph::__private::ended!(result, & outcome)
                        .on_ok(|ok| {
                            call.field(
                                ::tachograph::__private::RETURN,
                                ::tachograph::__private::captured!(& * ok),
                            );
                            call.field(
                                "receipt.id",
                                ::tachograph::__private::value(&ok.id),
                            );
                            call.field("tier", ::tachograph::__private::display(&tier));
                        })
                        .on_err(|err| {
                            call.field(
                                "retryable",
                                ::tachograph::__private::value(&err.is_retryable()),
                            );
                        });
                }
                outcome
            },
        )
}
async fn found(key: u64) -> Option<Item> {
    ::tachograph::__private::FutureCall::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            |call| {
                if call.is_recording() {
                    call.field("key", ::tachograph::__private::value(&key));
                }
            },
        )
        .run_with(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<Option<Item>>();
                }
                #[allow(unused_variables)]
                let key = key;
                find(key).await
            },
            |result, call| {
                let outcome = ::tachograph::__private::Outcome::Ok;
                if call.is_recording() {
                    ::tachograph::__private::ended!(result, & outcome)
                        .on_ok(|ok| {
                            call.field(
                                ::tachograph::__private::RETURN,
                                ::tachograph::__private::debug(&ok),
                            );
                        });
                }
                outcome
            },
        )
        .await
}
fn later(key: u64) -> Pin<Box<dyn Future<Output = Option<Item>>>> {
    let call = ::tachograph::__private::FutureCall::prepare_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
        ),
        |_| {},
    );
    Box::pin(
        call
            .run_with(
                ::tachograph::__private::output_is::<
                    Option<Item>,
                    _,
                >(async move { find(key).await }),
                move |result, call| {
                    let outcome = ::tachograph::__private::Outcome::Ok;
                    if call.is_recording() {
                        ::tachograph::__private::ended!(result, & outcome)
                            .on_ok(|ok| {
                                call.field(
                                    ::tachograph::__private::RETURN,
                                    ::tachograph::__private::captured!(& * ok),
                                );
                            });
                    }
                    outcome
                },
            ),
    )
}
fn opened(message: &Message) {
    let mut call = ::tachograph::__private::Call::open_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
        ),
        |opening| {
            opening.parent(&message.context);
            opening.sample(0.1);
        },
        |call| {
            if call.is_recording() {
                call.links(&message.related);
            }
        },
    );
    let _guard = call.guard();
}
async fn opened_as_a_root(amount: u64) -> Result<Receipt, CartError> {
    ::tachograph::__private::FutureCall::open_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .target("shop::payments").level(::tachograph::__private::Level::Debug)
            ),
            |opening| {
                opening.root();
            },
            |_| {},
        )
        .run(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<
                        Result<Receipt, CartError>,
                    >();
                }
                let amount = amount;
                pay(amount).await
            },
            |result| ::tachograph::__private::outcome!(result),
        )
        .await
}
fn opened_with_the_future(key: u64) -> impl Future<Output = u64> {
    let call = ::tachograph::__private::FutureCall::prepare_open_with(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
        ),
        |opening| {
            opening.sample(1.0);
        },
        |_| {},
    );
    call.run_with(
        ::tachograph::__private::output_is::<u64, _>(async move { key }),
        move |result, call| {
            let outcome = ::tachograph::__private::Outcome::Ok;
            if call.is_recording() {
                ::tachograph::__private::ended!(result, & outcome)
                    .on_ok(|ok| {
                        call.field(
                            ::tachograph::__private::RETURN,
                            ::tachograph::__private::captured!(& * ok),
                        );
                    });
            }
            outcome
        },
    )
}
fn secrets(session: &Session, api_key: Sensitive<String>, password: String) {
    let mut call = ::tachograph::__private::Call::new();
    let _guard = call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            |call| {
                if call.is_recording() {
                    call.field("session", ::tachograph::__private::captured!(& session));
                    call.field("api_key", ::tachograph::__private::captured!(& api_key));
                    call.field(
                        "password",
                        ::tachograph::__private::looks_like_a_secret(
                            ::tachograph::__private::captured!(& password),
                        ),
                    );
                    call.field(
                        "session.token",
                        ::tachograph::__private::looks_like_a_secret(
                            ::tachograph::__private::value(&session.token),
                        ),
                    );
                    call.field(
                        "key",
                        ::tachograph::__private::value(&Sensitive(&api_key)),
                    );
                }
            },
        );
}
fn logged() -> Result<Receipt, CartError> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced()
            .log_errors(::tachograph::__private::Level::Warn)
        ),
        move || -> Result<Receipt, CartError> { pay() },
        |result| ::tachograph::__private::outcome!(result, Debug),
    )
}
async fn polled(key: u64) -> Result<Item, Lost> {
    ::tachograph::__private::FutureCall::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .log_errors(::tachograph::__private::Level::Debug).enter_on_poll()
            ),
            |call| {
                if call.is_recording() {
                    call.field("key", ::tachograph::__private::value(&key));
                }
            },
        )
        .run(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<Result<Item, Lost>>();
                }
                #[allow(unused_variables)]
                let key = key;
                find(key).await
            },
            |result| ::tachograph::__private::outcome!(result),
        )
        .await
}
