//! The attribute macros of Tachograph; use them through the `tachograph` crate.

#![forbid(unsafe_code)]

mod annotations;
mod attribute;
mod block;
mod derives;
mod expand;
mod function;
mod future;
mod half_typed;
mod item;
mod judge;
mod metered;
mod options;
mod parameters;
mod probe;
mod report;
mod results;
mod rules;
#[cfg(test)]
mod snapshots;
mod tokens;
mod traced;
mod unread;
mod values;
mod versioned;

use proc_macro::TokenStream;

use attribute::Attribute;

/// Counts and times the calls of a function: by outcome, with a histogram of durations, and how many run right now.
///
/// It goes on free functions, methods and `async fn`, or on a block for all that are in it (see *On a block*). An
/// `async fn` begins at its first poll and ends when it returns, or as `cancelled` when it is dropped before. A
/// returned `Err` is an `error`, decided by type and not by name; a generic or opaque result counts as `ok`, and so
/// does what a `#[track_caller]` function returns. A `const fn` is refused.
///
/// ```
/// use tachograph::metered;
///
/// #[metered]
/// fn parse(text: &str) -> Result<u16, std::num::ParseIntError> {
///     text.trim().parse()
/// }
///
/// assert_eq!(parse(" 8 "), Ok(8));
/// ```
///
/// # Cost
///
/// A relaxed load and a branch while nobody listens. Otherwise two clock reads and a few relaxed atomics, with no lock
/// and no allocation. What an option adds to the site costs a call nothing; where one costs more, it says so.
///
/// # Options
///
/// **`name = "shop.checkout"`** gives the function metrics of its own, with its doc comment as help text, instead of a
/// series in those that all functions share. The name follows OpenTelemetry: a letter, then letters,
/// digits, `_`, `.`, `-` and `/`. It adds `.prefixed("shop.checkout")` to the site.
///
/// **`buckets = [0.1, 1.0]`**, with `name` only: the upper bounds of the histogram in seconds, strictly increasing
/// number literals. A last bucket up to infinity is always added. It adds `.buckets(&[0.1, 1.0])` to the site. Without
/// it durations are counted in exponential buckets, eight from one power of two to the next, so that percentiles are
/// within 4.5 %; OTLP sends those, and Prometheus' page has the same 13 bounds for all such functions, from 0.5 µs to
/// 8 s.
///
/// **`buckets = exponential`**, with `name` only: 32 buckets from one power of two to the next, which show percentiles
/// within 1.1 % wherever the durations are. OTLP sends them as they are; on Prometheus' page they end at powers of two,
/// as many as the durations need. A call costs some nanoseconds more, and memory for each two of those buckets that are
/// in use. It adds `.exponential_buckets()` to the site.
///
/// **`error_if = Response::is_server_error`** or **`ok_if = |found| found.is_some()`**: a path or a closure that is
/// given a reference to what the function returned and alone decides whether the call was `ok` or an `error`, whatever
/// the type; an opaque or generic result can be judged too. It is called while somebody listens. A failure that is no
/// `Err` has the `error.type` `_OTHER`. The two exclude each other, and one of them is enough for both attributes. The
/// look at the result becomes `call.error_if(outcome!(result), result, Response::is_server_error)`.
///
/// **`labels(key = value, ..)`** tells calls apart. A literal string, bool or integer is part of the site; any other
/// value is an expression over the parameters whose type derives [`Label`](macro@Label) or implements it, so that the
/// number of series is bounded. It is evaluated when a call starts, and only while somebody listens:
/// `if call.is_metered() { call.labels(&[label(&customer.tier)]); }`; what is more than a place that is read, such as a
/// method that is called, stands in `call.try_labels(|call| ..)`, because it may panic.
///
/// **`labels(user(id, max = 100))`** tells the first 100 values apart, and shows all others as `_OTHER`, which
/// `tachograph.labels.overflowed` counts. The value is anything with `Display`, and is cut after 256 bytes. Each call
/// writes and hashes the text; there is no lock, and an allocation only when a value is new. It becomes
/// `call.labels(&[bounded(&id, 100)])`.
///
/// **`on_ok(source = ok.source)`** and **`on_err(code(err.code(), max = 50))`** are labels of the result, written as in
/// `labels`. Their expressions see a reference to what an `Ok` holds as `ok`, and to what an `Err` holds as `err`. A
/// result that is no `Result` is seen whole: as `ok`, or as `err` if `ok_if` or `error_if` call it an error. They are
/// evaluated after the body, and only while somebody listens; parameters have been moved by then, except those that are
/// `Copy`. `function.calls` and `function.calls.duration` have these labels where they apply: those of `on_ok` for an
/// `Ok`, those of `on_err` for an `Err`, and neither for a call that panics or is cancelled. The two may have labels of
/// the same name, of any types. The gauge of running calls does not have them: it shows calls that have no result yet.
/// The site learns of them by `.ok_labels(&["source"]).err_labels(&["code"])`, and they become
///
/// ```ignore
/// |result, call| {
///     let outcome = ::tachograph::__private::outcome!(result);
///     call.try_labels(|call| {
///         ::tachograph::__private::ended!(result, &outcome)
///             .on_ok(|ok| call.ok_labels(&[::tachograph::__private::label(&ok.source)]))
///             .on_err(|err| call.err_labels(&[::tachograph::__private::bounded(&err.code(), 50)]));
///     });
///     outcome
/// }
/// ```
///
/// **`caller`** adds a label with the file and the line of the caller, for the first 100 of them; all others are
/// `_OTHER`. Only a `#[track_caller]` function knows its caller. It costs as much as a label of any value, and becomes
/// `let caller = caller();` and `call.labels(&[bounded(&caller, 100)])`.
///
/// ```
/// use tachograph::metered;
///
/// #[metered(error_if = |found| found.is_none())]
/// fn find(text: &str) -> Option<usize> {
///     text.find('=')
/// }
///
/// #[metered(caller, labels(rows(rows, max = 10)))]
/// #[track_caller]
/// fn query(rows: u32) {}
/// # find("a=b");
/// # query(1);
/// ```
///
/// **`duration(sample = 64)`** times one call in 64, for functions so short that two clock readings are most of them.
/// All calls are counted; the histogram has only those that were timed, so its count is smaller. The calls are chosen at
/// random, so that work that repeats is timed in fair share. The number is a power of two. It adds `.time_one_in(64)` to
/// the site, and spares a call that is not timed both clock readings.
///
/// **`in_flight = false`** leaves the gauge of running calls out. It adds `.without_in_flight()` to the site.
///
/// **`objective(success = 99.9, latency(250ms, 99.0))`**: 99.9 % of the calls shall be `ok`, and 99 % shall take 250 ms
/// at most; either may stand alone. Alert rules and dashboards read it from the site, to which it adds
/// `.success_objective(99.9).latency_objective(250_000_000, 99.0)`. Calls that are fast enough are counted apart, as
/// `function.calls.within_objective`, and `/metrics` has a bound at the latency; where `buckets` are listed, one of them
/// must end there.
///
/// ```
/// use tachograph::metered;
///
/// #[metered(duration(sample = 64), in_flight = false)]
/// fn hash(text: &str) -> u64 {
///     text.bytes().fold(7, |hash, byte| hash.rotate_left(5) ^ u64::from(byte))
/// }
///
/// #[metered(objective(success = 99.9, latency(250ms, 99.0)))]
/// fn search(text: &str) -> Option<u64> {
///     Some(hash(text))
/// }
/// # search("x");
/// ```
///
/// **`skip`** leaves one function or one block out of a block that is metered. Anywhere else it says what is so anyway.
///
/// **`crate = ::renamed`**: where generated code finds the runtime, if not at `::tachograph`. An absolute path: to the
/// crate as `Cargo.toml` renames it, or to a module that re-exports all of it, as `::my_crate::telemetry`. A crate of the
/// edition 2015 has `extern crate tachograph;` in its root.
///
/// ```
/// // In `Cargo.toml` this is `renamed = { package = "tachograph", version = ".." }`.
/// extern crate tachograph as renamed;
///
/// #[renamed::metered(crate = ::renamed)]
/// fn checkout() {}
///
/// mod telemetry {
///     pub use renamed::*;
/// #   pub use renamed::__private;
/// }
///
/// #[telemetry::traced(crate = crate::telemetry)]
/// fn ship() {}
///
/// fn main() {
///     checkout();
///     ship();
/// }
/// ```
///
/// ```
/// use tachograph::{Label, metered};
///
/// #[derive(Label)]
/// #[label(rename_all = "snake_case")]
/// enum Tier {
///     Free,
///     Paid,
/// }
///
/// /// Pays a cart.
/// #[metered(name = "shop.checkout", buckets = [0.1, 1.0], labels(region = "eu", tier = tier))]
/// fn checkout(tier: Tier) {}
///
/// /// Looks for a product.
/// #[metered(name = "shop.search", buckets = exponential)]
/// fn search(text: &str) {}
///
/// checkout(Tier::Paid);
/// search("shoes");
/// # checkout(Tier::Free);
/// ```
///
/// ```
/// use tachograph::{Label, metered};
///
/// #[derive(Label)]
/// #[label(rename_all = "snake_case")]
/// enum Source {
///     Cache,
///     Disk,
/// }
///
/// struct Page {
///     source: Source,
/// }
///
/// #[metered(on_ok(source = ok.source), on_err(errno(err.raw_os_error().unwrap_or(0), max = 50)))]
/// fn load(path: &str) -> Result<Page, std::io::Error> {
///     std::fs::metadata(path)?;
///     Ok(Page { source: Source::Disk })
/// }
/// # let _ = (load("/"), Source::Cache);
/// ```
///
/// # What it expands to
///
/// A static that describes the function, and one call into the runtime. The body moves into a closure where its
/// result has to be looked at, with every parameter; where the written type cannot be an error it stays as it is,
/// beside a guard.
///
/// ```ignore
/// fn parse(text: &str) -> Result<u16, std::num::ParseIntError> {
///     ::tachograph::__private::call(
///         ::tachograph::__private::site!(::tachograph::__private::Site::new(|| {}).metered()),
///         move || -> Result<u16, std::num::ParseIntError> {
///             let text = text;
///             text.trim().parse()
///         },
///         |result, _| ::tachograph::__private::outcome!(result),
///     )
/// }
/// ```
///
/// The variables of an expansion begin with two underscores, which are left out here.
///
/// # When code that tells something fails
///
/// Telemetry never fails the call. If the expression of a label panics, the call counts in the overflow series
/// (`otel.metric.overflow`), or without the labels of its result; if the `Display` of a bounded value does, it counts as
/// `_OTHER`. If a predicate panics, the type of the result decides. Of fields, those before stay. A text whose `Display`
/// or `Debug` panics or returns an error is kept as far as it was written. Each loss is counted by
/// `tachograph.values.lost`, with `function`, `module` and `cause`, and the first of each function is told to `on_error`
/// and the log. With `panic = "abort"` there is nothing left to go on.
///
/// A call ends as `panic` if its body ends without a result. Where nobody looks at the result, a guard stands beside the
/// body: it asks the thread whether it panics, so of calls in destructors that run during another panic it knows nothing
/// and counts them as `ok`.
///
/// # Functions that return a future
///
/// For `fn() -> impl Future`, `fn() -> Pin<Box<dyn Future>>` and the `BoxFuture<'_, T>` and `LocalBoxFuture<'_, T>` of the
/// `futures` crates a call is the life of the future, as for an `async fn`: it begins at the first poll, ends with the
/// future's output, and a future that is never polled is no call. So it is with async-trait, above or below this
/// attribute. Statements before the future still run when the function is called, and labels and fields are evaluated
/// then, while the arguments are there. The future is boxed once if the function ends in one `Box::pin(..)` or
/// `.boxed()`, and once more if it has several ends, or if a macro might hide one. In the call it becomes
/// `output_is::<Result<u8, Error>, _>(future)`, because its body may leave that type to the signature.
///
/// For any other type the call is what makes the value: that of a stream or an iterator, of an alias of your own, and of
/// an `impl Future` with another trait beside it (other than `Send` and its like). `Future` with no arguments but `Output`
/// is the standard library's through `std`, `core` or a `futures` crate. By that name alone it may be a trait of your own:
/// then the type of what is returned decides, and what cannot be awaited is measured while it is made.
///
/// One shape needs a word more than without the attribute: an `async fn` that returns a closure as `impl Fn(u8)` and
/// does not say what the closure takes. Its body is a future of its own, where the signature is not seen; write
/// `|n: u8|`.
///
/// # On a block
///
/// On an `impl` block, a trait or an inline `mod { }` the attribute is handed on to each function in it, and nothing
/// else changes. What is written on a function goes before what is handed on, option by option, and a block in a block
/// hands on in its turn:
///
/// ```
/// use tachograph::{metered, traced};
///
/// struct Cart(u64);
///
/// #[traced(kind = "client")]
/// #[metered]
/// impl Cart {
///     fn pay(&self) {} // #[traced(kind = "client")] #[metered]
///
///     #[metered(name = "shop.refunds")]
///     fn refund(&self) {} // #[traced(kind = "client")] #[metered(name = "shop.refunds")]
///
///     #[traced(skip)]
///     fn total(&self) -> u64 { // #[metered]
///         self.0
///     }
/// }
/// # Cart(1).pay();
/// # Cart(1).refund();
/// # Cart(1).total();
/// ```
///
/// A block takes the options that mean something for each of its functions: `crate`; of `#[traced]` `err` (where a
/// function can return an error), `kind`, `level`, `sample` (where it has no `enter_on_poll`) and `target`; of
/// `#[metered]` `duration`, `in_flight` and `objective`. Left out are
///
/// | what | because |
/// |---|---|
/// | `const fn` | it may run at compile time, where there is no clock |
/// | methods without a body | the implementation has it |
/// | `Drop::drop` | it runs where nobody wrote a call; an attribute of its own measures it |
/// | the methods of a `GlobalAlloc` | measuring allocates, within the allocator |
/// | `#[naked]` functions | their body is one block of assembly |
/// | functions with C's `...` | what they are given cannot be passed on |
/// | what a macro makes | it is not there yet when the attribute is expanded |
/// | functions and closures in bodies | they are a matter of the function around them |
///
/// A module in a file of its own, `mod shop;`, is refused by the compiler.
///
/// # With `#[traced]`
///
/// When both stand on one function the outer one takes the inner one along, and one site and one pair of clock reads
/// serve both. The inner one is found as `traced`, `tachograph::traced`, `::tachograph::traced` or through the path
/// given as `crate`; under another name it makes a wrapper of its own. What a block hands on waits for such a one, so
/// that its options, and its `skip`, go before the block's: for each attribute that is no built-in one and has no other
/// options than ours.
#[proc_macro_attribute]
pub fn metered(options: TokenStream, item: TokenStream) -> TokenStream {
    annotations::attribute(Attribute::Metered, options.into(), item.into()).into()
}

