//! Options, each declared once.
//!
//! A declaration says what an option is called in code, in the environment and in a configuration file, what its values
//! are, which holds if nobody says one, and what it is for. From it come reading and checking, who wins (code, then the
//! file if there is one, else the environment), and the tables of `docs/configuration.md`.

use super::env::Env;
use super::kind::{self, Kind};
use crate::error::BuildError;

/// An option whose values are of type `T`.
pub(crate) struct Setting<T: 'static> {
    /// What says it in code: `.batch_delay(..)`. Empty for what code does not say.
    pub(crate) code: &'static str,
    /// What says it in the environment; the first that is set and makes sense holds. `{SIGNAL}` stands for `TRACES` or
    /// `METRICS`.
    pub(crate) variables: &'static [&'static str],
    /// What says it in a configuration file, in the words of OpenTelemetry's schema where that has some.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "a test writes it into the tables")
    )]
    pub(crate) key: &'static str,
    pub(crate) kind: Kind<T>,
    /// The value that holds if nobody says one, as it would be written into the variable. Empty for none.
    pub(crate) default: &'static str,
    /// Whether a value is a credential, which nothing ever shows, of whatever kind it is.
    pub(crate) is_secret: bool,
    /// What it is for, in one sentence.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "a test writes it into the tables")
    )]
    pub(crate) sentence: &'static str,
}

/// What somebody said of an option, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// Where somebody said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In code, by this method.
    Code(&'static str),
    /// In the environment, by this variable.
    Variable(String),
}

impl Place {
    /// The method or the variable.
    pub(crate) fn option(&self) -> &str {
        match self {
            Self::Code(method) => method,
            Self::Variable(name) => name,
        }
    }
}

impl<T: Clone> Setting<T> {
    /// What was said: by code, else by the environment.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`] for code that makes no sense. A variable that makes none is ignored.
    pub(crate) fn said(
        &self,
        in_code: Option<T>,
        env: &Env<'_>,
    ) -> Result<Option<Said<T>>, BuildError> {
        let Some(value) = in_code else {
            return Ok(self.in_env(env));
        };
        let place = Place::Code(self.code);
        match self.kind.check(&value) {
            Ok(()) => Ok(Some(Said { value, place })),
            Err(reason) => Err(refused(&place, self.show(&value), reason)),
        }
    }

    /// What the environment says.
    pub(crate) fn in_env(&self, env: &Env<'_>) -> Option<Said<T>> {
        let variables = self.variables.iter();
        let mut variables = variables.filter_map(|declared| env.variable(declared));
        variables.find_map(|name| {
            let read = self.kind.read(&env.text(&name)?);
            match read {
                Ok(value) => Some(Said {
                    value,
                    place: Place::Variable(name),
                }),
                Err(reason) => {
                    env.ignore(&name, reason);
                    None
                }
            }
        })
    }

    /// What holds: what code says, else the environment, else the default.
    ///
    /// # Errors
    ///
    /// Those of [`Setting::said`].
    pub(crate) fn resolve(&self, in_code: Option<T>, env: &Env<'_>) -> Result<T, BuildError> {
        let said = self.said(in_code, env)?;
        Ok(said.map_or_else(|| self.default(), |said| said.value))
    }

    /// What holds if code cannot say it.
    pub(crate) fn resolve_in_env(&self, env: &Env<'_>) -> T {
        let said = self.in_env(env);
        said.map_or_else(|| self.default(), |said| said.value)
    }

    /// Turns down what was said: an error for code, while a variable is ignored.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`].
    pub(crate) fn refuse(
        &self,
        said: &Said<T>,
        env: &Env<'_>,
        reason: String,
    ) -> Result<(), BuildError> {
        match &said.place {
            Place::Code(_) => Err(refused(&said.place, self.show(&said.value), reason)),
            Place::Variable(name) => {
                env.ignore(name, reason);
                Ok(())
            }
        }
    }

    /// A value for an error; `***` for a secret, and for what may be one by mistake.
    pub(crate) fn show(&self, value: &T) -> String {
        if self.is_secret {
            kind::hidden(value)
        } else {
            self.kind.show(value)
        }
    }

    /// What holds if nobody says anything.
    pub(crate) fn default(&self) -> T {
        let default = self.kind.read(self.default);
        default.expect("a test reads all defaults")
    }
}

fn refused(place: &Place, value: String, reason: String) -> BuildError {
    BuildError::InvalidConfig {
        option: place.option().to_owned(),
        value,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    #[test]
    fn a_secret_is_hidden_whatever_its_kind() {
        let message = |is_secret| {
            let pin = Setting {
                code: ".pin(..)",
                variables: &[],
                key: "",
                kind: kind::POSITIVE,
                default: "1",
                is_secret,
                sentence: "",
            };
            let (said, _) = with_env(&[], |env| pin.said(Some(0), env));
            said.unwrap_err().to_string()
        };
        let shown = ".pin(..) cannot be `0`: it must be above zero";
        assert_eq!(message(false), shown);
        assert_eq!(message(true), shown.replace("`0`", "`***`"));
    }
}
