//! The README's example: two annotated functions, one `install()`, a page to look at.
//!
//! ```sh
//! cargo run --bin quickstart
//! ```

use tachograph::{metered, traced};
use tachograph_exporters::Telemetry;

#[traced(fields(order.id = id), err)]
#[metered]
fn place_order(id: u32) -> Result<u32, String> {
    if id.is_multiple_of(4) {
        return Err(format!("order {id}: card declined"));
    }
    Ok(ship(id))
}

#[traced]
#[metered]
fn ship(id: u32) -> u32 {
    1_000 + id
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _telemetry = Telemetry::builder("quickstart")
        .serve("127.0.0.1:9090")
        .install()?;
    let shipped = (1..=10).filter(|id| place_order(*id).is_ok()).count();
    println!("{shipped} of 10 orders shipped: see http://127.0.0.1:9090/metrics, then press Enter");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}
