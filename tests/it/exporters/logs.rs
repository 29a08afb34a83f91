//! Log records as `tracing` events of the application's own subscriber, and subscribers that misbehave.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use tachograph::traced;
use tachograph_exporters::Telemetry;
use tachograph_tests::alone;
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

use super::{PATIENCE, current};

#[traced(err(level = "warn"))]
fn pay(code: u8) -> Result<(), String> {
    if code == 0 {
        Ok(())
    } else {
        Err(format!("declined with code {code}"))
    }
}

#[traced(err(type, level = "debug"), target = "shop::refunds")]
fn refund() -> Result<(), String> {
    Err("card 4711 is closed".into())
}

fn install() -> Telemetry {
    Telemetry::builder("tests")
        .without_server()
        .install()
        .unwrap()
}

/// What a subscriber has written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }

    fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let written = self.clone();
        fmt::layer()
            .with_writer(move || written.clone())
            .with_ansi(false)
            .without_time()
    }
}

#[test]
fn a_subscriber_shows_and_filters_what_is_logged() {
    alone(&[], || {
        let written = Written::default();
        let filter = Targets::new().with_target("it", tracing::Level::WARN);
        let filtered = written.layer().with_filter(filter);
        registry().with(filtered).init();

        let _ = pay(1);
        assert_eq!(written.take(), "", "nobody listens yet");
        let telemetry = install();
        let _ = (pay(0), pay(5), refund());
        let line = written.take();
        let (before, ids) = line.trim_start().split_once(" trace_id=").unwrap();
        assert_eq!(
            before,
            "WARN it::exporters::logs: declined with code 5 error.type=\"alloc::string::String\" \
             code.function.name=\"it::exporters::logs::pay\""
        );
        assert_eq!(ids.trim_end().len(), 32 + " span_id=".len() + 16, "{ids}");
        telemetry.shutdown(PATIENCE).unwrap();
        let _ = pay(6);
        assert_eq!(written.take(), "", "nobody listens any more");
    });
}

/// Does `on_event` for each event.
struct Each<F>(F);

impl<S: Subscriber, F: Fn(&tracing::Event<'_>) + 'static> Layer<S> for Each<F> {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        (self.0)(event);
    }
}

/// Installs a subscriber and counts its events that come from here.
fn counting(then: impl Fn() + Send + Sync + 'static) -> Arc<AtomicU32> {
    let events = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&events);
    let each = Each(move |event: &tracing::Event<'_>| {
        if event.metadata().target() == module_path!() {
            count.fetch_add(1, Ordering::Relaxed);
            then();
        }
    });
    registry().with(each).init();
    events
}

#[test]
fn the_type_alone_is_logged_and_where_the_function_stands() {
    alone(&[], || {
        let written = Written::default();
        let (sender, seen) = mpsc::channel();
        let each = Each(move |event: &tracing::Event<'_>| {
            let metadata = event.metadata();
            sender.send(metadata).unwrap();
        });
        registry().with(written.layer()).with(each).init();
        let telemetry = install();
        let _ = (refund(), refund());
        let lines = written.take();
        let expected = "DEBUG shop::refunds: error.type=\"alloc::string::String\"";
        assert!(lines.trim_start().starts_with(expected), "{lines}");
        assert!(!lines.contains("4711"), "{lines}");

        let [first, second] = [seen.recv().unwrap(), seen.recv().unwrap()];
        assert!(std::ptr::eq(first, second), "one for all records of a site");
        assert_eq!(first.module_path(), Some(module_path!()));
        assert_eq!(first.file(), Some(file!()));
        let site = tachograph::sites()
            .into_iter()
            .find(|site| site.function() == "refund");
        assert_eq!(first.line(), site.map(|site| site.location().line()));
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn a_subscriber_that_fails_itself_is_not_told_of_it() {
    alone(&[], || {
        let events = counting(|| _ = pay(7));
        let telemetry = install();
        for code in 1..=3 {
            let _ = pay(code);
        }
        assert_eq!(events.load(Ordering::Relaxed), 3);
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn a_subscriber_that_panics_harms_nobody() {
    alone(&[], || {
        let events = counting(|| panic!("on purpose"));
        let telemetry = install();
        for code in 1..=3 {
            assert_eq!(pay(code), Err(format!("declined with code {code}")));
        }
        assert_eq!(events.load(Ordering::Relaxed), 3);
        assert_eq!(pay(0), Ok(()));
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn a_subscriber_is_called_within_the_span() {
    alone(&[], || {
        #[traced(err(level = "warn"))]
        fn fails(ids: &Mutex<Vec<tachograph::trace::SpanId>>) -> Result<(), u8> {
            ids.lock().unwrap().push(current());
            Err(7)
        }

        let ids = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&ids);
        counting(move || seen.lock().unwrap().push(current()));
        let telemetry = install();
        let _ = fails(&ids);
        let ids = ids.lock().unwrap();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
        telemetry.shutdown(PATIENCE).unwrap();
    });
}
