//! Who sends.

use tachograph::{Attribute, Resource, semconv};

use super::Code;
use super::env::Env;

/// The service's name and attributes: code, then `OTEL_SERVICE_NAME`, then `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn resource(code: &Code, env: &Env<'_>) -> Resource {
    let attributes = env.pairs("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let attributes = attributes.into_iter();
    let mut resource = Resource::new(unknown_service())
        .merge(attributes.map(|(key, value)| Attribute::new(key, value)));
    let name = code.service.clone();
    if let Some(name) = name.or_else(|| env.text("OTEL_SERVICE_NAME")) {
        resource.set(semconv::SERVICE_NAME, name);
    }
    resource.merge(code.attributes.iter().cloned())
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
            let attributes =
                attributes.filter(|attribute| !attribute.key.starts_with("telemetry."));
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
        let warning = "OTEL_RESOURCE_ATTRIBUTES=`***` is ignored: write `key=value` pairs with commas between them";
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

        let (resource, _) = with_env(&[], |env| resource(&nobody, env));
        let name = resource.get(semconv::SERVICE_NAME).unwrap().to_string();
        assert!(
            name.starts_with("unknown_service:tachograph_exporters"),
            "{name}"
        );
    }
}
