//! The body of an `async fn` becomes a future in the future; a call begins at its first poll.
async fn fetch(client: &Client, __argument1: Url) -> Result<Page, FetchError> {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            async move {
                if false {
                    return ::tachograph::__private::unreached::<
                        Result<Page, FetchError>,
                    >();
                }
                #[allow(clippy::shadow_same)]
                let client = client;
                let __argument1 = __argument1;
                let Url(url) = __argument1;
                {
                    if url.is_empty() {
                        return Err(FetchError::Empty);
                    }
                    client.get(url).await
                }
            },
            |__result, _| ::tachograph::__private::outcome!(__result, Display),
        )
        .await
}
async fn wait() {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
            async move {
                if false {
                    return ::tachograph::__private::unreached::<()>();
                }
                {
                    tick().await;
                }
            },
            |_, _| ::tachograph::__private::Outcome::Ok,
        )
        .await
}
async fn forever(ticks: Ticks) -> ! {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            async move {
                if false {
                    return ::tachograph::__private::unreached::<()>();
                }
                #[allow(clippy::shadow_same)]
                let mut ticks = ticks;
                loop {
                    ticks.next().await;
                }
            },
            |_, _| ::tachograph::__private::Outcome::Ok,
        )
        .await;
    loop {}
}
async fn stream(&self, name: &str) -> impl Stream<Item = u8> {
    ::tachograph::__private::call_async(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).metered()
            ),
            async move {
                #[allow(clippy::shadow_same)]
                let name = name;
                self.open(name).await
            },
            |_, _| ::tachograph::__private::Outcome::Ok,
        )
        .await
}
