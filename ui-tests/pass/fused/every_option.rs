//! Every option, in code that hides the names which generated code could take for others.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]

use ::std::assert_eq;
use ::std::future::Future;
use ::std::iter::Iterator;
use ::std::pin::{Pin, pin};
use ::std::task::{Context as TaskContext, Poll, Waker};
use ::std::vec::Vec;
use ::tachograph::testing::Recorder;
use ::tachograph::trace::{Context, Span};

mod shop {
    #![allow(dead_code)]

    use ::std::fmt::{Debug, Display, Formatter};
    use ::std::future::Future;
    use ::std::marker::Send;
    use ::std::pin::Pin;
    use ::std::primitive::{bool, str, u8, u64};
    use ::std::result::Result::{Err as Failed, Ok as Fine};
    use ::tachograph::trace::{Context, SpanContext};

    mod core {}
    mod std {}
    mod alloc {}
    mod tachograph {}
    struct Option;
    struct Some;
    struct None;
    struct Result;
    struct Ok;
    struct Err;
    struct Box;
    struct String;
    struct Fn;
    struct Default;
    struct Into;

    pub(crate) mod names {
        pub(crate) const PAY: &::std::primitive::str = "pay";
    }

    #[derive(::std::clone::Clone, ::std::marker::Copy, ::std::fmt::Debug, ::tachograph::Label)]
    #[label(rename_all = "snake_case", crate = ::tachograph)]
    pub(crate) enum Tier {
        FreeOfCharge,
        #[label(rename = "staff")]
        OneOfUs,
    }

    #[derive(::tachograph::LabelSet)]
    #[label(crate = ::tachograph)]
    pub(crate) struct Order {
        pub(crate) tier: Tier,
        #[label(rename = "gift_wrapped")]
        pub(crate) gift: bool,
    }

    #[derive(::std::fmt::Debug, ::tachograph::ErrorType)]
    #[error_type(rename_all = "snake_case", crate = ::tachograph)]
    pub(crate) enum Refused {
        NoMoney,
        #[error_type(rename = "closed")]
        ClosedUntil {
            hour: u8,
        },
        #[error_type(transparent)]
        Bank(BankError),
    }

    #[derive(::std::fmt::Debug, ::tachograph::ErrorType)]
    #[error_type(rename = "bank")]
    pub(crate) struct BankError;

    impl Display for Refused {
        fn fmt(&self, f: &mut Formatter<'_>) -> ::std::fmt::Result {
            f.write_str("refused")
        }
    }

