//! The headers that a user wants to be sent: often credentials.

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, HeaderMap, HeaderName, HeaderValue, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use crate::error::BuildError;

/// How a body is sent. hyper sends what it is given of these, so a server could take half a body for a whole one.
const SET_BY_REQUESTS: [HeaderName; 8] = [
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    EXPECT,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The headers that `option`, a builder's method or a variable, names, marked as secrets.
///
/// # Errors
///
/// [`BuildError::InvalidHeader`] for one that HTTP does not know, or that says how bodies are sent.
pub(crate) fn header_map<'a>(
    option: &str,
    headers: impl IntoIterator<Item = &'a (String, String)>,
) -> Result<HeaderMap, BuildError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let invalid = |reason: &str| BuildError::InvalidHeader {
            option: option.to_owned(),
            reason: reason.to_owned(),
        };
        let key = HeaderName::try_from(name)
            .map_err(|_| invalid("write names in letters, digits and `-`"))?;
        if SET_BY_REQUESTS.contains(&key) {
            return Err(invalid(&format!(
                "requests set `{key}` themselves; drop it"
            )));
        }
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| invalid("write values in one line, without control characters"))?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_bad_headers() {
        let bad = |name: &str, value: &str| {
            header_map("X", &[(name.to_owned(), value.to_owned())])
                .expect_err("a bad header")
                .to_string()
        };
        assert_eq!(
            bad("a b", "secret"),
            "X has a header that cannot be sent: write names in letters, digits and `-`"
        );
        assert_eq!(
            bad("api-key", "sec\nret"),
            "X has a header that cannot be sent: write values in one line, without control characters"
        );
        assert_eq!(
            bad("Content-Length", "5"),
            "X has a header that cannot be sent: requests set `content-length` themselves; drop it"
        );
    }

    #[test]
    fn debug_shows_no_values() {
        let headers = header_map("X", &[("api-key".to_owned(), "secret".to_owned())]);
        let shown = format!("{:?}", headers.unwrap());
        assert!(
            shown.contains("api-key") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
