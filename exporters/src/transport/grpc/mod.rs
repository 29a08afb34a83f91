//! Requests over gRPC.

mod codec;
mod judge;
mod retry_info;

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::{self, Channel};
use tonic::{Request, Status};

use super::MAX_RESPONSE_BYTES;
use super::endpoint::Endpoint;
use super::headers::header_map;
use crate::error::BuildError;
use crate::pipeline::sink::{Payload, Receipt, SendError, Sending, Transport};
use codec::BytesCodec;

/// Where requests go and what they say about themselves.
pub(crate) struct GrpcConfig<'a> {
    /// As errors name it: `otlp_grpc`.
    pub(crate) exporter: &'static str,
    /// Scheme, host and port.
    pub(crate) endpoint: &'a str,
    /// The method: `/package.Service/Method`.
    pub(crate) method: &'static str,
    pub(crate) user_agent: &'static str,
    /// What the user wants to be sent, credentials among it.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether messages are compressed.
    pub(crate) gzip: bool,
}

/// Calls one unary method. Headers show neither in `Debug` nor in errors.
#[derive(Debug)]
pub(crate) struct GrpcTransport {
    endpoint: Endpoint,
    connection: transport::Endpoint,
    method: PathAndQuery,
    metadata: MetadataMap,
    gzip: bool,
    /// Reads the answer to a call that succeeded.
    read: fn(&[u8]) -> Receipt,
    idle: Mutex<Option<Grpc<Channel>>>,
}

impl GrpcTransport {
    /// Connects when the first payload is sent, because a channel needs a runtime.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidEndpoint`], [`BuildError::TlsNotEnabled`], or [`BuildError::InvalidConfig`] for a header
    /// that HTTP does not know.
    pub(crate) fn new(
        config: GrpcConfig<'_>,
        read: fn(&[u8]) -> Receipt,
    ) -> Result<Self, BuildError> {
        let endpoint = Endpoint::parse(config.exporter, config.endpoint)?;
        let metadata = MetadataMap::from_headers(header_map(config.headers)?);
        let connection = connection(&endpoint, config.user_agent).map_err(|error| {
            BuildError::InvalidEndpoint {
                exporter: config.exporter,
                endpoint: endpoint.to_string(),
                reason: super::with_causes(&error),
            }
        })?;
        Ok(Self {
            endpoint,
            connection,
            method: PathAndQuery::from_static(config.method),
            metadata,
            gzip: config.gzip,
            read,
            idle: Mutex::default(),
        })
    }

    async fn call(&self, payload: &Payload) -> Result<Receipt, SendError> {
        let mut client = self.idle().take().unwrap_or_else(|| self.client());
        let answer = unary(&mut client, self.request(payload), self.method.clone()).await;
        // Whoever loses patience drops this future, and with it the client, because its connection may be dead.
        *self.idle() = Some(client);
        match answer {
            Ok(message) => Ok((self.read)(&message)),
            Err(status) => Err(judge::judge(&status)),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<Grpc<Channel>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self) -> Grpc<Channel> {
        let client = Grpc::new(self.connection.connect_lazy())
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
        *request.metadata_mut() = self.metadata.clone();
        request
    }
}

impl Transport for GrpcTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async {
            self.call(payload)
                .await
                .map_err(|error| error.said_of(&self.endpoint))
        })
    }
}

fn connection(
    endpoint: &Endpoint,
    user_agent: &'static str,
) -> Result<transport::Endpoint, transport::Error> {
    let connection = transport::Endpoint::from(endpoint.uri.clone()).user_agent(user_agent)?;
    #[cfg(feature = "tls")]
    if endpoint.uri.scheme_str() == Some("https") {
        return connection.tls_config(transport::ClientTlsConfig::new().with_webpki_roots());
    }
    Ok(connection)
}

async fn unary(
    client: &mut Grpc<Channel>,
    request: Request<Bytes>,
    method: PathAndQuery,
) -> Result<Bytes, Status> {
    let ready = client.ready().await;
    ready.map_err(|error| Status::from_error(error.into()))?;
    let answer = client.unary(request, method, BytesCodec).await?;
    Ok(answer.into_inner())
}

#[cfg(test)]
mod tests;