    /// Pays an order.
    #[::tachograph::traced(
        crate = ::tachograph,
        name = names::PAY,
        kind = "server",
        level = "debug",
        target = "payments",
        parent = parent,
        links = links,
        sample = 1,
        args,
        skip(parent, links, password),
        fields(twice = id * 2, tier = ?tier, text = %id, late = empty, password = ::tachograph::Sensitive(password)),
        err(Display, level = "warn"),
        ret,
        on_ok(paid = *ok + 1),
        on_err(what = ?err),
    )]
    #[::tachograph::metered(
        crate = ::tachograph,
        name = "shop.payments",
        buckets = [0.1, 1],
        labels(region = "eu", shard = 3, tested = true, tier = tier, odd = id % 2 == 1, user(id, max = 1)),
        on_ok(large = *ok > 2, kind = "paid"),
        on_err(what(err, max = 1), first = id == 0),
        duration(sample = 2),
        in_flight = false,
        objective(success = 99.9, latency(100ms, 99)),
    )]
    pub(crate) fn pay(
        id: u64,
        tier: Tier,
        password: &str,
        parent: &Context,
        links: &[SpanContext],
    ) -> ::std::result::Result<u64, Refused> {
        match id {
            0 => Failed(Refused::NoMoney),
            1 => Failed(Refused::ClosedUntil { hour: 9 }),
            2 => Failed(Refused::Bank(BankError)),
            id => Fine(id),
        }
    }

    #[::tachograph::metered(error_if = |paid| ::std::matches!(paid, Fine(0)), labels(user(id, max = 1)))]
    #[::tachograph::traced(parent = none, fields(id), err(Debug), ret(Debug), on_ok(sum = ok), on_err(what = ?err))]
    pub(crate) async fn pay_later(id: u64) -> ::std::result::Result<u64, Refused> {
        ::std::future::ready(()).await;
        if id == 1 {
            return Failed(Refused::NoMoney);
        }
        Fine(id)
    }

    #[::tachograph::metered(labels(odd = id % 2 == 1))]
    #[::tachograph::traced(enter_on_poll, args, err(type, level = "debug"), on_err(what = ?err))]
    pub(crate) fn pay_boxed(
        id: u64,
    ) -> Pin<::std::boxed::Box<dyn Future<Output = ::std::result::Result<u64, Refused>> + Send>>
    {
        let twice = id * 2;
        ::std::boxed::Box::pin(async move {
            if twice == 0 {
                return Failed(Refused::NoMoney);
            }
            Fine(twice)
        })
    }

    #[::tachograph::traced(ret(Display), ok_if = is_even)]
    #[::tachograph::metered]
    pub(crate) fn opaque(n: u64) -> impl Display {
        n
    }

    fn is_even(shown: &impl Display) -> bool {
        ::std::format!("{shown}").ends_with('2')
    }

    #[::tachograph::metered(caller)]
    #[::tachograph::traced(fields(n))]
    #[track_caller]
    pub(crate) fn located(n: u64) -> u64 {
        n
    }

    /// Looks for a product.
    #[::tachograph::metered(name = "shop.searches", buckets = exponential)]
    #[::tachograph::traced(args, on_ok(twice = *ok))]
    pub(crate) fn search(n: u64) -> ::std::result::Result<u64, Refused> {
        Fine(n * 2)
    }

    /// Names that generated code uses, too.
    #[::tachograph::metered(labels(call = call == 1))]
    #[::tachograph::traced(args, skip(opening), parent = opening, on_ok(result = *ok))]
    pub(crate) fn same_names(
        call: u64,
        result: u64,
        outcome: u64,
        opening: &Context,
        argument6: u64,
        (caller, fields): (u64, u64),
    ) -> ::std::result::Result<u64, u64> {
        let ok = call + result;
        let err = outcome + argument6 + caller + fields;
        Fine(ok + err)
    }

    pub(crate) struct Shelf<T>(pub(crate) T);

    #[::tachograph::traced(
        err(Debug),
        kind = "client",
        level = "trace",
        sample = 1,
        target = "shelf"
    )]
    #[::tachograph::metered(duration(sample = 64), in_flight = false, objective(success = 99))]
    impl<T: Debug> Shelf<T> {
        pub(crate) fn first(&self) -> ::std::result::Result<&T, T> {
            Fine(self.untold())
        }

        #[::tachograph::traced(skip)]
        #[::tachograph::metered(skip)]
        fn untold(&self) -> &T {
            &self.0
        }
    }

    #[::tachograph::metered(crate = ::tachograph)]
    #[::tachograph::traced(crate = ::tachograph)]
    pub(crate) trait Priced {
        fn price(&self) -> u64;

        fn doubled(&self) -> u64 {
            self.price() * 2
        }
    }

    impl Priced for u64 {
        fn price(&self) -> u64 {
            *self
        }
    }

    #[::tachograph::traced]
    #[::tachograph::metered]
    pub(crate) mod inner {
        mod core {}

        pub(crate) fn empty() {}
    }
}