/// Makes a span of each call of a function, as a child of the span that is current.
///
/// It goes on free functions, methods and `async fn`, or on a block for all that are in it, as
/// [`macro@metered`](macro@metered#on-a-block) does. The span of an `async fn` is current whenever the future is
/// polled. A span ends with the status of the outcome, which is decided as for [`macro@metered`]; an `Err` marks it
/// with the name of the error's type. Nothing of the arguments or the result is recorded unless it is named.
///
/// ```
/// use tachograph::traced;
///
/// #[traced(fields(user.id = id), err)]
/// async fn greet(id: u64) -> Result<String, std::fmt::Error> {
///     Ok(format!("hello {id}"))
/// }
/// # let _ = greet(7);
/// ```
///
/// # Cost
///
/// A relaxed load and a branch while nobody listens. Otherwise two clock reads and one record, written at the end into
/// a buffer of this thread; fields are evaluated only for sampled spans. What an option adds to the site costs a call
/// nothing; a field, a link or a parent costs what its expression does, and its copy.
///
/// # Options
///
/// **`name = "checkout"`** or **`name = path::TO_STR`** names the spans; without it they are called
/// `Type::method` or `module::function`. It adds `.span_name("checkout")` to the site.
///
/// **`kind = "server"`**, or `"client"`, `"producer"`, `"consumer"`; without it spans are `"internal"`. It adds
/// `.kind(SpanKind::Server)` to the site.
///
/// **`target = "shop::payments"`** and **`level = "debug"`** (`"trace"`, `"debug"`, `"info"`, `"warn"`, `"error"`) are
/// what filters know the spans by: `Site::span_target`, which is the path of the module without it, and
/// `Site::span_level`, which is `Info`. They add `.target("shop::payments").level(Level::Debug)` to the site.
///
/// **`parent = message.context`** chooses the parent in the place of the span that is current: any expression over the
/// parameters whose type implements `tachograph::trace::Parent`, such as a `SpanContext`, a `Context` or an `Option` of
/// one; if it names none, or with **`parent = none`**, the span begins a new trace. **`sample = 0.1`** records this
/// share of the traces that begin with this function, whatever the installed sampler says. The call is started with
/// `Call::open_with(site, |opening| { opening.parent(&message.context); opening.sample(0.1); }, setup)`.
///
/// **`links = &batch.contexts`** refers to other spans: an `IntoIterator` of `SpanContext`s or references to them. It
/// becomes `call.links(&batch.contexts)`, evaluated only for sampled spans.
///
/// **`fields(..)`** names what is recorded when a call starts, with keys in dots. Expressions see the parameters.
///
/// | written | recorded | becomes |
/// |---|---|---|
/// | `cart` | the parameter, by its type | `call.field("cart", value(&cart))` |
/// | `order.id = order.id` | the value, by its type | `call.field("order.id", value(&order.id))` |
/// | `tier = %order.tier` | its `Display` text | `call.field("tier", display(&order.tier))` |
/// | `lines = ?order.lines` | its `Debug` text | `call.field("lines", debug(&order.lines))` |
/// | `total = empty` | nothing yet | |
///
/// A value in `Sensitive(..)` or of the type `tachograph::Sensitive` shows as `***` everywhere. Where a name ends in
/// `password`, `token`, `secret`, `authorization` or `api_key` and its value is recorded as it is, the compiler warns
/// (by its lint `deprecated`, the only one that a macro can raise) until it is `password = Sensitive(password)`. The
/// value is borrowed: it becomes `call.field("password", value(&Sensitive(&password)))`.
///
/// ```
/// # use tachograph::trace::SpanContext;
/// # use tachograph::{Sensitive, traced};
/// struct Message {
///     sender: Option<SpanContext>,
///     batch: Vec<SpanContext>,
///     token: String,
/// }
///
/// #[traced(
///     kind = "consumer",
///     parent = message.sender,
///     links = &message.batch,
///     fields(parts = message.batch.len(), token = Sensitive(message.token)),
/// )]
/// fn handle(message: &Message) {}
/// # handle(&Message { sender: None, batch: Vec::new(), token: String::new() });
/// ```
///
/// **`args`** records every parameter under its own name: as a bool, number or string where its type is one
/// (`ToValue`), else as its `Debug` text. It leaves out `self`, names that begin with `_`, what `fields` names itself,
/// and what **`skip(body, ..)`** says. Each becomes `call.field("cart", captured!(&cart))`.
///
/// **`ret`** records what an `Ok` holds, or all that is returned by a function that returns no `Result`, as
/// `tachograph.return`: by its type as for `args`, or with **`ret(Debug)`** or **`ret(Display)`** as that text.
///
/// **`on_ok(rows = ok.len())`** and **`on_err(code = %err.code())`** are fields of the result, written as in `fields`.
/// Their expressions see a reference to what an `Ok` holds as `ok`, and to what an `Err` holds as `err`. A result that
/// is no `Result` is seen whole: as `ok`, or as `err` if `ok_if` or `error_if` call it an error. They are evaluated
/// after the body, and only for sampled spans; parameters have been moved by then, except those that are `Copy`. They
/// become (with `kept(&limit);` for each parameter that they name, which asks of it whether it is `Copy`)
///
/// ```ignore
/// |result, call| {
///     let outcome = ::tachograph::__private::outcome!(result);
///     call.try_fields(|call| {
///         ::tachograph::__private::ended!(result, &outcome)
///             .on_ok(|ok| call.field("rows", ::tachograph::__private::value(&ok.len())))
///             .on_err(|err| call.field("code", ::tachograph::__private::display(&err.code())));
///     });
///     outcome
/// }
/// ```
///
/// **`err`** records the message of an error too, which needs `Display`; **`err(Debug)`** records its `Debug` text.
/// A message may hold what nobody meant to record, so it has to be asked for; **`err(type)`** says that it is not. The
/// look at the result becomes `outcome!(result, Display)`.
///
/// ```
/// # use tachograph::traced;
/// #[traced(args, skip(body), ret, on_ok(long = ok.len() > 80), on_err(code = *err), err(type))]
/// fn reply(id: u64, body: &[u8]) -> Result<String, u16> {
///     String::from_utf8(body.to_owned()).map_err(|_| 400)
/// }
/// # assert!(reply(7, b"hello").is_ok());
/// ```
///
/// **`err(level = "warn")`** makes a log record of each call that ends as an `error` besides, whether its trace is
/// sampled or not; also `err(Debug, level = "warn")`, and `err(type, level = "warn")` without the message. The levels
/// are those of `level`. With `tachograph-exporters` installed it is an event for the `tracing` subscribers of the
/// program, at this level, with the span's target and the function's place, and with `error.type`,
/// `code.function.name`, `trace_id` and `span_id`. It adds `.log_errors(Level::Warn)` to the site, and costs nothing
/// until a call fails; then its text, and what the subscribers do with it before the function returns.
///
/// ```
/// # use tachograph::traced;
/// #[traced(err(level = "warn"))]
/// fn parse(text: &str) -> Result<u16, std::num::ParseIntError> {
///     text.trim().parse()
/// }
/// # assert!(parse("x").is_err());
/// // WARN shop::orders: invalid digit found in string error.type="core::num::error::ParseIntError" ..
/// ```
///
/// **`enter_on_poll`** makes a span of each poll of the future, below the one that is current then, in the place of one
/// span for its whole life: of an `async fn`, or of any other function whose calls are the life of a future. It shows
/// when a future runs and when it waits. A task that nothing traced polls makes a trace of each poll, so give it a span
/// around. The first poll has the fields and links, the last one the outcome, `ret`, `on_ok` and `on_err`. If the
/// future is dropped half-way, its last poll is over and says nothing of it; [`macro@metered`] counts such a call as
/// `cancelled`, and times the whole life as ever. `parent` and `sample` are about the one span of a call, so they are
/// refused beside it. It adds `.enter_on_poll()` to the site, and each poll costs as much as a span does.
///
/// ```
/// # use tachograph::traced;
/// #[traced(enter_on_poll)]
/// async fn consume(queue: Vec<u8>) -> usize {
///     queue.len()
/// }
/// # drop(consume(Vec::new()));
/// ```
///
/// **`error_if = ..`** and **`ok_if = ..`** decide the outcome, as for [`macro@metered`].
///
/// **`skip`** leaves one function or one block out of a block that is traced.
///
/// **`crate = ::renamed`**: where generated code finds the runtime, if not at `::tachograph`, as for [`macro@metered`].
///
/// # What it expands to
///
/// ```ignore
/// async fn greet(id: u64) -> Result<String, std::fmt::Error> {
///     ::tachograph::__private::FutureCall::start(
///         ::tachograph::__private::site!(::tachograph::__private::Site::new(|| {}).traced()),
///         |call| {
///             if call.is_recording() {
///                 call.field("user.id", ::tachograph::__private::value(&id));
///             }
///         },
///     )
///     .run(
///         async move {
///             if false {
///                 return ::tachograph::__private::unreached::<Result<String, std::fmt::Error>>();
///             }
///             let id = id;
///             Ok(format!("hello {id}"))
///         },
///         |result, _| ::tachograph::__private::outcome!(result, Display),
///     )
///     .await
/// }
/// ```
///
/// The dead statement names the type of the future's result, so that a wrong early `return` is underlined where it
/// stands. With [`macro@metered`] on the same function there is one probe for both.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    annotations::attribute(Attribute::Traced, options.into(), item.into()).into()
}

