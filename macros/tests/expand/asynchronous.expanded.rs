//! The body of an `async fn` becomes a future in the future; a call begins at its first poll.
async fn fetch(client: &Client, argument1: Url) -> Result<Page, FetchError> {
    ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
        )
        .run_async(
            async move {
                if false {
                    let early: Result<Page, FetchError> = loop {};
                    return early;
                }
                let client = client;
                let argument1 = argument1;
                let Url(url) = argument1;
                let result: Result<Page, FetchError> = {
                    if url.is_empty() {
                        return Err(FetchError::Empty);
                    }
                    client.get(url).await
                };
                result
            },
            |result| ::tachograph::__private::outcome!(result, Display),
        )
        .await
}
async fn wait() {
    ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        )
        .run_async(
            async move {
                if false {
                    let early: () = loop {};
                    return early;
                }
                let result: () = {
                    tick().await;
                };
                result
            },
            |_| ::tachograph::__private::Outcome::Ok,
        )
        .await
}
async fn forever(ticks: Ticks) -> ! {
    ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
        )
        .run_async(
            async move {
                if false {
                    let early: () = loop {};
                    return early;
                }
                let mut ticks = ticks;
                let result: () = loop {
                    ticks.next().await;
                };
                result
            },
            |_| ::tachograph::__private::Outcome::Ok,
        )
        .await;
    loop {}
}
async fn stream(&self, name: &str) -> impl Stream<Item = u8> {
    ::tachograph::__private::Call::start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
        )
        .run_async(
            async move {
                let name = name;
                let result = self.open(name).await;
                result
            },
            |_| ::tachograph::__private::Outcome::Ok,
        )
        .await
}
