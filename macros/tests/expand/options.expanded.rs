//! Every option of both attributes.
fn family() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .prefixed("shop.checkout").buckets(& [0.1, 1.0, 25.0])
            ),
        );
}
fn family_with_exponential_buckets() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .prefixed("shop.search").exponential_buckets()
            ),
        );
}
fn labels(customer: &Customer, a: Size, b: Size) {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().fixed_labels(&
                [("region", "eu"), ("canary", "true"), ("shard", "3")]).labels(& ["tier",
                "size"])
            ),
            |__call| {
                __call
                    .try_labels(|__call| {
                        __call
                            .labels(
                                &[
                                    ::tachograph::__private::label(&customer.tier),
                                    ::tachograph::__private::label(&(a + b)),
                                ],
                            );
                    });
            },
        );
}
fn bounded_labels(user: &User, tier: Tier) {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["user",
                "tier"])
            ),
            |__call| {
                if __call.is_metered() {
                    __call
                        .labels(
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
    ::tachograph::__private::Call::new()
        .start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["tier"])
                .ok_labels(& ["source", "kind"]).err_labels(& ["code", "retried"])
            ),
            |__call| {
                if __call.is_metered() {
                    __call.labels(&[::tachograph::__private::label(&tier)]);
                }
            },
        )
        .run(
            move || -> Result<Page, Failed> {
                #[allow(clippy::shadow_same, unused_variables)]
                let tier = tier;
                #[allow(clippy::shadow_same, unused_variables)]
                let tries = tries;
                load()
            },
            |__result, __call| {
                let __outcome = ::tachograph::__private::outcome!(__result);
                ::tachograph::__private::kept(&tries);
                __call
                    .try_labels(|__call| {
                        ::tachograph::__private::ended!(__result, & __outcome)
                            .on_ok(|ok| {
                                __call
                                    .ok_labels(
                                        &[
                                            ::tachograph::__private::label(&ok.source),
                                            ::tachograph::__private::literal(&["page"]),
                                        ],
                                    );
                            })
                            .on_err(|err| {
                                __call
                                    .err_labels(
                                        &[
                                            ::tachograph::__private::bounded(&err.code(), 50),
                                            ::tachograph::__private::label(&(tries > 0)),
                                        ],
                                    );
                            });
                    });
                __outcome
            },
        )
}
fn label_of_an_output(number: u64, limit: u64) -> impl Future<Output = u64> {
    ::tachograph::__private::call_async(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered().ok_labels(& ["large"])
        ),
        ::tachograph::__private::output_is::<u64, _>(async move { number }),
        move |__result, __call| {
            let __outcome = ::tachograph::__private::Outcome::Ok;
            ::tachograph::__private::kept(&limit);
            __call
                .try_labels(|__call| {
                    ::tachograph::__private::ended!(__result, & __outcome)
                        .on_ok(|ok| {
                            __call
                                .ok_labels(
                                    &[::tachograph::__private::label(&(*ok > limit))],
                                );
                        });
                });
            __outcome
        },
    )
}
#[track_caller]
fn called() {
    let __caller = ::tachograph::__private::caller();
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().labels(& ["caller"])
            ),
            |__call| {
                if __call.is_metered() {
                    __call.labels(&[::tachograph::__private::bounded(&__caller, 100)]);
                }
            },
        );
}
fn hot() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered().without_in_flight()
                .time_one_in(64)
            ),
        );
}
fn held_to_an_objective() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
                .success_objective(99.9).latency_objective(250000000, 99.0)
            ),
        );
}
fn named() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().span_name("checkout")
                .kind(::tachograph::__private::SpanKind::Server)
            ),
        );
}
fn named_by_a_path() {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .span_name(names::CHECKOUT)
            ),
        );
}
fn fields(cart: u64, order: &Order, customer: &Customer, method: Method) {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().fields(& ["cart",
                "order.id", "tier", "http.request.method", "late"])
            ),
            |__call| {
                __call
                    .try_fields(|__call| {
                        __call.field(0, ::tachograph::__private::value(&cart));
                        __call.field(1, ::tachograph::__private::value(&order.id));
                        __call
                            .field(2, ::tachograph::__private::display(&customer.tier));
                        __call.field(3, ::tachograph::__private::debug(&method));
                    });
            },
        );
}
fn elsewhere() -> Result<(), Never> {
    ::my_crate::telemetry::__private::call(
        ::my_crate::telemetry::__private::site!(
            ::my_crate::telemetry::__private::Site::new(|| {}).traced()
        ),
        move || -> Result<(), Never> { Ok(()) },
        |__result, _| ::my_crate::telemetry::__private::outcome!(__result),
    )
}
fn judged(request: Request) -> Response {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered()
        ),
        move || -> Response {
            #[allow(clippy::shadow_same)]
            let request = request;
            answer(request)
        },
        |__result, __call| {
            __call
                .error_if(
                    ::tachograph::__private::outcome!(__result),
                    __result,
                    Response::is_server_error,
                )
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
            |__result, __call| {
                __call
                    .ok_if(
                        ::tachograph::__private::Outcome::Ok,
                        __result,
                        |found| found.is_some(),
                    )
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
        |__result, __call| {
            __call
                .error_if(
                    ::tachograph::__private::outcome!(__result, Display),
                    __result,
                    is_late,
                )
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
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().fields(& ["user", "x",
                "extra", "items"])
            ),
            |__call| {
                __call
                    .try_fields(|__call| {
                        __call.field(0, ::tachograph::__private::captured!(& user));
                        __call.field(1, ::tachograph::__private::captured!(& x));
                        #[cfg(feature = "extra")]
                        __call.field(2, ::tachograph::__private::captured!(& extra));
                        __call.field(3, ::tachograph::__private::value(&items.len()));
                    });
            },
        );
}
fn result(tier: Tier) -> Result<Receipt, CartError> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced().fields(&
            [::tachograph::__private::RETURN, "receipt.id", "tier", "retryable"])
            .end_fields()
        ),
        move || -> Result<Receipt, CartError> {
            #[allow(clippy::shadow_same, unused_variables)]
            let tier = tier;
            pay()
        },
        |__result, __call| {
            let __outcome = ::tachograph::__private::outcome!(__result);
            ::tachograph::__private::kept(&tier);
            __call
                .try_fields(|__call| {
                    ::tachograph::__private::ended!(__result, & __outcome)
                        .on_ok(|ok| {
                            __call.field(0, ::tachograph::__private::captured!(& * ok));
                            __call.field(1, ::tachograph::__private::value(&ok.id));
                            __call.field(2, ::tachograph::__private::display(&tier));
                        })
                        .on_err(|err| {
                            __call
                                .field(
                                    3,
                                    ::tachograph::__private::value(&err.is_retryable()),
                                );
                        });
                });
            __outcome
        },
    )
}
async fn found(key: u64) -> Option<Item> {
    ::tachograph::__private::FutureCall::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().fields(& ["key",
                ::tachograph::__private::RETURN]).end_fields()
            ),
            |__call| {
                if __call.is_recording() {
                    __call.field(0, ::tachograph::__private::value(&key));
                }
            },
        )
        .run(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<Option<Item>>();
                }
                #[allow(clippy::shadow_same, unused_variables)]
                let key = key;
                find(key).await
            },
            |__result, __call| {
                let __outcome = ::tachograph::__private::Outcome::Ok;
                __call
                    .try_fields(|__call| {
                        ::tachograph::__private::ended!(__result, & __outcome)
                            .on_ok(|ok| {
                                __call.field(1, ::tachograph::__private::debug(&ok));
                            });
                    });
                __outcome
            },
        )
        .await
}
fn later(key: u64) -> Pin<Box<dyn Future<Output = Option<Item>>>> {
    Box::pin(
        ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().fields(&
                [::tachograph::__private::RETURN]).end_fields()
            ),
            ::tachograph::__private::output_is::<
                Option<Item>,
                _,
            >(async move { find(key).await }),
            move |__result, __call| {
                let __outcome = ::tachograph::__private::Outcome::Ok;
                __call
                    .try_fields(|__call| {
                        ::tachograph::__private::ended!(__result, & __outcome)
                            .on_ok(|ok| {
                                __call.field(0, ::tachograph::__private::captured!(& * ok));
                            });
                    });
                __outcome
            },
        ),
    )
}
fn opened(message: &Message) {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().opens()
            ),
            |__call| {
                __call
                    .open(|__opening| {
                        __opening.parent(&message.context);
                        __opening.sample(0.1);
                    });
                __call
                    .try_fields(|__call| {
                        __call.links(&message.related);
                    });
            },
        );
}
async fn opened_as_a_root(amount: u64) -> Result<Receipt, CartError> {
    ::tachograph::__private::FutureCall::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .target("shop::payments").level(::tachograph::__private::Level::Debug)
                .opens()
            ),
            |__call| {
                __call
                    .open(|__opening| {
                        __opening.root();
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
                #[allow(clippy::shadow_same)]
                let amount = amount;
                pay(amount).await
            },
            |__result, _| ::tachograph::__private::outcome!(__result),
        )
        .await
}
fn opened_with_the_future(key: u64) -> impl Future<Output = u64> {
    let __call = ::tachograph::__private::FutureCall::prepare(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).traced().fields(&
            [::tachograph::__private::RETURN]).end_fields().opens()
        ),
        |__call| {
            __call
                .open(|__opening| {
                    __opening.sample(1.0);
                });
        },
    );
    __call
        .run(
            ::tachograph::__private::output_is::<u64, _>(async move { key }),
            move |__result, __call| {
                let __outcome = ::tachograph::__private::Outcome::Ok;
                __call
                    .try_fields(|__call| {
                        ::tachograph::__private::ended!(__result, & __outcome)
                            .on_ok(|ok| {
                                __call.field(0, ::tachograph::__private::captured!(& * ok));
                            });
                    });
                __outcome
            },
        )
}
fn secrets(session: &Session, api_key: Sensitive<String>, password: String) {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced().fields(& ["session",
                "api_key", "password", "session.token", "key"])
            ),
            |__call| {
                __call
                    .try_fields(|__call| {
                        __call.field(0, ::tachograph::__private::captured!(& session));
                        __call.field(1, ::tachograph::__private::captured!(& api_key));
                        __call
                            .field(
                                2,
                                ::tachograph::__private::looks_like_a_secret(
                                    ::tachograph::__private::captured!(& password),
                                ),
                            );
                        __call
                            .field(
                                3,
                                ::tachograph::__private::looks_like_a_secret(
                                    ::tachograph::__private::value(&session.token),
                                ),
                            );
                        __call
                            .field(
                                4,
                                ::tachograph::__private::value(&Sensitive(&api_key)),
                            );
                    });
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
        |__result, _| ::tachograph::__private::outcome!(__result, Debug),
    )
}
async fn polled(key: u64) -> Result<Item, Lost> {
    ::tachograph::__private::FutureCall::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
                .log_errors(::tachograph::__private::Level::Debug).fields(& ["key"])
                .enter_on_poll()
            ),
            |__call| {
                if __call.is_recording() {
                    __call.field(0, ::tachograph::__private::value(&key));
                }
            },
        )
        .run(
            async move {
                if false {
                    return ::tachograph::__private::unreached::<Result<Item, Lost>>();
                }
                #[allow(clippy::shadow_same, unused_variables)]
                let key = key;
                find(key).await
            },
            |__result, _| ::tachograph::__private::outcome!(__result),
        )
        .await
}
