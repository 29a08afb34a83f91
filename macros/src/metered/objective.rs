//! `objective(success = 99.9, latency(250ms, 99.0))`: what may be written, and what it means.

use darling::FromMeta;
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Lit, Meta, Path, Token};

use super::values::Buckets;
use crate::options::{Shape, Usage};
use crate::report::{Faults, fault};
use crate::values::{Grouped, Nested, Value, number, wrong_type};

/// `objective(success = 99.9, latency(250ms, 99.0))`
#[derive(FromMeta)]
pub(crate) struct ObjectiveArgs {
    success: Option<Value<Percent>>,
    latency: Option<Latency>,
}

impl Nested for ObjectiveArgs {
    const USAGES: &[Usage] = &[
        Usage {
            name: "latency",
            shapes: &[Shape::List],
            example: "latency(250ms, 99.0)",
        },
        Usage {
            name: "success",
            shapes: &[Shape::Value],
            example: "success = 99.9",
        },
    ];
}

/// What calls shall reach.
#[derive(Default)]
pub(crate) struct Objective {
    /// In percent.
    pub(crate) success: Option<f64>,
    pub(crate) latency: Option<LatencyObjective>,
}

pub(crate) struct LatencyObjective {
    pub(crate) nanos: u64,
    /// In percent.
    pub(crate) percent: f64,
}

impl Objective {
    /// `buckets` are missing when they have a fault.
    pub(crate) fn new(
        args: Grouped<ObjectiveArgs>,
        buckets: Option<&Buckets>,
    ) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut objective = Self::default();
        let ObjectiveArgs { success, latency } = args.options?;
        if success.is_none() && latency.is_none() {
            let example = "`objective(success = 99.9, latency(250ms, 99.0))`";
            return Err(fault(
                args.key,
                "an objective has something to reach",
                example,
            ));
        }
        if let Some(success) = success {
            objective.success = faults.handle(success.value).map(|percent| percent.0);
        }
        if let Some(Latency(latency)) = latency
            && let Some((threshold, percent)) = faults.handle(latency)
        {
            if let Some(buckets) = buckets {
                faults.handle(has_bound(&threshold, buckets));
            }
            objective.latency = Some(LatencyObjective {
                nanos: threshold.nanos,
                percent: percent.0,
            });
        }
        faults.finish()?;
        Ok(objective)
    }
}

/// Calls that are fast enough have a cell of their own, unless the function lists its buckets: then one of those must end
/// at the threshold.
fn has_bound(threshold: &Threshold, buckets: &Buckets) -> syn::Result<()> {
    let Buckets::Explicit(bounds) = buckets else {
        return Ok(());
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounds are not negative, and the cast saturates"
    )]
    let nanos = |bound: f64| (bound * 1e9).round() as u64;
    if bounds.iter().any(|bound| nanos(*bound) == threshold.nanos) {
        return Ok(());
    }
    #[expect(clippy::cast_precision_loss, reason = "it is shown")]
    let seconds = threshold.nanos as f64 / 1e9;
    let what = format!(
        "objective {} needs a bucket boundary at {seconds} s, or its alert can never be exact",
        threshold.text
    );
    let help = format!("add `{seconds}` to `buckets`, or drop `buckets`");
    Err(Error::new(threshold.place, format!("{what}\nhelp: {help}")))
}

/// `99.9`
pub(crate) struct Percent(f64);

impl TryFrom<&Expr> for Percent {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let takes = "a number of percent such as `99.9`";
        let percent = number(value).ok_or_else(|| wrong_type(value, "objective", takes))??;
        if percent > 1.0 && percent < 100.0 {
            return Ok(Self(percent));
        }
        if percent > 0.0 && percent <= 1.0 {
            let what =
                format!("an objective is in percent, and {percent} percent is next to nothing");
            // Of the digits that are written.
            let share = (percent * 1e9).round() / 1e7;
            return Err(fault(value, what, format!("`{share}`")));
        }
        let what = if percent >= 100.0 {
            format!("an objective of {percent} percent leaves no room for a single failure")
        } else {
            format!("an objective of {percent} percent is always reached")
        };
        Err(fault(value, what, "`99.9`"))
    }
}

/// `latency(250ms, 99.0)`
pub(crate) struct Latency(syn::Result<(Threshold, Percent)>);

impl FromMeta for Latency {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let list = option.require_list()?;
        let read = |input: ParseStream<'_>| {
            let threshold: Threshold = input.parse()?;
            let comma = input.parse::<Option<Token![,]>>()?;
            if input.is_empty() {
                return Err(missing_share(&list.path, &threshold));
            }
            if comma.is_none() {
                return Err(input.error("expected `,`"));
            }
            let percent = Percent::try_from(&input.parse::<Expr>()?)?;
            input.parse::<Option<Token![,]>>()?;
            if !input.is_empty() {
                return Err(input.error("nothing follows the share of `latency`"));
            }
            Ok((threshold, percent))
        };
        Ok(Self(list.parse_args_with(read)))
    }
}

fn missing_share(key: &Path, threshold: &Threshold) -> Error {
    let what = "`latency` takes how long calls may take, and how many of them in percent";
    fault(
        key,
        what,
        format!("`latency({}, 99.0)`", threshold.text.replace(' ', "")),
    )
}

/// `250ms`
struct Threshold {
    nanos: u64,
    /// As messages show it: `250 ms`.
    text: String,
    place: Span,
}

impl Threshold {
    const UNITS: [(&str, f64); 6] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 60e9),
        ("h", 3600e9),
    ];
}

impl Parse for Threshold {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let what = "`latency` begins with a duration in `ns`, `us`, `ms`, `s`, `m` or `h`";
        let refused = |place: Span| Error::new(place, format!("{what}\nhelp: `250ms`"));
        let literal: Lit = input
            .parse()
            .map_err(|fault: Error| refused(fault.span()))?;
        let place = literal.span();
        let (digits, suffix) = match &literal {
            Lit::Int(number) => (number.base10_digits(), number.suffix()),
            Lit::Float(number) => (number.base10_digits(), number.suffix()),
            _ => return Err(refused(place)),
        };
        let unit = Self::UNITS.into_iter().find(|(unit, _)| *unit == suffix);
        let (Ok(number), Some((unit, factor))) = (digits.parse::<f64>(), unit) else {
            return Err(refused(place));
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a literal is not negative, and the cast saturates"
        )]
        let nanos = (number * factor).round() as u64;
        Ok(Self {
            nanos,
            text: format!("{digits} {unit}"),
            place,
        })
    }
}