fn done<T>(mut future: Pin<&mut impl Future<Output = T>>) -> T {
    loop {
        let mut cx = TaskContext::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

fn logged(recorder: &Recorder) -> Vec<::std::string::String> {
    let records = recorder.log_records();
    let body = |record: ::tachograph::logs::LogData<'_>| {
        ::std::string::ToString::to_string(record.body_text().unwrap_or_default())
    };
    records.iter().map(body).collect()
}

pub(crate) fn main() {
    use ::tachograph::LabelSet;
    use shop::{Order, Priced, Shelf, Tier};

    let recorder = Recorder::new();
    let located = recorder.in_scope(|| {
        let request = Span::start("request");
        let (parent, links) = (
            Context::with_span(request.context().unwrap()),
            [request.context().unwrap()],
        );
        for id in 0..=3 {
            let _ = shop::pay(id, Tier::FreeOfCharge, "opensesame", &parent, &links);
        }
        let tick = || {
            let nanosecond = ::std::time::Duration::from_nanos(1);
            recorder.clock().advance(nanosecond);
        };
        for id in 0..=2 {
            tick();
            let _ = done(pin!(shop::pay_later(id)));
        }
        for id in 0..=1 {
            tick();
            let _ = done(pin!(shop::pay_boxed(id)));
        }
        tick();
        let _ = (shop::opaque(1), shop::opaque(2));
        let _ = shop::search(1);
        shop::located(1);
        let located = ::std::format!("{}:{}", ::std::file!(), ::std::line!() - 1);
        let _ = shop::same_names(1, 2, 3, &parent, 4, (5, 6));
        let _ = Shelf(1).first();
        assert_eq!(7_u64.doubled(), 14);
        shop::inner::empty();
        located
    });
    let order = Order {
        tier: Tier::OneOfUs,
        gift: true,
    };
    assert_eq!(Order::NAMES, ["tier", "gift_wrapped"]);
    assert_eq!(order.values(), ["staff", "true"]);
    recorder.assert_traces(
        "
        request 6ns
          pay (server) 0ns id=0 twice=0 tier=FreeOfCharge text=\"0\" password=*** what=NoMoney error.type=no_money [error: refused]
            * exception +0ns exception.type=no_money exception.message=refused
            -> request
          pay (server) 0ns id=1 twice=2 tier=FreeOfCharge text=\"1\" password=*** what=\"ClosedUntil { hour: 9 }\" error.type=closed [error: refused]
            * exception +0ns exception.type=closed exception.message=refused
            -> request
          pay (server) 0ns id=2 twice=4 tier=FreeOfCharge text=\"2\" password=*** what=Bank(BankError) error.type=bank [error: refused]
            * exception +0ns exception.type=bank exception.message=refused
            -> request
          pay (server) 0ns id=3 twice=6 tier=FreeOfCharge text=\"3\" password=*** tachograph.return=3 paid=4
            -> request
          shop::same_names 0ns call=1 result=21 outcome=3 argument6=4 caller=5 fields=6
        shop::pay_later 0ns id=0 tachograph.return=\"0\" sum=0 error.type=_OTHER [error]
        shop::pay_later 0ns id=1 what=NoMoney
        shop::pay_later 0ns id=2 tachograph.return=\"2\" sum=2
        shop::pay_boxed 0ns id=0 what=NoMoney error.type=no_money [error]
        shop::pay_boxed 0ns id=1
        shop::opaque 0ns error.type=_OTHER [error]
        shop::opaque 0ns tachograph.return=\"2\"
        shop::search 0ns n=1 twice=2
        shop::located 0ns n=1
        Shelf::first (client) 0ns
        Priced::doubled 0ns
        inner::empty 0ns
        ",
    );
    assert_eq!(logged(&recorder), ["refused", "refused", "refused", ""]);
    assert_counted(&recorder, &located);
}

/// That every call was counted, whichever were timed; `caller` is where [`shop::located`] was called.
fn assert_counted(recorder: &Recorder, caller: &::std::primitive::str) {
    let deltas = recorder
        .metric_deltas()
        .replace(::std::module_path!(), "it");
    let deltas: Vec<&str> = deltas
        .lines()
        .filter(|line| !line.contains("duration") && !line.contains("within_objective"))
        .collect();
    let located = ::std::format!(
        "function.calls{{function=located,module=it::shop,result=ok,caller={caller}}} +1"
    );
    assert_eq!(
        deltas,
        [
            "function.calls{function=Priced::doubled,module=it::shop,result=ok} +1",
            "function.calls{function=Shelf::first,module=it::shop,result=ok} +1",
            "function.calls{function=empty,module=it::shop::inner,result=ok} +1",
            &located[..],
            "function.calls{function=opaque,module=it::shop,result=error} +1",
            "function.calls{function=opaque,module=it::shop,result=ok} +1",
            "function.calls{function=pay_boxed,module=it::shop,result=error,odd=false} +1",
            "function.calls{function=pay_boxed,module=it::shop,result=ok,odd=true} +1",
            "function.calls{function=pay_later,module=it::shop,result=error,user=0} +1",
            "function.calls{function=pay_later,module=it::shop,result=ok,user=_OTHER} +2",
            "function.calls{function=same_names,module=it::shop,result=ok,call=true} +1",
            "shop.payments.calls{function=pay,module=it::shop,result=error,region=eu,shard=3,tested=true,tier=free_of_charge,odd=false,user=0,what=refused,first=true} +1",
            "shop.payments.calls{function=pay,module=it::shop,result=error,region=eu,shard=3,tested=true,tier=free_of_charge,odd=false,user=_OTHER,what=refused,first=false} +1",
            "shop.payments.calls{function=pay,module=it::shop,result=error,region=eu,shard=3,tested=true,tier=free_of_charge,odd=true,user=_OTHER,what=refused,first=false} +1",
            "shop.payments.calls{function=pay,module=it::shop,result=ok,region=eu,shard=3,tested=true,tier=free_of_charge,odd=true,user=_OTHER,large=true,kind=paid} +1",
            "shop.searches.calls{function=search,module=it::shop,result=ok} +1",
            "tachograph.labels.overflowed{function=pay,module=it::shop,label=user} +3",
            "tachograph.labels.overflowed{function=pay_later,module=it::shop,label=user} +2",
        ]
    );
}