/// Makes the variants of an enum the values of a label, for `#[metered(labels(..))]`.
///
/// The variants hold no data, so that the values are few and known. They are shown as they are written.
///
/// ```
/// use tachograph::{Label, metered};
///
/// #[derive(Clone, Copy, Label)]
/// #[label(rename_all = "snake_case")]
/// enum Tier {
///     Free,
///     PaidYearly,
///     #[label(rename = "staff")]
///     OneOfUs,
/// }
///
/// #[metered(labels(tier = tier))]
/// fn checkout(tier: Tier) {}
///
/// assert_eq!(Tier::VALUES, ["free", "paid_yearly", "staff"]);
/// # [Tier::Free, Tier::PaidYearly, Tier::OneOfUs].map(checkout);
/// ```
///
/// # Cost
///
/// An index, which needs neither a hash nor an allocation.
///
/// # Options
///
/// **`#[label(rename_all = "snake_case")]`** on the enum: how the names are written. Also `"lowercase"`,
/// `"PascalCase"`, `"camelCase"`, `"SCREAMING_SNAKE_CASE"` and `"kebab-case"`.
///
/// **`#[label(rename = "staff")]`** on a variant: the value as it is shown.
///
/// **`#[label(crate = ::my_crate::telemetry)]`** on the enum: where the runtime is, if not at `::tachograph`.
///
/// # What it expands to
///
/// ```ignore
/// impl ::tachograph::__private::Label for Tier {
///     const VALUES: &'static [&'static str] = &["free", "paid_yearly", "staff"];
///
///     fn index(&self) -> usize {
///         match self {
///             Self::Free => 0,
///             Self::PaidYearly => 1,
///             Self::OneOfUs => 2,
///         }
///     }
/// }
/// ```
#[proc_macro_derive(Label, attributes(label))]
pub fn label(input: TokenStream) -> TokenStream {
    derives::label(input.into()).into()
}

