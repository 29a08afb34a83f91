//! Blocks hand their attributes on to their functions, whose own options go first.
impl Warehouse {
    pub fn new() -> &'static Self {
        let mut __call = ::tachograph::__private::Call::new();
        let __guard = __call
            .enter(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).metered().traced()
                    .kind(::tachograph::__private::SpanKind::Client)
                ),
            );
        &EMPTY
    }
    async fn fetch(&self, id: u64) -> Result<Crate, NotFound> {
        ::tachograph::__private::call_async(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).metered().traced()
                    .kind(::tachograph::__private::SpanKind::Server)
                ),
                async move {
                    if false {
                        return ::tachograph::__private::unreached::<
                            Result<Crate, NotFound>,
                        >();
                    }
                    #[allow(clippy::shadow_same)]
                    let id = id;
                    self.shelves.get(id).await
                },
                |__result, _| ::tachograph::__private::outcome!(__result, Display),
            )
            .await
    }
    fn len(&self) -> usize {
        let mut __call = ::tachograph::__private::Call::new();
        let __guard = __call
            .enter(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).metered()
                ),
            );
        self.shelves.len()
    }
    fn is_empty(&self) -> bool {
        #[allow(unused_imports)]
        use traced as _;
        self.len() == 0
    }
    const fn capacity(&self) -> usize {
        8
    }
}
trait Priced {
    fn price(&self) -> u64;
    fn doubled(&self) -> u64 {
        let mut __call = ::tachograph::__private::Call::new();
        let __guard = __call
            .enter(
                ::tachograph::__private::site!(
                    ::tachograph::__private::Site::new(|| {}).traced()
                ),
            );
        self.price() * 2
    }
}
mod shop {
    fn checkout() {
        let mut __call = crate::telemetry::__private::Call::new();
        let __guard = __call
            .enter(
                crate::telemetry::__private::site!(
                    crate ::telemetry::__private::Site::new(|| {}).metered()
                ),
            );
    }
    impl Cart {
        fn pay(&self) {
            let mut __call = crate::telemetry::__private::Call::new();
            let __guard = __call
                .enter(
                    crate::telemetry::__private::site!(
                        crate ::telemetry::__private::Site::new(|| {}).metered()
                    ),
                );
        }
    }
    impl Money {
        fn add(&self) {}
    }
    impl Drop for Cart {
        fn drop(&mut self) {}
    }
}
