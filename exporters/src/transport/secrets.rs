//! Secrets that are sent, and must not come back in what people read.

use std::fmt;

use http::HeaderMap;

use super::endpoint::Endpoint;

/// What stands in its place.
const HIDDEN: &str = "***";
/// Shorter ones are part of too many words.
const MIN_CHARS: usize = 4;

/// What is known to be secret of the requests to one endpoint: the values of headers that the user has set, credentials
/// in them without their scheme, and the query. Backends like to quote what they do not accept.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// The longest first, because one may be in another.
    known: Vec<String>,
}

impl Secrets {
    pub(crate) fn of(headers: &HeaderMap, endpoint: &Endpoint) -> Self {
        let values = headers.values().filter(|value| value.is_sensitive());
        let values = values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let credentials = |value: &str| value.split_once(' ').map(|(_, after)| after.to_owned());
        let query = endpoint.uri.query().unwrap_or_default();
        let in_query = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut known = values
            .flat_map(|value| [Some(value.to_owned()), credentials(value)])
            .flatten()
            .chain([query.to_owned()])
            .chain(in_query.map(|(_, value)| value.to_owned()))
            .filter(|secret| secret.chars().count() >= MIN_CHARS)
            .collect::<Vec<_>>();
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { known }
    }

    /// The text without them.
    pub(crate) fn hide(&self, text: String) -> String {
        self.known.iter().fold(text, |text, secret| {
            if text.contains(secret) {
                text.replace(secret, HIDDEN)
            } else {
                text
            }
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::super::headers::header_map;
    use super::*;

    #[test]
    fn what_was_sent_is_hidden() {
        let headers = [
            ("authorization", "Bearer abc.def"),
            ("x-scope", "7"),
            ("api-key", "abc.def.ghi"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = header_map("X", &headers).unwrap();
        let endpoint = Endpoint::parse("X", "http://h/v1/traces?token=t0ken&a=1").unwrap();
        let secrets = Secrets::of(&headers, &endpoint);
        let hidden = |text: &str| secrets.hide(text.to_owned());
        assert_eq!(hidden("bad token abc.def"), "bad token ***");
        assert_eq!(hidden("bad key abc.def.ghi"), "bad key ***");
        assert_eq!(hidden("`Bearer abc.def` in 7 places"), "`***` in 7 places");
        assert_eq!(hidden("/v1/traces?token=t0ken&a=1"), "/v1/traces?***");
        assert_eq!(hidden("no such token: t0ken"), "no such token: ***");
        assert_eq!(format!("{secrets:?}"), "***");
    }
}
