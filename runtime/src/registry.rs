//! The registry: everything that is counted, in one place.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::clock;
use crate::metrics::{FunctionCells, Snapshot, publish};
use crate::site::{self, Site};

/// Holds all metrics. Clones share one registry.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    functions: Functions,
    start_unix_nanos: u64,
}

/// Where the cells of annotated functions are.
#[derive(Debug)]
enum Functions {
    /// In the sites themselves.
    Static,
    /// In a map by the sites' addresses, for registries besides the global one.
    Keyed(RwLock<HashMap<usize, (&'static Site, Arc<FunctionCells>)>>),
}

impl Registry {
    /// The registry that annotated functions record to.
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(|| Registry::with(Functions::Static));
        &GLOBAL
    }

    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Functions::Keyed(RwLock::default()))
    }

    fn with(functions: Functions) -> Self {
        Self {
            inner: Arc::new(Inner {
                functions,
                start_unix_nanos: clock::unix_nanos(),
            }),
        }
    }

    /// Reads all metrics.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            metrics: self.functions(),
            start_unix_nanos: self.inner.start_unix_nanos,
            unix_nanos: clock::unix_nanos(),
        }
    }

    fn functions(&self) -> Vec<crate::metrics::Metric> {
        match &self.inner.functions {
            Functions::Static => {
                let metered = site::sites().into_iter().filter(|site| site.is_metered());
                publish(metered.map(|site| (site, &site.cells)))
            }
            Functions::Keyed(functions) => {
                let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
                publish(functions.values().map(|(site, cells)| (*site, &**cells)))
            }
        }
    }

    /// The cells of a function in this registry, which is not the global one.
    pub(crate) fn function(&self, site: &'static Site) -> Arc<FunctionCells> {
        let Functions::Keyed(functions) = &self.inner.functions else {
            unreachable!("only scopes look functions up");
        };
        let key = std::ptr::from_ref(site).addr();
        let known = functions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .map(|(_, cells)| Arc::clone(cells));
        known.unwrap_or_else(|| {
            let mut functions = functions.write().unwrap_or_else(PoisonError::into_inner);
            let (_, cells) = functions
                .entry(key)
                .or_insert_with(|| (site, Arc::new(FunctionCells::new())));
            Arc::clone(cells)
        })
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}
