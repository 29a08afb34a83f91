//! The environment, and what had to be ignored in it.
//!
//! The rules are those of
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>: an empty value is none, and
//! what makes no sense is ignored with a warning. No warning has a value in it, because a secret may stand in any place.

use std::cell::RefCell;
use std::ffi::OsString;
use std::rc::Rc;

use crate::error::ExportError;
use crate::signal::Signal;

/// How a variable is found.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The environment, as one signal sees it or as all do.
pub(crate) struct Env<'a> {
    lookup: Lookup<'a>,
    signal: Option<Signal>,
    ignored: Rc<RefCell<Vec<ExportError>>>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            signal: None,
            ignored: Rc::default(),
        }
    }

    /// The same, in which the variables of this signal count besides those of all signals.
    pub(crate) fn of(&self, signal: Signal) -> Self {
        Self {
            lookup: self.lookup,
            signal: Some(signal),
            ignored: Rc::clone(&self.ignored),
        }
    }

    /// The name of a variable, with the signal's in the place of `{SIGNAL}`; `None` where there is no signal.
    pub(crate) fn variable(&self, declared: &str) -> Option<String> {
        if !declared.contains("{SIGNAL}") {
            return Some(declared.to_owned());
        }
        let signal = self.signal?.as_str().to_ascii_uppercase();
        Some(declared.replace("{SIGNAL}", &signal))
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, variable: &str) -> Option<String> {
        let value = (self.lookup)(variable)?;
        let Ok(value) = value.into_string() else {
            self.ignore(variable, "it is not valid UTF-8");
            return None;
        };
        (!value.trim().is_empty()).then_some(value)
    }

    pub(crate) fn is_set(&self, variable: &str) -> bool {
        self.text(variable).is_some()
    }

    /// Says that a variable is ignored, and why.
    pub(crate) fn ignore(&self, variable: &str, reason: impl Into<String>) {
        self.tell(ExportError::Ignored {
            option: variable.to_owned(),
            reason: reason.into(),
        });
    }

    /// Says that what code or a variable asks for has no effect, and why.
    pub(crate) fn without_effect(&self, option: &str, reason: &str) {
        self.tell(ExportError::WithoutEffect {
            option: option.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// What had to be ignored so far.
    pub(crate) fn take_ignored(&self) -> Vec<ExportError> {
        self.ignored.take()
    }

    fn tell(&self, error: ExportError) {
        let mut ignored = self.ignored.borrow_mut();
        // Variables for all signals are read once for each.
        if !ignored.contains(&error) {
            ignored.push(error);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Calls `read` with an environment of these variables, and returns what it did and what was ignored.
    pub(crate) fn with_env<T>(
        variables: &[(&str, &str)],
        read: impl FnOnce(&Env<'_>) -> T,
    ) -> (T, Vec<String>) {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(*value))
        };
        let env = Env::new(&lookup);
        let read = read(&env);
        let ignored = env.take_ignored();
        (read, ignored.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_empty_value_is_none() {
        let (found, ignored) = with_env(&[("X", ""), ("Y", " "), ("Z", "a")], |env| {
            ["X", "Y", "Z", "W"].map(|name| env.is_set(name))
        });
        assert_eq!(found, [false, false, true, false]);
        assert_eq!(ignored, [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_told_of_once() {
        use std::os::unix::ffi::OsStringExt;

        let lookup = |_: &str| Some(OsString::from_vec(b"secret\xff".to_vec()));
        let env = Env::new(&lookup);
        assert_eq!([(); 2].map(|()| env.text("X")), [None, None]);
        let ignored = env.take_ignored();
        let ignored = ignored.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ignored, ["X is ignored: it is not valid UTF-8"]);
    }
}
