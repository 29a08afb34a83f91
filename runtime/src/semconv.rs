//! Every attribute key that Tachograph sets itself, once.
//!
//! From the [semantic conventions](https://opentelemetry.io/docs/specs/semconv/), except those that begin with
//! `tachograph.`.

/// The version of the conventions that these keys are from.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
/// The function's full path: `shop::orders::Cart::checkout`.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";
/// The source file, as the compiler was given it.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// The line of the function's name.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// What kind of failure it was: the error's type name, or `panic`.
pub const ERROR_TYPE: &str = "error.type";
/// The `error.type` of a failure that has no type of its own.
pub const OTHER: &str = "_OTHER";
/// The event that holds an error's message.
pub const EXCEPTION: &str = "exception";
/// The error's message.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// The error's type name.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// `true` on the series that stands for all that a metric's limit leaves out.
pub const OTEL_METRIC_OVERFLOW: &str = "otel.metric.overflow";
/// The service's name.
pub const SERVICE_NAME: &str = "service.name";
/// Which of the processes that run the service.
pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
/// Which library produced the telemetry.
pub const TELEMETRY_SDK_NAME: &str = "telemetry.sdk.name";
/// Its language.
pub const TELEMETRY_SDK_LANGUAGE: &str = "telemetry.sdk.language";
/// Its version.
pub const TELEMETRY_SDK_VERSION: &str = "telemetry.sdk.version";
/// The call's future was dropped before it finished.
pub const TACHOGRAPH_CANCELLED: &str = "tachograph.cancelled";
/// What the function returned, where `ret` asks for it.
pub const TACHOGRAPH_RETURN: &str = "tachograph.return";

/// Keys that we set on spans ourselves, which records hold as their place here.
pub(crate) const NUMBERED: [&str; 5] = [
    ERROR_TYPE,
    EXCEPTION_TYPE,
    EXCEPTION_MESSAGE,
    TACHOGRAPH_CANCELLED,
    TACHOGRAPH_RETURN,
];
