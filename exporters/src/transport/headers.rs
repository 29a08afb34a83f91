//! The headers that a user wants to be sent: often credentials.

use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::error::BuildError;

/// The user's headers, marked as secrets.
pub(super) fn header_map(headers: Vec<(String, String)>) -> Result<HeaderMap, BuildError> {
    let mut map = HeaderMap::with_capacity(headers.len() + 3);
    for (name, value) in headers {
        let invalid = |reason: &str| BuildError::InvalidConfig {
            option: "a header".to_owned(),
            value: name.clone(),
            reason: reason.to_owned(),
        };
        let key = HeaderName::try_from(&name)
            .map_err(|_| invalid("names of headers have letters, digits and `-`"))?;
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| invalid("its value has characters that no header can carry"))?;
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
            header_map(vec![(name.to_owned(), value.to_owned())])
                .expect_err("a bad header")
                .to_string()
        };
        assert_eq!(
            bad("a b", "1"),
            "a header cannot be `a b`: names of headers have letters, digits and `-`"
        );
        let message = bad("api-key", "sec\nret");
        assert!(
            message.contains("api-key") && !message.contains("ret"),
            "{message}"
        );
    }
}
