//! The names of an annotated function, read from the type name of a closure in its body.

use std::sync::OnceLock;

use crate::value::Attribute;

/// What a site is called.
#[derive(Debug)]
pub(super) struct Names {
    /// `Type::method` or `function`.
    pub(super) function: String,
    /// `crate::module::Type::method`.
    pub(super) path: String,
    /// `Type::method` or `module::function`.
    pub(super) span: String,
    /// `code.*`, once a span or a log record asks for them.
    pub(super) code_attributes: OnceLock<[Attribute; 3]>,
}

impl Names {
    /// Reads the names from the type name of a closure inside the static inside the function.
    pub(super) fn new(marker: &str, module: &str) -> Self {
        let function = marker.strip_suffix(MARKED).unwrap_or(marker);
        // The path of a method in an `impl` block away from its type begins at the type, wherever that stands.
        let function = if let Some((subject, method)) = away(function) {
            last_names(&without_generics(subject)) + &named(method, 0)
        } else {
            let named = named(function, module.split("::").count());
            named.trim_start_matches("::").to_owned()
        };
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
            code_attributes: OnceLock::new(),
        }
    }
}

/// How the path of the closure ends.
const MARKED: &str = "::__TACHOGRAPH_SITE::{{closure}}";

/// `::Type::method`: what has a name in a path, after so many segments.
fn named(path: &str, skipped: usize) -> String {
    let plain = without_generics(path);
    let segments = plain
        .split("::")
        .filter(|segment| !segment.is_empty() && !segment.starts_with('{') && *segment != "_");
    segments
        .skip(skipped)
        .flat_map(|segment| ["::", segment])
        .collect()
}

/// The type and the path that follows it, of `<Type as Trait>::method` and `<impl Trait for Type>::method`.
fn away(path: &str) -> Option<(&str, &str)> {
    let open = if path.starts_with('<') {
        0
    } else {
        path.find("<impl ")?
    };
    let inside = &path[open + 1..];
    let (inside, after) = inside.split_at(closing(inside));
    let subject = match inside.strip_prefix("impl ") {
        Some(implementation) => {
            split_outside(implementation, " for ").map_or(implementation, |(_, subject)| subject)
        }
        None => split_outside(inside, " as ").map_or(inside, |(subject, _)| subject),
    };
    Some((subject, after.trim_start_matches('>')))
}

/// `(u8, shop::Cart)` as `(u8, Cart)`.
fn last_names(ty: &str) -> String {
    let mut short = String::new();
    for c in ty.chars() {
        short.push(c);
        if let Some(path) = short.strip_suffix("::") {
            let is_word = |c: char| c.is_alphanumeric() || "_#{}".contains(c);
            short.truncate(path.trim_end_matches(is_word).len());
        }
    }
    short
}

/// Leaves generic arguments out.
fn without_generics(name: &str) -> String {
    let Some(open) = name.find('<') else {
        return name.to_owned();
    };
    let (before, inside) = (&name[..open], &name[open + 1..]);
    let after = &inside[closing(inside)..];
    before.trim_end_matches("::").to_owned() + &without_generics(after.trim_start_matches('>'))
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
    fn check(place: &str, module: &str, function: &str, span: &str, path: &str) {
        let names = Names::new(&format!("{place}{MARKED}"), module);
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
        let place = "shop::orders::place";
        check(
            place,
            "shop::orders",
            "place",
            "orders::place",
            "shop::orders::place",
        );
        let place = "shop::orders::Cart<_>::pay::{{closure}}";
        check(
            place,
            "shop::orders",
            "Cart::pay",
            "Cart::pay",
            "shop::orders::Cart::pay",
        );
        let place = "shop::orders::place::check";
        check(
            place,
            "shop::orders",
            "place::check",
            "place::check",
            "shop::orders::place::check",
        );
        check("shop::main", "shop", "main", "shop::main", "shop::main");
    }

    #[test]
    fn names_that_are_ours_too() {
        let place = "shop::__TACHOGRAPH_SITE";
        let name = "__TACHOGRAPH_SITE";
        let path = "shop::__TACHOGRAPH_SITE";
        check(place, "shop", name, path, path);
        let place = "shop::SITE";
        check(place, "shop", "SITE", "shop::SITE", "shop::SITE");
    }

    #[test]
    fn names_in_a_constant_without_one() {
        let place = "shop::_::Cart::pay";
        check(place, "shop", "Cart::pay", "Cart::pay", "shop::Cart::pay");
    }

    #[test]
    fn names_of_implementations() {
        let place = "shop::<impl shop::Tax for u32>::rate";
        check(place, "shop", "u32::rate", "u32::rate", "shop::u32::rate");
        let place = "shop::<impl shop::cart::W<alloc::vec::Vec<u8>>>::outer";
        check(place, "shop", "W::outer", "W::outer", "shop::W::outer");
        let place = "<shop::cart::W<_> as shop::Tax<fn(u8) -> u8>>::rate";
        check(
            place,
            "shop::cart",
            "W::rate",
            "W::rate",
            "shop::cart::W::rate",
        );
        let place = "shop::<impl shop::Tax for (u8, shop::Cart<u8>)>::rate";
        let tuple = "(u8, Cart)::rate";
        check(place, "shop", tuple, tuple, "shop::(u8, Cart)::rate");
        let place = "<dyn shop::Tax + core::marker::Send as shop::Tax>::rate";
        let object = "dyn Tax + Send::rate";
        check(place, "shop", object, object, "shop::dyn Tax + Send::rate");
        let place = "shop::<impl shop::cart::W<_>>::outer::{{closure}}::inner";
        let inner = "W::outer::inner";
        check(place, "shop", inner, inner, "shop::W::outer::inner");
        let place = "shop::cart::Tax::provided";
        check(
            place,
            "shop::cart",
            "Tax::provided",
            "Tax::provided",
            "shop::cart::Tax::provided",
        );
    }
}
