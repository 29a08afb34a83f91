//! Names and values that travel with a request through all services.

use std::borrow::Cow;

/// Pairs that a request carries from service to service, as [W3C Baggage] has them.
///
/// It is a value: changing it makes another one. Names are told apart by case and may be any text; what a header cannot
/// carry, and how much it carries, is up to whoever writes the header. What is in it reaches every service below: put
/// no secrets there.
///
/// ```
/// use tachograph::trace::{Baggage, Context};
///
/// let context = Context::current().with_baggage(Baggage::new().with("tenant", "acme"));
/// context.in_scope(|| {
///     assert_eq!(Context::current().baggage().get("tenant"), Some("acme"));
/// });
/// ```
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage {
    members: Vec<BaggageMember>,
}

/// One pair of a [`Baggage`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaggageMember {
    name: Cow<'static, str>,
    value: Cow<'static, str>,
    /// As it is written after the value: `key=value;flag`.
    properties: Cow<'static, str>,
}

impl Baggage {
    /// Baggage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// The same with this pair, in the place of an earlier one of that name. An empty name is left out.
    #[must_use]
    pub fn with(
        self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.with_properties(name, value, "")
    }

    /// The same with properties of the pair, written as in the header: `key=value;flag`.
    #[must_use]
    pub fn with_properties(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
        properties: impl Into<Cow<'static, str>>,
    ) -> Self {
        let member = BaggageMember {
            name: name.into(),
            value: value.into(),
            properties: properties.into(),
        };
        match self.members.iter_mut().find(|it| it.name == member.name) {
            Some(known) => *known = member,
            None if member.name.is_empty() => {}
            None => self.members.push(member),
        }
        self
    }

    /// The same without the pair of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.retain(|member| member.name != name);
        self
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.name == name);
        member.map(|member| &*member.value)
    }

    /// All pairs, in the order in which they were first set.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &BaggageMember> {
        self.members.iter()
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl BaggageMember {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The properties as they are written after the value: `key=value;flag`; empty when there are none.
    #[must_use]
    pub fn properties(&self) -> &str {
        &self.properties
    }
}
