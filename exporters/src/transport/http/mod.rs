//! Requests over HTTP/1.1 with connections that are kept alive.

use std::error::Error;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::MAX_RESPONSE_BYTES;
use super::causes::with_causes;
use super::endpoint::Endpoint;
use super::secrets::Secrets;
use super::status::VerdictOf;
use super::tls::Connector;
use crate::gzip::gzip;
use crate::pipeline::payload::Payload;
use crate::pipeline::sink::{Sending, Transport};
use crate::pipeline::verdict::{Receipt, Verdict};

/// Where requests go and what they say about themselves.
pub(crate) struct HttpConfig {
    /// The full URL.
    pub(crate) endpoint: Endpoint,
    /// What the user wants to be sent, credentials among it.
    pub(crate) headers: HeaderMap,
    pub(crate) content_type: &'static str,
    /// Whether bodies are compressed.
    pub(crate) gzip: bool,
    pub(crate) connector: Connector,
}

/// Posts payloads to one URL. Headers show neither in `Debug` nor in errors.
#[derive(Debug)]
pub(crate) struct HttpTransport {
    client: Client<Connector, Full<Bytes>>,
    endpoint: Endpoint,
    headers: HeaderMap,
    hidden: Secrets,
    gzip: bool,
    verdict_of: VerdictOf,
}

impl HttpTransport {
    /// Connects when the first payload is sent.
    pub(crate) fn new(config: HttpConfig, verdict_of: VerdictOf) -> Self {
        let hidden = Secrets::of(&config.headers, &config.endpoint);
        let mut headers = config.headers;
        headers
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(concat!(
                "tachograph/",
                env!("CARGO_PKG_VERSION")
            )));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(config.content_type));
        if config.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(config.connector);
        Self {
            client,
            endpoint: config.endpoint,
            headers,
            hidden,
            gzip: config.gzip,
            verdict_of,
        }
    }

    async fn post(&self, payload: &Payload) -> Verdict {
        let body = if self.gzip {
            gzip(&payload.body)
        } else {
            payload.body.clone()
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.uri.clone();
        let headers = request.headers_mut();
        *headers = self.headers.clone();
        headers.extend(payload.headers.clone());
        let response = match self.client.request(request).await {
            Ok(response) => response,
            Err(error) => return not_answered(&error),
        };
        let (head, body) = response.into_parts();
        let verdict = |body: &Bytes| (self.verdict_of)(head.status, &head.headers, body);
        let said = match Limited::new(body, MAX_RESPONSE_BYTES).collect().await {
            Ok(body) => return verdict(&body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                format!("answered with more than {MAX_RESPONSE_BYTES} bytes")
            }
            Err(error) => format!("broke off its answer: {}", with_causes(error.as_ref())),
        };
        // The status came, and says what became of the request.
        match verdict(&Bytes::new()) {
            Verdict::Taken(receipt) => Verdict::Taken(Receipt {
                message: said,
                ..receipt
            }),
            verdict => verdict,
        }
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async {
            let verdict = self.post(payload).await;
            let verdict = verdict.reworded(|words| self.hidden.hide(words));
            verdict.said_of(&self.endpoint)
        })
    }

    fn server(&self) -> Option<String> {
        Some(self.endpoint.server())
    }
}

/// Why a request has no answer. Whatever cuts a connection may be over soon, but another protocol stays.
fn not_answered(error: &legacy::Error) -> Verdict {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let reason = with_causes(error);
    if cause.is_some_and(hyper::Error::is_parse) {
        Verdict::refused(format!("does not answer in HTTP/1.1: {reason}"))
    } else if error.is_connect() {
        Verdict::later(format!("could not be reached: {reason}"))
    } else {
        Verdict::later(format!("closed the connection: {reason}"))
    }
}

#[cfg(test)]
mod tests;
