//! Where the written return type cannot be an error, a guard stands beside the untouched body.
fn unit(&mut (ref a, _): &mut (String, u8), mut count: usize) {
    use std::mem;
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        );
    mem::take(&mut count);
    drop(a);
}
/// Never comes back.
fn never(code: i32) -> ! {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).doc("Never comes back.")
                .traced()
            ),
        );
    std::process::exit(code)
}
fn option<T: Clone>(list: &[T]) -> Option<T> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
        );
    list.first().cloned()
}
fn hidden(n: u32) -> impl Fn(u32) -> u32 + use<> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        );
    move |m| n + m
}
#[track_caller]
#[must_use]
fn located(found: Option<u8>) -> Result<u8, Missing> {
    let mut __call = ::tachograph::__private::Call::new();
    let __guard = __call
        .enter(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        );
    Ok(found.unwrap())
}
