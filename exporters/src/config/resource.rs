//! Who sends.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::time::SystemTime;

use tachograph::{Attribute, Resource, semconv};

use super::Code;
use super::env::Env;
use super::kind;
use super::setting::Setting;

const NAME: Setting<String> = Setting {
    code: "Telemetry::builder(..)",
    variables: &["OTEL_SERVICE_NAME"],
    key: "resource.attributes",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "The service's name; `unknown_service:` and the name of the program by default.",
};
const ATTRIBUTES: Setting<Vec<(String, String)>> = Setting {
    code: ".resource(..)",
    variables: &["OTEL_RESOURCE_ATTRIBUTES"],
    key: "resource.attributes_list",
    kind: kind::PAIRS,
    default: "",
    is_secret: false,
    sentence: "Attributes of this process; one mistake spoils all. There is a random `service.instance.id` unless \
               something names it.",
};

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 2] = [&NAME, &ATTRIBUTES];

/// The service's name and attributes: code, then the variable for the name, then that for attributes, then a random
/// `service.instance.id`.
pub(crate) fn resource(code: &Code, env: &Env<'_>) -> Resource {
    let attributes = ATTRIBUTES.in_env(env).map(|said| said.value);
    let attributes = attributes.unwrap_or_default().into_iter();
    let mut resource = Resource::new(unknown_service())
        .merge([Attribute::new(semconv::SERVICE_INSTANCE_ID, instance_id())])
        .merge(attributes.map(|(key, value)| Attribute::new(key, value)));
    let name = code.service.clone();
    if let Some(name) = name.or_else(|| NAME.in_env(env).map(|said| said.value)) {
        resource.set(semconv::SERVICE_NAME, name);
    }
    resource.merge(code.attributes.iter().cloned())
}

/// A random UUID (version 4, <https://www.rfc-editor.org/rfc/rfc9562.html>), another one each time.
///
/// The keys of std's hash maps come from the system's entropy; a forked child has those of its parent, and another id of the
/// process.
fn instance_id() -> String {
    let keys = RandomState::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "it tells machines apart that were cloned"
    )]
    let word = |number: u8| keys.hash_one((number, process::id(), SystemTime::now()));
    let [high, low] = [word(0), word(1)];
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff,
    )
}

/// The name that the specification has for services without one.
fn unknown_service() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem());
    match name {
        Some(name) => format!("unknown_service:{}", name.to_string_lossy()),
        None => "unknown_service".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    #[test]
    fn the_resource() {
        let check = |code: &Code, variables: &[(&str, &str)], expected: &str, warnings: &[&str]| {
            let (resource, ignored) = with_env(variables, |env| resource(code, env));
            let attributes = resource.attributes().iter();
            let attributes = attributes.filter(|attribute| {
                let is_ours = |it: &&str| attribute.key.starts_with(*it);
                !["telemetry.", "service.instance."].iter().any(is_ours)
            });
            let words = attributes.map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(words.join(" "), expected);
            assert_eq!(ignored, warnings);
        };
        let (name, attributes) = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES");
        let nobody = Code::default();
        check(&nobody, &[(name, "a")], "service.name=a", &[]);
        check(
            &nobody,
            &[(attributes, "service.name=b,zone=x%20y")],
            "service.name=b zone=x y",
            &[],
        );
        check(
            &nobody,
            &[(attributes, "service.name=b"), (name, "a")],
            "service.name=a",
            &[],
        );
        let warning =
            "OTEL_RESOURCE_ATTRIBUTES is ignored: write `key=value` pairs with commas between them";
        check(
            &nobody,
            &[(attributes, "zone=x,y"), (name, "a")],
            "service.name=a",
            &[warning],
        );
        let code = Code {
            service: Some("code".to_owned()),
            attributes: vec![Attribute::new("zone", "c")],
            ..Code::default()
        };
        check(
            &code,
            &[(attributes, "zone=x,b=1"), (name, "a")],
            "service.name=code zone=c b=1",
            &[],
        );

        let (again, _) = with_env(&[], |env| resource(&nobody, env));
        let (resource, _) = with_env(&[], |env| resource(&nobody, env));
        let [id, other] =
            [&resource, &again].map(|it| it.get(semconv::SERVICE_INSTANCE_ID).unwrap().to_string());
        assert!(
            id != other && id.len() == 36 && id.as_bytes()[14] == b'4',
            "{id}"
        );
        let name = resource.get(semconv::SERVICE_NAME).unwrap().to_string();
        assert!(
            name.starts_with("unknown_service:tachograph_exporters"),
            "{name}"
        );
    }
}
