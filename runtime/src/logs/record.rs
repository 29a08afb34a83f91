//! Log records as they are made.

use std::borrow::Cow;

use super::data::{
    BODY, EVENT_NAME, HEAD, LogBatch, SCOPE, SEVERITY_TEXT, TARGET, head_word, severity_number,
};
use super::listener;
use crate::packed::{KeyForm, ValueRef, find, numbered, put_attribute, put_supplement};
use crate::scope;
use crate::semconv;
use crate::site::Site;
use crate::trace::{Context, InstrumentationScope, Level, SpanId, TraceFlags, TraceId};
use crate::value::{Attribute, Value};

/// Something that happened, for whoever makes log records: a bridge from another framework, a test.
///
/// Annotated functions make theirs where `err(level = ..)` asks for it.
///
/// ```
/// use tachograph::logs::{LogBatch, LogRecord};
/// use tachograph::trace::Level;
///
/// let record = LogRecord::new(Level::Warn)
///     .with_body("disk nearly full")
///     .with_target("storage")
///     .with_attribute("disk.free_bytes", 1_048_576);
///
/// let batch = LogBatch::from_iter([record]);
/// let record = batch.iter().next().unwrap();
/// assert_eq!(record.body_text(), Some("disk nearly full"));
/// assert_eq!(record.target(), "storage");
/// ```
#[derive(Clone, Debug)]
#[must_use = "submit it, or collect it into a `LogBatch`"]
pub struct LogRecord {
    site: Option<&'static Site>,
    severity: u8,
    flags: TraceFlags,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    unix_nanos: u64,
    observed_unix_nanos: u64,
    attributes: Vec<u8>,
    supplements: Vec<u8>,
}

impl LogRecord {
    /// A record that matters so much, of this moment, and of no span.
    pub fn new(severity: Level) -> Self {
        let now = scope::unix_now(scope::current().as_deref());
        Self::at(severity, now)
    }

    fn at(severity: Level, unix_nanos: u64) -> Self {
        Self {
            site: None,
            severity: severity_number(severity),
            flags: TraceFlags::NONE,
            trace_id: None,
            span_id: None,
            unix_nanos,
            observed_unix_nanos: unix_nanos,
            attributes: Vec::new(),
            supplements: Vec::new(),
        }
    }

    /// A call of the function failed. `message` is there if the function records it.
    pub(crate) fn of_error(
        site: &'static Site,
        severity: Level,
        error_type: &'static str,
        message: Option<String>,
        unix_nanos: u64,
    ) -> Self {
        let mut record = Self::at(severity, unix_nanos);
        record.site = Some(site);
        let key = const { numbered(semconv::ERROR_TYPE) };
        put_attribute(&mut record.attributes, key, ValueRef::String(error_type));
        match message {
            Some(message) => record.with_body(message),
            None => record,
        }
    }

    /// Says what happened, for people; or a value with a structure of its own.
    pub fn with_body(self, body: impl Into<Value>) -> Self {
        let body = body.into();
        self.with_supplement(BODY, |out| {
            put_attribute(out, KeyForm::Text(""), body.as_ref());
        })
    }

    /// Adds a detail. A key must not come twice.
    pub fn with_attribute(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<Value>,
    ) -> Self {
        let attribute = Attribute::new(key, value);
        let key = KeyForm::Text(&attribute.key);
        put_attribute(&mut self.attributes, key, attribute.value.as_ref());
        self
    }

    /// Says when it happened, in nanoseconds since the Unix epoch; now otherwise.
    pub fn with_unix_nanos(self, unix_nanos: u64) -> Self {
        Self { unix_nanos, ..self }
    }

    /// Says when it was heard of, in nanoseconds since the Unix epoch; now otherwise.
    pub fn with_observed_unix_nanos(self, observed_unix_nanos: u64) -> Self {
        Self {
            observed_unix_nanos,
            ..self
        }
    }

