//! Connections that are open in time, and found dead in time.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::timeout;
use tower_service::Service;

/// A connector that gives up after some time, whatever it waits for: a name, a connection, or TLS.
#[derive(Clone, Debug)]
pub(crate) struct Within<C> {
    connector: C,
    time: Duration,
}

/// How long connections may be silent, when attempts to send may take so long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    attempts: Duration,
}

impl Patience {
    /// For requests whose attempts may take so long together.
    pub(crate) fn with(attempts: Duration) -> Self {
        Self { attempts }
    }

    /// Leaves time for two others: a host may have several addresses, of which some lead nowhere.
    fn connecting(self) -> Duration {
        self.attempts / 3
    }

    /// After which silence a connection is looked after, and again after which it is given up, so that there is time for
    /// another one.
    pub(crate) fn silence(self) -> Duration {
        (self.attempts / 3).clamp(Duration::from_secs(1), Duration::from_secs(60))
    }

    /// TCP, with a probe of connections that nothing is heard of.
    pub(super) fn tcp(self) -> HttpConnector {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        // `https` passes through it, too.
        http.enforce_http(false);
        // All addresses of a name share it.
        http.set_connect_timeout(Some(self.connecting()));
        http.set_keepalive(Some(self.silence()));
        http.set_keepalive_interval(Some(self.silence()));
        http.set_keepalive_retries(Some(2));
        // What was sent on a connection that died is not acknowledged.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        http.set_tcp_user_timeout(Some(self.silence()));
        http
    }

    pub(super) fn within<C>(self, connector: C) -> Within<C> {
        Within {
            connector,
            time: self.connecting(),
        }
    }
}

impl<C> Service<Uri> for Within<C>
where
    C: Service<Uri>,
    C::Error: Into<Box<dyn Error + Send + Sync>>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.connector.call(to);
        let time = self.time;
        Box::pin(async move {
            if let Ok(connected) = timeout(time, connecting).await {
                return connected.map_err(Into::into);
            }
            let reason = format!("no connection within {time:?}");
            Err(io::Error::new(io::ErrorKind::TimedOut, reason).into())
        })
    }
}
