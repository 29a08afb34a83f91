//! Blocks hand their attributes on to their functions, whose own options go first.
impl Warehouse {
    pub fn new() -> &'static Self {
        let mut call = ::tachograph::__private::Call::new();
        let _guard = call
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
                    let id = id;
                    self.shelves.get(id).await
                },
                |result| ::tachograph::__private::outcome!(result, Display),
            )
            .await
    }
    fn len(&self) -> usize {
        let mut call = ::tachograph::__private::Call::new();
        let _guard = call
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
        let mut call = ::tachograph::__private::Call::new();
        let _guard = call
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
        let mut call = crate::telemetry::__private::Call::new();
        let _guard = call
            .enter(
                crate::telemetry::__private::site!(
                    crate ::telemetry::__private::Site::new(|| {}).metered()
                ),
            );
    }
    impl Cart {
        fn pay(&self) {
            let mut call = crate::telemetry::__private::Call::new();
            let _guard = call
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
