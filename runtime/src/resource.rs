//! Who sends the telemetry.

use crate::semconv;
use crate::value::{Attribute, Key, Value};

/// The attributes that describe the process which sends telemetry, `service.name` first of all.
///
/// ```
/// use tachograph::{Attribute, Resource};
///
/// let resource = Resource::new("checkout").merge([Attribute::new("deployment.environment.name", "staging")]);
/// assert_eq!(resource.get("service.name"), Some(&"checkout".into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    attributes: Vec<Attribute>,
}

impl Resource {
    /// A resource with `service.name` and what the specification asks of every library (`telemetry.sdk.*`).
    pub fn new(service_name: impl Into<Value>) -> Self {
        Self {
            attributes: vec![
                Attribute::new(semconv::SERVICE_NAME, service_name),
                Attribute::new(semconv::TELEMETRY_SDK_NAME, "tachograph"),
                Attribute::new(semconv::TELEMETRY_SDK_LANGUAGE, "rust"),
                Attribute::new(semconv::TELEMETRY_SDK_VERSION, env!("CARGO_PKG_VERSION")),
            ],
        }
    }

    /// Adds attributes; one with a known key replaces the earlier value, one with an empty key is left out.
    #[must_use]
    pub fn merge(mut self, updating: impl IntoIterator<Item = Attribute>) -> Self {
        for attribute in updating {
            self.set(attribute.key, attribute.value);
        }
        self
    }

    /// Sets one attribute; an empty key is left out.
    pub fn set(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        crate::value::set(&mut self.attributes, Attribute::new(key, value));
    }

    /// The value of one attribute.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| &attribute.value)
    }

    /// All attributes, in the order in which they were first set.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }
}
