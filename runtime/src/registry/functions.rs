//! The cells of annotated functions, as one registry has them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::listed;
use crate::metrics::FunctionCells;
use crate::site::Site;

/// Where the cells of annotated functions are.
#[derive(Debug)]
pub(super) enum Functions {
    /// In the sites themselves.
    Static,
    /// In a map by the sites' addresses, for registries besides the global one.
    Keyed(RwLock<HashMap<usize, (&'static Site, Arc<FunctionCells>)>>),
}

impl Functions {
    /// All metered functions, in any order, with their cells in this registry.
    pub(super) fn with_all<T>(
        &self,
        read: impl FnOnce(Vec<(&'static Site, &FunctionCells)>) -> T,
    ) -> T {
        match self {
            Self::Static => {
                let mut all = Vec::new();
                listed::for_each(|site| {
                    if site.is_metered() {
                        all.push((site, &site.cells));
                    }
                });
                read(all)
            }
            Self::Keyed(functions) => {
                let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
                let all = functions.values();
                read(all.map(|(site, cells)| (*site, &**cells)).collect())
            }
        }
    }

    /// The cells of a function in a registry that is not the global one.
    pub(super) fn cells(&self, site: &'static Site) -> Arc<FunctionCells> {
        let Self::Keyed(functions) = self else {
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

/// All metered functions of the program, sorted by path and line.
pub(super) fn metered() -> Vec<&'static Site> {
    let mut sites = listed::sites();
    sites.retain(|site| site.is_metered());
    sites
}
