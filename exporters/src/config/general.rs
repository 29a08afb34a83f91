//! What holds for everything: whether telemetry is on, who says so, and what we say ourselves.

use tracing::level_filters::LevelFilter;

use super::Code;
use super::env::Env;
use super::kind::{self, Kind};
use super::setting::Setting;
use crate::error::BuildError;

pub(super) const DISABLED: Setting<bool> = Setting {
    code: "",
    variables: &["OTEL_SDK_DISABLED"],
    key: "disabled",
    kind: kind::FLAG,
    default: "false",
    is_secret: false,
    sentence: "Switches everything off: `install()` succeeds and nothing listens.",
};

pub(super) const CONFIG_FILE: Setting<String> = Setting {
    code: "",
    variables: &["OTEL_CONFIG_FILE"],
    key: "",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A configuration file, which is not read yet: an error of `Telemetry::from_env()`, elsewhere told of.",
};

pub(super) const LOG_LEVEL: Setting<LevelFilter> = Setting {
    code: "",
    variables: &["OTEL_LOG_LEVEL"],
    key: "log_level",
    kind: Kind::choice(&[
        ("none", LevelFilter::OFF),
        ("error", LevelFilter::ERROR),
        ("warn", LevelFilter::WARN),
        ("info", LevelFilter::INFO),
        ("debug", LevelFilter::DEBUG),
    ]),
    default: "info",
    is_secret: false,
    sentence: "How grave our own messages must be to become `tracing` events (target `tachograph`, else standard \
               error): `error` is a loss, `info` says where the server listens, and we have none at `debug`. `on_error` hears \
               everything.",
};

pub(super) const PROPAGATORS: Setting<Vec<String>> = Setting {
    code: "",
    variables: &["OTEL_PROPAGATORS"],
    key: "propagator.composite",
    kind: kind::WORDS,
    default: "none",
    is_secret: false,
    sentence: "How context travels in headers, which are not read and written yet: anything but `none` is told of.",
};

/// Says of propagators, of which there are none yet, that there are none.
pub(crate) fn propagators(env: &Env<'_>) {
    if let Some(said) = PROPAGATORS.in_env(env)
        && said.value.iter().any(|name| name != "none")
    {
        let reason = "headers of requests are not read and written yet; give spans of other processes as \
                      `#[traced(parent = ..)]` or to `with_parent(..)`, and write `none`";
        env.ignore(said.place.option(), reason);
    }
}

/// Says of a configuration file that it is not read.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] where the environment is to say everything, which it does not without its file.
pub(crate) fn config_file(code: &Code, env: &Env<'_>) -> Result<(), BuildError> {
    let Some(said) = CONFIG_FILE.in_env(env) else {
        return Ok(());
    };
    let reason =
        "configuration files are not read yet; say it in code or in variables, and unset this one";
    if !code.like_specification {
        env.ignore(said.place.option(), reason);
        return Ok(());
    }
    Err(BuildError::InvalidConfig {
        option: said.place.option().to_owned(),
        value: CONFIG_FILE.show(&said.value),
        reason: reason.to_owned(),
    })
}

/// How grave our own messages must be to become events.
pub(crate) fn log_level(env: &Env<'_>) -> LevelFilter {
    LOG_LEVEL.resolve_in_env(env)
}

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 4] =
    [&DISABLED, &CONFIG_FILE, &LOG_LEVEL, &PROPAGATORS];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::tests::with_env;

    #[test]
    fn a_configuration_file_is_not_left_out_in_silence() {
        let read = |like_specification| {
            let code = Code {
                like_specification,
                ..Code::default()
            };
            let (read, told) = with_env(&[("OTEL_CONFIG_FILE", "otel.yaml")], |env| {
                config_file(&code, env)
            });
            (read.map_err(|error| error.to_string()), told)
        };
        let reason = "configuration files are not read yet; say it in code or in variables, and unset this one";
        let told = vec![format!("OTEL_CONFIG_FILE is ignored: {reason}")];
        assert_eq!(read(false), (Ok(()), told));
        let error = format!("OTEL_CONFIG_FILE cannot be `***`: {reason}");
        assert_eq!(read(true), (Err(error), Vec::new()));
    }

    #[test]
    fn propagators_are_told_of() {
        let told = |value| with_env(&[("OTEL_PROPAGATORS", value)], propagators).1;
        assert_eq!([told(""), told("none")], [[""; 0]; 2]);
        let [warning] = &told("tracecontext,baggage")[..] else {
            panic!("one warning");
        };
        let begin = "OTEL_PROPAGATORS is ignored: ";
        assert!(
            warning.starts_with(begin) && warning.ends_with("write `none`"),
            "{warning}"
        );
    }

    #[test]
    fn log_levels() {
        let level = |value| with_env(&[("OTEL_LOG_LEVEL", value)], log_level);
        assert_eq!(level(""), (LevelFilter::INFO, vec![]));
        assert_eq!(level("none"), (LevelFilter::OFF, vec![]));
        assert_eq!(level("ERROR"), (LevelFilter::ERROR, vec![]));
        let (default, warnings) = level("loud");
        assert_eq!(default, LevelFilter::INFO);
        assert_eq!(
            warnings,
            ["OTEL_LOG_LEVEL is ignored: write one of `none`, `error`, `warn`, `info`, `debug`"]
        );
    }
}