/// Makes the fields of a struct labels of an instrument: `LabelSet::NAMES` for `with_labels`, `values()` for `get`.
///
/// Each field's type derives [`Label`](macro@Label) or implements it. See the trait for an example.
///
/// # Options
///
/// **`#[label(rename = "gift_wrapped")]`** on a field: the name of the label, if it is not the field's.
///
/// **`#[label(crate = ::my_crate::telemetry)]`** on the struct: where the runtime is, if not at `::tachograph`.
///
/// # What it expands to
///
/// ```ignore
/// impl ::tachograph::__private::LabelSet<2> for Order {
///     const NAMES: [&'static str; 2] = ["tier", "gift_wrapped"];
///
///     fn values(&self) -> [&'static str; 2] {
///         [
///             ::tachograph::__private::label_text(&self.tier),
///             ::tachograph::__private::label_text(&self.gift),
///         ]
///     }
/// }
/// ```
#[proc_macro_derive(LabelSet, attributes(label))]
pub fn label_set(input: TokenStream) -> TokenStream {
    derives::label_set(input.into()).into()
}

/// Tells errors apart in the attribute `error.type` of spans: by the variants of an enum, or as a whole.
///
/// A variant is called `PaymentError::Declined`; an error without the derive has the name of its Rust type.
///
/// ```
/// use tachograph::{ErrorType, traced};
///
/// #[derive(Debug, ErrorType)]
/// #[error_type(rename_all = "snake_case")]
/// enum PaymentError {
///     CardDeclined,
///     #[error_type(rename = "timeout")]
///     TookTooLong { seconds: u64 },
///     #[error_type(transparent)]
///     Bank(BankError),
/// }
///
/// #[derive(Debug, ErrorType)]
/// struct BankError;
///
/// #[traced]
/// fn pay() -> Result<(), PaymentError> {
///     Err(PaymentError::TookTooLong { seconds: 3 })
/// }
///
/// assert_eq!(pay().unwrap_err().error_type(), "timeout");
/// assert_eq!(PaymentError::CardDeclined.error_type(), "card_declined");
/// assert_eq!(PaymentError::Bank(BankError).error_type(), "BankError");
/// ```
///
/// # Cost
///
/// A `match`, when a call has failed and somebody listens.
///
/// # Options
///
/// **`#[error_type(rename_all = "snake_case")]`** on an enum: the variants' names alone, in this case; see
/// [`Label`](macro@Label) for the others.
///
/// **`#[error_type(rename = "timeout")]`** on a variant or on a struct: the text.
///
/// **`#[error_type(transparent)]`** on a variant that holds one error: what that error says.
///
/// **`#[error_type(crate = ::my_crate::telemetry)]`** on the type: where the runtime is, if not at `::tachograph`.
///
/// # What it expands to
///
/// ```ignore
/// impl ::tachograph::__private::ErrorType for PaymentError {
///     fn error_type(&self) -> &'static str {
///         match self {
///             Self::CardDeclined { .. } => "card_declined",
///             Self::TookTooLong { .. } => "timeout",
///             Self::Bank { 0: source } => ::tachograph::__private::ErrorType::error_type(source),
///         }
///     }
/// }
/// ```
#[proc_macro_derive(ErrorType, attributes(error_type))]
pub fn error_type(input: TokenStream) -> TokenStream {
    derives::error_type(input.into()).into()
}

/// Puts the version of the calling crate into the name of a static. For the runtime only.
#[doc(hidden)]
#[proc_macro]
pub fn versioned(item: TokenStream) -> TokenStream {
    versioned::expand(item.into()).into()
}

/// ```edition2018
#[doc = include_str!("../../ui-tests/pass/fused/only_variant.rs")]
/// ```
#[cfg(doctest)]
struct OfTheEdition2018;
