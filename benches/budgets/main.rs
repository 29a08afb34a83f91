//! The rows of the table; see the documentation of the crate.

mod data;
mod encoding;
mod functions;
mod futures;
mod idle;
mod libraries;
mod memory;
mod metered;
mod peers;
mod runner;
mod scrape;
mod threads;
mod traced;

use runner::Table;

fn main() {
    if memory::is_one_side() {
        return;
    }
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut table = Table::new(words.collect());
    // First, because what is installed for a whole process stays installed.
    idle::rows(&mut table);
    peers::install();
    metered::rows(&mut table);
    traced::rows(&mut table);
    threads::rows(&mut table);
    encoding::rows(&mut table);
    scrape::rows(&mut table);
    memory::rows(&mut table);
    futures::rows(&mut table);
    data::rows(&mut table);
}
