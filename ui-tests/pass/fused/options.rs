//! What is recorded, and that one probe records it.
#![deny(warnings)]

use tachograph::testing::Recorder;
use tachograph::{sites, Label};

mod names {
    pub(crate) const CHECKOUT: &str = "checkout";
}

#[derive(Debug)]
enum Tier {
    Free,
    Paid,
}

impl Label for Tier {
    const VALUES: &'static [&'static str] = &["free", "paid"];

    fn index(&self) -> usize {
        match self {
            Tier::Free => 0,
            Tier::Paid => 1,
        }
    }
}

struct Customer {
    id: u64,
    tier: Tier,
}

mod shop {
    use tachograph::traced as spanned;
    use tachograph::{metered, traced};

    use super::{names, Customer};

    /// Pays a cart.
    #[traced(name = names::CHECKOUT, kind = "server", err, fields(id, customer.id = customer.id, tier = ?customer.tier, total = empty, doubled = id * 2))]
    #[metered(name = "shop.checkout", buckets = [0.1, 1], labels(region = "eu", tier = customer.tier, first = *id == 1))]
    pub(crate) fn checkout(id: &u64, customer: &Customer) -> Result<(), String> {
        if customer.id == 0 {
            Err("nobody".to_owned())
        } else {
            Ok(())
        }
    }

    #[metered]
    #[traced(fields(a, text = %b, rest = c.len()))]
    pub(crate) fn patterns((mut a, b): (u8, char), ref mut c: Vec<u8>) -> Result<u8, ()> {
        a += 1;
        c.clear();
        Ok(a + u8::try_from(b).map_err(drop)?)
    }

    #[tachograph::metered]
    #[::tachograph::traced]
    pub(crate) fn by_path() {}

    #[metered]
    #[spanned]
    pub(crate) fn under_another_name() {}

    #[metered(crate = crate::telemetry)]
    #[crate::telemetry::traced]
    pub(crate) fn through_a_crate_path() -> Result<(), ()> {
        Ok(())
    }
}

mod telemetry {
    pub use tachograph::{__private, traced};
}

fn main() {
    use shop::{by_path, checkout, patterns, through_a_crate_path, under_another_name};

    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let customer = |id, tier| Customer { id, tier };
        assert_eq!(checkout(&1, &customer(7, Tier::Paid)), Ok(()));
        assert!(checkout(&2, &customer(0, Tier::Free)).is_err());
        assert_eq!(patterns((1, '\u{1}'), vec![1, 2]), Ok(3));
        by_path();
        under_another_name();
        through_a_crate_path().unwrap();
    });
    recorder.assert_traces(
        r#"
        checkout (server) 0ns id=1 customer.id=7 tier=Paid doubled=2
        checkout (server) 0ns id=2 customer.id=0 tier=Free doubled=4 error.type=alloc::string::String [error: nobody]
          * exception +0ns exception.type=alloc::string::String exception.message=nobody
        shop::patterns 0ns a=1 text="\u{1}" rest=2
        shop::by_path 0ns
        shop::under_another_name 0ns
        shop::through_a_crate_path 0ns
        "#,
    );
    let deltas = recorder.metric_deltas();
    for series in [
        "result=ok,region=eu,tier=paid,first=true} +1\n",
        "result=error,region=eu,tier=free,first=false} +1\n",
    ] {
        assert_eq!(deltas.matches(series).count(), 1, "{deltas}");
    }
    assert_eq!(
        deltas.matches("function=under_another_name").count(),
        2,
        "{deltas}"
    );

    let records = |name: &str| -> Vec<(bool, bool)> {
        let named = sites().into_iter().filter(|site| site.function() == name);
        named
            .map(|site| (site.is_metered(), site.is_traced()))
            .collect()
    };
    assert_eq!(records("checkout"), [(true, true)]);
    assert_eq!(records("patterns"), [(true, true)]);
    assert_eq!(records("by_path"), [(true, true)]);
    assert_eq!(records("through_a_crate_path"), [(true, true)]);
    let mut two = records("under_another_name");
    two.sort_unstable();
    assert_eq!(two, [(false, true), (true, false)]);
    assert_eq!(
        sites()
            .iter()
            .find(|site| site.function() == "checkout")
            .unwrap()
            .doc_comment(),
        "Pays a cart."
    );
}
