//! The body of an `async fn` becomes a future in the future; a call begins at its first poll.

#[traced(err)]
async fn fetch(client: &Client, Url(url): Url) -> Result<Page, FetchError> {
    if url.is_empty() {
        return Err(FetchError::Empty);
    }
    client.get(url).await
}

#[metered]
async fn wait() {
    tick().await;
}

#[traced]
async fn forever(mut ticks: Ticks) -> ! {
    loop {
        ticks.next().await;
    }
}

#[metered]
async fn stream(&self, name: &str) -> impl Stream<Item = u8> {
    self.open(name).await
}