    /// Sets OpenTelemetry's severity number, from 1 to 24, where a level says too little.
    pub fn with_severity_number(self, number: u8) -> Self {
        Self {
            severity: number.clamp(1, 24),
            ..self
        }
    }

    /// Sets the severity as the source writes it: `notice`.
    pub fn with_severity_text(self, text: impl AsRef<str>) -> Self {
        self.with_text(SEVERITY_TEXT, text.as_ref())
    }

    /// Sets what filters know it by; of an annotated function's records that is the target of its spans.
    pub fn with_target(self, target: impl AsRef<str>) -> Self {
        self.with_text(TARGET, target.as_ref())
    }

    /// Makes it an event of this name: all of one name have the same attributes.
    pub fn with_event_name(self, name: impl AsRef<str>) -> Self {
        self.with_text(EVENT_NAME, name.as_ref())
    }

    /// Says in which span it happened, and what was decided about its trace.
    pub fn with_span(self, trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        Self {
            trace_id: Some(trace_id),
            span_id: Some(span_id),
            flags,
            ..self
        }
    }

    /// Says in which context it happened: the span, and what is known of the request, such as a correlation id.
    ///
    /// ```
    /// use tachograph::logs::{LogBatch, LogRecord};
    /// use tachograph::trace::{Context, Level};
    ///
    /// let context = Context::current().with_field("request.id", "7f3a");
    /// let record = LogRecord::new(Level::Info).with_context(&context);
    ///
    /// let batch = LogBatch::from_iter([record]);
    /// let record = batch.iter().next().unwrap();
    /// assert_eq!(record.attributes().get("request.id").unwrap().to_string(), "7f3a");
    /// ```
    pub fn with_context(mut self, context: &Context) -> Self {
        for field in context.fields() {
            // What the record says itself is nearer.
            let key = KeyForm::Text(&field.key);
            if find(&self.attributes, key, &[]).is_none() {
                put_attribute(&mut self.attributes, key, field.value.as_ref());
            }
        }
        match context.span() {
            Some(span) => self.with_span(span.trace_id, span.span_id, span.flags),
            None => self,
        }
    }

    /// Says which library made it.
    pub fn with_instrumentation_scope(self, scope: &InstrumentationScope<'_>) -> Self {
        self.with_supplement(SCOPE, |out| scope.pack(out))
    }

    /// Gives it to whoever listens: the recorder whose scope the thread is in, or the listener and the collector of the
    /// program. Where nobody does, nothing comes of it.
    pub fn submit(self) {
        let scope = scope::current();
        if listener::is_there(scope.as_deref()) {
            listener::tell(self, scope.as_deref());
        }
    }

    fn with_text(self, kind: u8, text: &str) -> Self {
        self.with_supplement(kind, |out| out.extend_from_slice(text.as_bytes()))
    }

    fn with_supplement(mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        put_supplement(&mut self.supplements, kind, write);
        self
    }

    /// Calls `take` with its head and its items.
    pub(super) fn pack<T>(mut self, take: impl FnOnce([u64; HEAD], &[u8]) -> T) -> T {
        let (high, low) = self.trace_id.map_or((0, 0), TraceId::halves);
        let head = [
            head_word(self.site, self.severity, self.flags),
            high,
            low,
            self.span_id.map_or(0, SpanId::to_u64),
            self.unix_nanos,
            self.observed_unix_nanos,
            self.attributes.len() as u64,
        ];
        self.attributes.append(&mut self.supplements);
        take(head, &self.attributes)
    }
}

impl FromIterator<LogRecord> for LogBatch {
    fn from_iter<I: IntoIterator<Item = LogRecord>>(records: I) -> Self {
        let mut batch = Self::default();
        batch.extend(records);
        batch
    }
}

impl Extend<LogRecord> for LogBatch {
    fn extend<I: IntoIterator<Item = LogRecord>>(&mut self, records: I) {
        for record in records {
            self.push(record);
        }
    }
}
