//! What calls are annotated with, and how it is installed and shut down.

#[cfg(feature = "peers")]
mod fastrace;
mod tachograph;
#[cfg(feature = "peers")]
mod tracing;

use std::error::Error;
use std::time::Duration;

use crate::arguments::Framework;
use crate::outside::Outside;
use crate::report::Loss;
use crate::work::{Order, bare};

/// A framework that is installed.
pub(crate) trait Installed {
    /// What is called.
    fn order(&self) -> Order;

    /// Sends what is left. The spans that were dropped by cause; none if the framework does not say.
    ///
    /// # Errors
    ///
    /// The framework says that it did not succeed.
    fn end(self: Box<Self>, timeout: Duration) -> Result<Option<Vec<Loss>>, Box<dyn Error>>;
}

/// Installs a framework that sends spans to the collector outside and is scraped from there, if it has metrics.
pub(crate) fn start(
    framework: Framework,
    outside: &mut Outside,
) -> Result<Box<dyn Installed>, Box<dyn Error>> {
    match framework {
        Framework::Tachograph => tachograph::install(outside),
        #[cfg(feature = "peers")]
        Framework::Tracing => tracing::install(outside),
        #[cfg(feature = "peers")]
        Framework::Fastrace => Ok(fastrace::install(outside)?),
        #[cfg(not(feature = "peers"))]
        Framework::Tracing | Framework::Fastrace => {
            Err("for peers: cargo run --release -p tachograph-load --features peers -- ..".into())
        }
        Framework::None => Ok(Box::new(None)),
    }
}

/// Nothing at all.
struct None;

impl Installed for None {
    fn order(&self) -> Order {
        bare::order
    }

    fn end(self: Box<Self>, _: Duration) -> Result<Option<Vec<Loss>>, Box<dyn Error>> {
        Ok(Some(Vec::new()))
    }
}
