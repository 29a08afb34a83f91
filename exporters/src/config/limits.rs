//! How much a span holds.

use tachograph::trace::SpanLimits;

use super::env::Env;
use super::kind;
use super::setting::Setting;

const ATTRIBUTES: Setting<u32> = limit(
    &[
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
    ],
    "tracer_provider.limits.attribute_count_limit",
    "128",
    "How many attributes a span has at most.",
);
const VALUE_LENGTH: Setting<u32> = limit(
    &[
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    ],
    "tracer_provider.limits.attribute_value_length_limit",
    "",
    "How many characters of a text are kept; without a limit all are.",
);
const EVENTS: Setting<u32> = limit(
    &["OTEL_SPAN_EVENT_COUNT_LIMIT"],
    "tracer_provider.limits.event_count_limit",
    "128",
    "How many events a span has at most.",
);
const LINKS: Setting<u32> = limit(
    &["OTEL_SPAN_LINK_COUNT_LIMIT"],
    "tracer_provider.limits.link_count_limit",
    "128",
    "How many links a span has at most.",
);
const EVENT_ATTRIBUTES: Setting<u32> = limit(
    &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
    "tracer_provider.limits.event_attribute_count_limit",
    "128",
    "How many attributes an event has at most.",
);
const LINK_ATTRIBUTES: Setting<u32> = limit(
    &["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
    "tracer_provider.limits.link_attribute_count_limit",
    "128",
    "How many attributes a link has at most.",
);

const fn limit(
    variables: &'static [&'static str],
    key: &'static str,
    default: &'static str,
    sentence: &'static str,
) -> Setting<u32> {
    Setting {
        code: ".span_limits(..)",
        variables,
        key,
        kind: kind::NUMBER,
        default,
        is_secret: false,
        sentence,
    }
}

/// What the environment says of the limits.
pub(crate) fn span_limits(env: &Env<'_>) -> SpanLimits {
    let mut limits = SpanLimits::default();
    let set = |limit: &mut u32, setting: &Setting<u32>| {
        if let Some(said) = setting.in_env(env) {
            *limit = said.value;
        }
    };
    set(&mut limits.attributes, &ATTRIBUTES);
    set(&mut limits.value_length, &VALUE_LENGTH);
    set(&mut limits.events, &EVENTS);
    set(&mut limits.links, &LINKS);
    set(&mut limits.attributes_per_event, &EVENT_ATTRIBUTES);
    set(&mut limits.attributes_per_link, &LINK_ATTRIBUTES);
    limits
}

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 6] = [
    &ATTRIBUTES,
    &VALUE_LENGTH,
    &EVENTS,
    &LINKS,
    &EVENT_ATTRIBUTES,
    &LINK_ATTRIBUTES,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::tests::with_env;

    #[test]
    fn limits_of_spans_fall_back_to_those_of_all_signals() {
        let variables = [
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "11"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "12"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "13"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "14"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "15"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "many"),
        ];
        let (limits, ignored) = with_env(&variables, span_limits);
        let figures = [
            limits.attributes,
            limits.value_length,
            limits.events,
            limits.links,
            limits.attributes_per_event,
            limits.attributes_per_link,
        ];
        assert_eq!(figures, [11, 12, 13, 14, 15, 128]);
        assert_eq!(ignored.len(), 1);
    }

    #[test]
    fn the_defaults_are_those_of_spans() {
        let limits = SpanLimits::default();
        let counts = [
            (&ATTRIBUTES, limits.attributes),
            (&EVENTS, limits.events),
            (&LINKS, limits.links),
            (&EVENT_ATTRIBUTES, limits.attributes_per_event),
            (&LINK_ATTRIBUTES, limits.attributes_per_link),
        ];
        for (setting, limit) in counts {
            assert_eq!(setting.default(), limit, "{}", setting.key);
        }
    }
}
