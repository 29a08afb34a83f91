//! The room that annotated functions take in the program's writable data, whether they are called or not.

use std::env;
use std::fs;

use object::{Object, ObjectSection, ObjectSymbol, SectionIndex};

use crate::runner::{Table, print};

macro_rules! annotated {
    ($count:literal: $($name:ident)*) => {
        const COUNT: u32 = $count;

        mod annotated {
            $(
                #[tachograph::traced]
                #[tachograph::metered]
                pub(super) fn $name(n: u64) -> Result<u64, u64> {
                    std::hint::black_box(Ok(n))
                }
            )*
        }

        /// Keeps the linker from leaving the functions out.
        fn call() {
            $(_ = annotated::$name(1);)*
        }
    };
}

annotated!(16: f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15);

pub(crate) fn rows(table: &mut Table) {
    let name = "bytes of writable data for each annotated function";
    if !table.wants(name) {
        return;
    }
    call();
    let program = env::current_exe().expect("a program");
    let program = fs::read(program).expect("a file");
    let program = object::File::parse(&*program).expect("an executable");
    // What the attributes make is named after the module of the functions. `.data.rel.ro` is constant once loaded.
    let is_writable = |section: SectionIndex| {
        let section = program.section_by_index(section);
        section.is_ok_and(|section| {
            section
                .name()
                .is_ok_and(|name| name == ".data" || name == ".bss" || name.starts_with("linkme"))
        })
    };
    let bytes: u64 = program
        .symbols()
        .filter(|symbol| symbol.section_index().is_some_and(is_writable))
        .filter(|symbol| symbol.name().is_ok_and(|name| name.contains("9annotated")))
        .map(|symbol| symbol.size())
        .sum();
    let bytes = u32::try_from(bytes).expect("a few kilobytes");
    print(
        name,
        Some(500.0),
        &[("", f64::from(bytes) / f64::from(COUNT))],
    );
}
