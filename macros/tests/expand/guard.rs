//! Where the written return type cannot be an error, a guard stands beside the untouched body.

#[metered]
fn unit(&mut (ref a, _): &mut (String, u8), mut count: usize) {
    use std::mem;
    mem::take(&mut count);
    drop(a);
}

/// Never comes back.
#[traced]
fn never(code: i32) -> ! {
    std::process::exit(code)
}

#[traced]
fn option<T: Clone>(list: &[T]) -> Option<T> {
    list.first().cloned()
}

#[metered]
fn hidden(n: u32) -> impl Fn(u32) -> u32 + use<> {
    move |m| n + m
}

#[metered]
#[track_caller]
#[must_use]
fn located(found: Option<u8>) -> Result<u8, Missing> {
    Ok(found.unwrap())
}
