//! How gRPC requests reach their server.

use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use tonic::codegen::Service;
use tonic::transport::{self, Channel};

use super::super::connect::Patience;
use super::super::tls::Connector;

/// Connects to one endpoint, whatever URL it is asked for.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) to: Uri,
    pub(super) connector: Connector,
    pub(super) patience: Patience,
}

impl Connection {
    /// A channel that connects when it is used first.
    pub(super) fn channel(&self, user_agent: &'static str) -> Channel {
        // If another crate of the program has enabled tonic's own TLS, tonic refuses `https` without that. So it is
        // told to connect to `http`; requests say `https` as they should.
        let mut told = self.to.clone().into_parts();
        told.scheme = Some(Scheme::HTTP);
        let told = Uri::from_parts(told).expect("another scheme leaves a URL a URL");
        transport::Endpoint::from(told)
            .origin(self.to.clone())
            .user_agent(user_agent)
            .expect("our own name is a header's value")
            // While an answer is waited for; servers do not like more.
            .http2_keep_alive_interval(self.patience.silence())
            .keep_alive_timeout(self.patience.silence())
            .connect_with_connector_lazy(self.clone())
    }
}

impl Service<Uri> for Connection {
    type Response = <Connector as Service<Uri>>::Response;
    type Error = <Connector as Service<Uri>>::Error;
    type Future = <Connector as Service<Uri>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        self.connector.call(self.to.clone())
    }
}
