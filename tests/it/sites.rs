//! The list of annotated functions.

use tachograph::{Site, metered, sites, traced};

/// Where `fn never_called` stands.
const LINE: u32 = line!() + 8;

/// Never called by any test.
///
/// And so on.
#[metered]
#[traced]
#[expect(dead_code, reason = "it is only listed")]
fn never_called() {}

#[metered]
fn generic<T: Default>() -> T {
    T::default()
}

struct Pair<A, B>(A, B);

impl<A, B> Pair<A, B> {
    #[traced]
    fn swap(self) -> Pair<B, A> {
        Pair(self.1, self.0)
    }
}

fn listed(path: &str) -> Vec<&'static Site> {
    sites()
        .into_iter()
        .filter(|site| site.path() == path)
        .collect()
}

#[test]
fn a_function_is_listed_before_its_first_call() {
    let [site] = listed("it::sites::never_called")[..] else {
        panic!("one site");
    };
    assert!(site.is_metered() && site.is_traced());
    assert_eq!(site.module(), "it::sites");
    assert_eq!(site.doc_comment(), "Never called by any test.");
    assert_eq!(site.location().file(), file!());
    assert_eq!(site.location().line(), LINE);
}

#[test]
fn a_generic_function_is_one_site_however_many_instances_it_has() {
    let _: (u8, String) = (generic(), generic());
    let _ = Pair(1, "a").swap().swap().swap();
    assert_eq!(listed("it::sites::generic").len(), 1);
    assert_eq!(listed("it::sites::Pair::swap").len(), 1);
}

#[test]
fn the_list_is_sorted_by_path() {
    let sites = sites();
    assert!(sites.is_sorted_by_key(|site| site.path()));
    assert!(
        sites
            .iter()
            .all(|site| site.is_metered() || site.is_traced())
    );
}

/// A program has one of these for each annotated function, whether it is ever called or not.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_function_that_is_never_called_takes_less_than_half_a_kilobyte() {
    assert!(size_of::<Site>() <= 480, "{}", size_of::<Site>());
}
