//! The names of an annotated function, read from the type name of a closure in its body.

/// What a site is called.
#[derive(Debug)]
pub(super) struct Names {
    /// `Type::method` or `function`.
    pub(super) function: String,
    /// `crate::module::Type::method`.
    pub(super) path: String,
    /// `Type::method` or `module::function`.
    pub(super) span: String,
}

impl Names {
    /// Reads the names from the type name of a closure inside the static inside the function.
    pub(super) fn new(marker: &str, module: &str) -> Self {
        let plain = without_generics(marker);
        let segments = plain
            .split("::")
            .filter(|segment| !segment.starts_with('{') && *segment != "SITE");
        let segments = segments.collect::<Vec<_>>();

        // The path of a method in an `impl` block away from its type begins at the type, wherever that stands.
        let depth = module.split("::").count();
        let away = marker.contains("<impl ") || marker.starts_with('<');
        let from = if away {
            segments.len().saturating_sub(2)
        } else {
            depth.min(segments.len())
        };
        let function = segments[from..].join("::");
        let last_module = module.rsplit("::").next().unwrap_or(module);
        let span = if function.contains("::") {
            function.clone()
        } else {
            format!("{last_module}::{function}")
        };
        Self {
            path: format!("{module}::{function}"),
            function,
            span,
        }
    }
}

/// Leaves generic arguments out, and puts the type in the place of `<Type as Trait>` and `<impl Trait for Type>`.
fn without_generics(name: &str) -> String {
    let Some(open) = name.find('<') else {
        return name.to_owned();
    };
    let (before, inside) = (&name[..open], &name[open + 1..]);
    let (inside, after) = inside.split_at(closing(inside));
    let after = without_generics(after.trim_start_matches('>'));
    if let Some(implementation) = inside.strip_prefix("impl ") {
        let subject =
            split_outside(implementation, " for ").map_or(implementation, |(_, subject)| subject);
        return without_generics(subject) + &after;
    }
    match split_outside(inside, " as ") {
        Some((subject, _)) if before.is_empty() => without_generics(subject) + &after,
        _ => before.trim_end_matches("::").to_owned() + &after,
    }
}

/// Where the bracket closes that was opened before `inside`.
fn closing(inside: &str) -> usize {
    let mut depth = 1_u32;
    let bytes = inside.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if index > 0 && bytes[index - 1] == b'-' => {}
            b'>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    inside.len()
}

/// Splits at a separator that is not inside brackets.
fn split_outside<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let balanced = |text: &str| {
        let arrows = text.matches("->").count();
        text.matches('<').count() + arrows == text.matches('>').count()
    };
    let at = text
        .match_indices(separator)
        .map(|(at, _)| at)
        .find(|at| balanced(&text[..*at]))?;
    Some((&text[..at], &text[at + separator.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(marker: &str, module: &str, function: &str, span: &str, path: &str) {
        let names = Names::new(marker, module);
        assert_eq!(
            (
                names.function.as_str(),
                names.span.as_str(),
                names.path.as_str()
            ),
            (function, span, path)
        );
    }

    #[test]
    fn names_of_functions_and_methods() {
        let marker = "shop::orders::place::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "place",
            "orders::place",
            "shop::orders::place",
        );
        let marker = "shop::orders::Cart<_>::pay::{{closure}}::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "Cart::pay",
            "Cart::pay",
            "shop::orders::Cart::pay",
        );
        let marker = "shop::orders::place::check::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "place::check",
            "place::check",
            "shop::orders::place::check",
        );
        check(
            "shop::main::SITE::{{closure}}",
            "shop",
            "main",
            "shop::main",
            "shop::main",
        );
    }

    #[test]
    fn names_of_implementations() {
        let marker = "shop::<impl shop::Tax for u32>::rate::SITE::{{closure}}";
        check(marker, "shop", "u32::rate", "u32::rate", "shop::u32::rate");
        let marker = "shop::<impl shop::cart::W<alloc::vec::Vec<u8>>>::outer::SITE::{{closure}}";
        check(marker, "shop", "W::outer", "W::outer", "shop::W::outer");
        let marker = "<shop::cart::W<_> as shop::Tax<fn(u8) -> u8>>::rate::SITE::{{closure}}";
        check(
            marker,
            "shop::cart",
            "W::rate",
            "W::rate",
            "shop::cart::W::rate",
        );
        let marker = "shop::cart::Tax::provided::SITE::{{closure}}";
        check(
            marker,
            "shop::cart",
            "Tax::provided",
            "Tax::provided",
            "shop::cart::Tax::provided",
        );
    }
}
