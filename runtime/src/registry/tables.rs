//! The instruments of one registry, by their names.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::own::OwnCounter;
use crate::metrics::{
    self, AnyTable, BuildError, Counter, Declaration, Family, Kind, LabelNames, Spec, Table,
};

/// A table for each instrument.
#[derive(Debug, Default)]
pub(super) struct Tables {
    by_name: RwLock<ByName>,
}

/// The keys are in lower case.
type ByName = BTreeMap<String, Arc<dyn AnyTable>>;

impl Tables {
    /// All of them, copied, so that no instrument has to wait for whoever reads them.
    pub(super) fn all(&self) -> Vec<Arc<dyn AnyTable>> {
        let tables = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().cloned().collect()
    }

    /// The table with this name, in upper or lower case.
    pub(super) fn find(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        let tables = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(&name.to_ascii_lowercase()).cloned()
    }

    /// The table of an instrument, made now or before.
    pub(super) fn table<I: Kind>(&self, spec: Spec) -> Result<Arc<Table<I>>, BuildError> {
        if let Some(known) = self.find(&spec.name) {
            return same(known, &spec);
        }
        if let Some(site) = metrics::owner(&spec.name) {
            let that = format!("a metric of the function `{}`", site.path());
            let declaration = Declaration::Code(site.location());
            return Err(spec.conflict(I::KIND.with_article(), that, &declaration));
        }
        let mut tables = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        match tables.get(&spec.name.to_ascii_lowercase()) {
            Some(known) => same(Arc::clone(known), &spec),
            None => Ok(add(&mut tables, spec)),
        }
    }

    /// Takes away the table with this name, in upper or lower case.
    pub(super) fn remove(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        let mut tables = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        tables.remove(&name.to_ascii_lowercase())
    }

    /// A counter of what happens to the registry itself.
    pub(super) fn own_counter<const N: usize>(
        &self,
        declared: &OwnCounter<N>,
    ) -> Family<Counter, N> {
        let spec = Spec {
            description: declared.description.into(),
            unit: declared.unit.into(),
            labels: LabelNames::Named(declared.labels.map(Cow::Borrowed).into()),
            ..Spec::here(declared.name)
        };
        let mut tables = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        Family::new(add(&mut tables, spec))
    }
}

/// The known table, if it is what is described.
fn same<I: Kind>(known: Arc<dyn AnyTable>, spec: &Spec) -> Result<Arc<Table<I>>, BuildError> {
    let (kind, declaration) = (known.kind(), known.spec().declaration.clone());
    let known: Arc<dyn Any + Send + Sync> = known;
    let Ok(same) = known.downcast::<Table<I>>() else {
        return Err(spec.conflict(I::KIND.with_article(), kind.with_article(), &declaration));
    };
    spec.agrees::<I>(&same.spec)?;
    Ok(same)
}

fn add<I: Kind>(tables: &mut ByName, spec: Spec) -> Arc<Table<I>> {
    let name = spec.name.to_ascii_lowercase();
    let table = Arc::new(Table::new(spec));
    tables.insert(name, Arc::clone(&table) as _);
    table
}
