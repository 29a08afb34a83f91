//! Which format and encoding of a page a client prefers ([RFC 9110], section 12.5).
//!
//! [RFC 9110]: https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5

use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};

use crate::prometheus::Format;

/// One alternative in a header.
struct Choice<'a> {
    value: &'a str,
    parameters: &'a str,
}

/// How much a client wants something: by quality, then by how precisely it said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
struct Wish {
    quality: f32,
    precision: u8,
}

/// A media range that names the type itself has this precision, or one more if it names the version, too.
const NAMED: u8 = 2;

/// The format to answer in. A client that does not care, or wants neither, gets Prometheus' text.
pub(super) fn format(headers: &HeaderMap) -> Format {
    let (mut text, mut open_metrics) = (Wish::default(), Wish::default());
    for choice in choices(headers, &ACCEPT) {
        // The most precise range decides, so that `text/plain;q=0, */*` refuses text.
        let consider = |wish: &mut Wish, kind, version| {
            let quality = choice.quality();
            if let Some(precision) = choice.precision(kind, version)
                && (precision, quality) > (wish.precision, wish.quality)
            {
                *wish = Wish { quality, precision };
            }
        };
        consider(&mut text, "text/plain", "0.0.4");
        consider(&mut open_metrics, "application/openmetrics-text", "1.0.0");
    }
    let is_wanted = open_metrics.quality > 0.0;
    let is_named = open_metrics.precision >= NAMED;
    if is_wanted && (open_metrics > text || (open_metrics == text && is_named)) {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}

/// Whether the answer may be compressed.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let choices = choices(headers, &ACCEPT_ENCODING);
    let mut gzip = choices.filter(|choice| {
        ["gzip", "x-gzip"]
            .iter()
            .any(|name| choice.value.eq_ignore_ascii_case(name))
    });
    gzip.any(|choice| choice.quality() > 0.0)
}

fn choices<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Choice<'a>> {
    let values = headers.get_all(name).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(|choice| {
        let (value, parameters) = choice.split_once(';').unwrap_or((choice, ""));
        Choice {
            value: value.trim(),
            parameters,
        }
    })
}

impl<'a> Choice<'a> {
    /// Between 0 and 1; 0 for one that cannot be read.
    fn quality(&self) -> f32 {
        let quality = self.parameter("q").map_or(Ok(1.0), str::parse);
        let is_valid = |quality: &f32| (0.0..=1.0).contains(quality);
        quality.ok().filter(is_valid).unwrap_or(0.0)
    }

    /// How precisely it names a type; `None` if it does not mean that type.
    fn precision(&self, kind: &str, version: &str) -> Option<u8> {
        let (main, _) = kind.split_once('/')?;
        let (wanted, wanted_sub) = self.value.split_once('/')?;
        if self.value == "*/*" {
            Some(0)
        } else if wanted_sub == "*" {
            wanted.eq_ignore_ascii_case(main).then_some(1)
        } else if !self.value.eq_ignore_ascii_case(kind) {
            None
        } else {
            match self.parameter("version") {
                None => Some(NAMED),
                Some(wanted) => (wanted == version).then_some(NAMED + 1),
            }
        }
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let parameters = self.parameters.split(';');
        let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
        pairs
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().trim_matches('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, values: &[&'static str]) -> HeaderMap {
        let values = values.iter().map(|value| value.parse().unwrap());
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn formats() {
        let open = [
            // Prometheus 2 and 3.
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "application/openmetrics-text",
            "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
            "Application/OpenMetrics-Text; Q=0.1",
            "application/openmetrics-text, */*",
            "text/plain;q=0.9, application/openmetrics-text",
            "application/openmetrics-text, text/plain",
            "text/plain;q=0, */*",
            "application/*",
        ];
        let text = [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/plain",
            "text/*, application/*;q=0.9",
            "text/plain;version=0.0.4;q=0.5, */*;q=0.1",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-text;q=0.5, text/plain;q=0.6",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=x",
            "application/openmetrics-text;q=nan",
            "application/openmetrics-text;q=0, text/plain;q=0",
            "application/json",
            ";,=;/",
        ];
        for accept in open {
            assert_eq!(
                format(&headers(&ACCEPT, &[accept])),
                Format::OpenMetrics,
                "{accept}"
            );
        }
        for accept in text {
            assert_eq!(
                format(&headers(&ACCEPT, &[accept])),
                Format::Text,
                "{accept}"
            );
        }
        assert_eq!(format(&HeaderMap::new()), Format::Text);
        let in_two = headers(
            &ACCEPT,
            &["text/plain;q=0.5", "application/openmetrics-text"],
        );
        assert_eq!(format(&in_two), Format::OpenMetrics);
    }

    #[test]
    fn encodings() {
        let cases = [
            ("gzip", true),
            ("deflate, gzip;q=0.5, br", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("gzip;q=0", false),
            ("gzip;q=0.0", false),
            ("identity", false),
            ("", false),
        ];
        for (accepted, expected) in cases {
            let headers = headers(&ACCEPT_ENCODING, &[accepted]);
            assert_eq!(accepts_gzip(&headers), expected, "{accepted}");
        }
    }
}
