//! Log records as `tracing` events: the application's subscribers filter and show them like its own.

use std::array;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tachograph::logs::LogData;
use tachograph::trace::Level;
use tachograph::{Attributes, Site, ValueRef, semconv};
use tracing::dispatcher::{self, Dispatch};
use tracing::field::{FieldSet, display};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata};
use tracing_core::callsite::{self, Callsite, Identifier};
use tracing_core::metadata::Kind;

/// `trace_id` and `span_id` as OpenTelemetry names them in logs that are not OTLP.
const FIELDS: [&str; 5] = [
    "message",
    semconv::ERROR_TYPE,
    semconv::CODE_FUNCTION_NAME,
    "trace_id",
    "span_id",
];

/// What subscribers know of the records of one site and level. They keep it for ever, so it is made once.
#[derive(Debug)]
struct LogCallsite {
    /// Set before anybody sees it. It refers to the callsite around it, so it comes second.
    metadata: OnceLock<Metadata<'static>>,
    /// Whether subscribers have been asked.
    registered: OnceLock<()>,
    /// None of them wants to hear of it.
    ignored: AtomicBool,
}

/// By the number of the site.
static CALLSITES: Mutex<BTreeMap<(u32, Level), &'static LogCallsite>> = Mutex::new(BTreeMap::new());

/// Makes an event of a record of an annotated function. Others come from where there are subscribers already.
pub(crate) fn tell(record: LogData<'_>) {
    let Some(site) = record.site() else {
        return;
    };
    let callsite = LogCallsite::of(site, record);
    // Outside of the lock: subscribers are the application's code.
    callsite
        .registered
        .get_or_init(|| callsite::register(callsite));
    let metadata = callsite.metadata();
    if *metadata.level() > LevelFilter::current()
        || callsite.ignored.load(Ordering::Relaxed)
        || !dispatcher::get_default(|dispatch: &Dispatch| dispatch.enabled(metadata))
    {
        return;
    }
    let error_type = text(&record.attributes(), semconv::ERROR_TYPE);
    let function = text(&record.code_attributes(), semconv::CODE_FUNCTION_NAME);
    // What is not there is not recorded.
    let values: [&dyn tracing::Value; FIELDS.len()] = [
        &record.body_text(),
        &error_type,
        &function,
        &record.trace_id().map(display),
        &record.span_id().map(display),
    ];
    let fields = metadata.fields();
    let keys = FIELDS.map(|name| fields.field(name).expect("the fields are these"));
    let values = array::from_fn::<_, { FIELDS.len() }, _>(|at| (&keys[at], Some(values[at])));
    Event::dispatch(metadata, &fields.value_set(&values));
}

fn text<'a>(attributes: &Attributes<'a>, key: &str) -> Option<&'a str> {
    match attributes.get(key)? {
        ValueRef::String(text) => Some(text),
        _ => None,
    }
}

impl LogCallsite {
    fn of(site: &'static Site, record: LogData<'_>) -> &'static Self {
        let mut callsites = CALLSITES.lock().unwrap_or_else(PoisonError::into_inner);
        callsites
            .entry((site.number(), record.severity()))
            .or_insert_with(|| Self::new(site, record.severity()))
    }

    fn new(site: &'static Site, severity: Level) -> &'static Self {
        let callsite: &'static Self = Box::leak(Box::new(Self {
            metadata: OnceLock::new(),
            registered: OnceLock::new(),
            ignored: AtomicBool::new(false),
        }));
        callsite.metadata.get_or_init(|| {
            Metadata::new(
                site.path(),
                site.span_target(),
                level(severity),
                Some(site.location().file()),
                Some(site.location().line()),
                Some(site.module()),
                FieldSet::new(&FIELDS, Identifier(callsite)),
                Kind::EVENT,
            )
        });
        callsite
    }
}

impl Callsite for LogCallsite {
    fn set_interest(&self, interest: Interest) {
        self.ignored.store(interest.is_never(), Ordering::Relaxed);
    }

    fn metadata(&self) -> &Metadata<'static> {
        self.metadata.get().expect("set when the callsite was made")
    }
}

fn level(severity: Level) -> tracing::Level {
    match severity {
        Level::Trace => tracing::Level::TRACE,
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warn => tracing::Level::WARN,
        Level::Error => tracing::Level::ERROR,
    }
}
