//! Requests over gRPC.

mod codec;
mod connection;
mod retry_info;
mod status;

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

use super::MAX_RESPONSE_BYTES;
use super::connect::Patience;
use super::endpoint::Endpoint;
use super::secrets::Secrets;
use super::tls::Connector;
use crate::pipeline::payload::Payload;
use crate::pipeline::sink::{Sending, Transport};
use crate::pipeline::verdict::{Receipt, Verdict};
use codec::BytesCodec;
use connection::Connection;

/// Where requests go and what they say about themselves.
pub(crate) struct GrpcConfig {
    /// Scheme, host and port.
    pub(crate) endpoint: Endpoint,
    /// The method: `/package.Service/Method`.
    pub(crate) method: &'static str,
    pub(crate) user_agent: &'static str,
    /// What the user wants to be sent, credentials among it.
    pub(crate) headers: HeaderMap,
    /// Whether messages are compressed.
    pub(crate) gzip: bool,
    pub(crate) connector: Connector,
    pub(crate) patience: Patience,
}

/// Calls one unary method. Headers show neither in `Debug` nor in errors.
#[derive(Debug)]
pub(crate) struct GrpcTransport {
    endpoint: Endpoint,
    connection: Connection,
    user_agent: &'static str,
    method: PathAndQuery,
    metadata: MetadataMap,
    hidden: Secrets,
    gzip: bool,
    /// Reads the answer to a call that succeeded.
    read: fn(&[u8]) -> Receipt,
    /// Clients that are not in use, each with a connection of its own.
    idle: Mutex<Vec<Grpc<Channel>>>,
}

impl GrpcTransport {
    /// Connects when the first payload is sent, because a channel needs a runtime.
    pub(crate) fn new(config: GrpcConfig, read: fn(&[u8]) -> Receipt) -> Self {
        Self {
            connection: Connection {
                to: config.endpoint.uri.clone(),
                connector: config.connector,
                patience: config.patience,
            },
            hidden: Secrets::of(&config.headers, &config.endpoint),
            endpoint: config.endpoint,
            user_agent: config.user_agent,
            method: PathAndQuery::from_static(config.method),
            metadata: MetadataMap::from_headers(config.headers),
            gzip: config.gzip,
            read,
            idle: Mutex::default(),
        }
    }

    async fn call(&self, payload: &Payload) -> Verdict {
        let mut client = self.idle().pop().unwrap_or_else(|| self.client());
        let request = self.request(payload);
        let verdict = match begin(&mut client, request, self.method.clone()).await {
            Ok(answer) => self.end(answer, payload).await,
            Err(status) => status::verdict(&status, payload),
        };
        // Whoever loses patience drops this future, and with it the client, because its connection may be dead.
        self.idle().push(client);
        verdict
    }

    /// Reads an answer that has begun, so the server has had the request.
    async fn end(&self, mut answer: Streaming<Bytes>, payload: &Payload) -> Verdict {
        let message = match answer.message().await {
            Ok(message) => message.unwrap_or_default(),
            Err(status) if status::is_over_size_limit(&status) => {
                return Verdict::Taken(Receipt {
                    rejected: 0,
                    message: format!("answered with more than {MAX_RESPONSE_BYTES} bytes"),
                });
            }
            Err(status) => return status::verdict(&status, payload),
        };
        match answer.trailers().await {
            Err(status) if status.source().is_none() => status::verdict(&status, payload),
            // A connection that is lost between the answer and its status takes nothing back.
            _ => Verdict::Taken((self.read)(&message)),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Grpc<Channel>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self) -> Grpc<Channel> {
        let client = Grpc::new(self.connection.channel(self.user_agent))
            .max_decoding_message_size(MAX_RESPONSE_BYTES)
            .accept_compressed(CompressionEncoding::Gzip);
        if self.gzip {
            client.send_compressed(CompressionEncoding::Gzip)
        } else {
            client
        }
    }

    fn request(&self, payload: &Payload) -> Request<Bytes> {
        let mut request = Request::new(payload.body.clone());
        let mut headers = self.metadata.clone().into_headers();
        headers.extend(payload.headers.clone());
        *request.metadata_mut() = MetadataMap::from_headers(headers);
        request
    }
}

impl Transport for GrpcTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async {
            let verdict = self.call(payload).await;
            let verdict = verdict.reworded(|words| self.hidden.hide(words));
            verdict.said_of(&self.endpoint)
        })
    }

    fn server(&self) -> Option<String> {
        Some(self.endpoint.server())
    }
}

/// Calls the method, and waits until the answer begins. An answer of one message is a stream with one message in it.
async fn begin(
    client: &mut Grpc<Channel>,
    request: Request<Bytes>,
    method: PathAndQuery,
) -> Result<Streaming<Bytes>, Status> {
    let ready = client.ready().await;
    ready.map_err(|error| Status::from_error(error.into()))?;
    let answer = client.server_streaming(request, method, BytesCodec).await?;
    Ok(answer.into_inner())
}

#[cfg(test)]
mod tests;
