//! Blocks hand their attributes on to their functions, whose own options go first.

#[traced(err, kind = "client")]
#[metered]
impl Warehouse {
    pub fn new() -> &'static Self {
        &EMPTY
    }

    #[traced(kind = "server")]
    async fn fetch(&self, id: u64) -> Result<Crate, NotFound> {
        self.shelves.get(id).await
    }

    #[traced(skip)]
    fn len(&self) -> usize {
        self.shelves.len()
    }

    #[metered(skip)]
    #[traced(skip)]
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    const fn capacity(&self) -> usize {
        8
    }
}

#[traced]
trait Priced {
    fn price(&self) -> u64;

    fn doubled(&self) -> u64 {
        self.price() * 2
    }
}

#[metered(crate = crate::telemetry)]
mod shop {
    fn checkout() {}

    impl Cart {
        fn pay(&self) {}
    }

    #[metered(skip)]
    impl Money {
        fn add(&self) {}
    }

    impl Drop for Cart {
        fn drop(&mut self) {}
    }
}
