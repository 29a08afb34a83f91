//! Batches read by another implementation of Thrift, under the names and types of jaeger.thrift.

use serde_json::Value;
use thrift_codec::data::{Data, DataKind, Elements, Struct};
use thrift_codec::message::{Message, MessageKind};
use thrift_codec::{BinaryDecode, CompactDecode};

struct Field {
    id: i16,
    name: &'static str,
    kind: DataKind,
    is_required: bool,
    /// What a struct, or each element of a list, consists of.
    fields: &'static [Field],
}

const fn required(id: i16, name: &'static str, kind: DataKind) -> Field {
    let (is_required, fields): (_, &[_]) = (true, &[]);
    Field {
        id,
        name,
        kind,
        is_required,
        fields,
    }
}

const fn optional(id: i16, name: &'static str, kind: DataKind) -> Field {
    Field {
        is_required: false,
        ..required(id, name, kind)
    }
}

impl Field {
    const fn of(self, fields: &'static [Field]) -> Self {
        Self { fields, ..self }
    }
}

const TAG: &[Field] = &[
    required(1, "key", DataKind::Binary),
    required(2, "vType", DataKind::I32),
    optional(3, "vStr", DataKind::Binary),
    optional(4, "vDouble", DataKind::Double),
    optional(5, "vBool", DataKind::Bool),
    optional(6, "vLong", DataKind::I64),
];

const LOG: &[Field] = &[
    required(1, "timestamp", DataKind::I64),
    required(2, "fields", DataKind::List).of(TAG),
];

const SPAN_REF: &[Field] = &[
    required(1, "refType", DataKind::I32),
    required(2, "traceIdLow", DataKind::I64),
    required(3, "traceIdHigh", DataKind::I64),
    required(4, "spanId", DataKind::I64),
];

const SPAN: &[Field] = &[
    required(1, "traceIdLow", DataKind::I64),
    required(2, "traceIdHigh", DataKind::I64),
    required(3, "spanId", DataKind::I64),
    required(4, "parentSpanId", DataKind::I64),
    required(5, "operationName", DataKind::Binary),
    optional(6, "references", DataKind::List).of(SPAN_REF),
    required(7, "flags", DataKind::I32),
    required(8, "startTime", DataKind::I64),
    required(9, "duration", DataKind::I64),
    optional(10, "tags", DataKind::List).of(TAG),
    optional(11, "logs", DataKind::List).of(LOG),
];

const PROCESS: &[Field] = &[
    required(1, "serviceName", DataKind::Binary),
    optional(2, "tags", DataKind::List).of(TAG),
];

const BATCH: &[Field] = &[
    required(1, "process", DataKind::Struct).of(PROCESS),
    required(2, "spans", DataKind::List).of(SPAN),
    optional(3, "seqNo", DataKind::I64),
];

const EMIT_BATCH: &[Field] = &[required(1, "batch", DataKind::Struct).of(BATCH)];

/// A `Batch` in the binary protocol.
pub(super) fn http(mut body: &[u8]) -> Value {
    let batch = Struct::binary_decode(&mut body).expect("a struct in the binary protocol");
    assert_eq!(body, [0; 0], "nothing follows");
    read(&batch, BATCH)
}

/// The `Batch` of a call of `emitBatch` in the compact protocol.
pub(super) fn udp(mut body: &[u8]) -> Value {
    let call = Message::compact_decode(&mut body).expect("a message in the compact protocol");
    assert_eq!(body, [0; 0], "nothing follows");
    assert_eq!(
        (call.method_name(), call.kind()),
        ("emitBatch", MessageKind::Oneway)
    );
    read(call.body(), EMIT_BATCH)["batch"].take()
}

fn read(data: &Struct, schema: &[Field]) -> Value {
    for field in schema.iter().filter(|field| field.is_required) {
        let mut fields = data.fields().iter();
        assert!(
            fields.any(|found| found.id() == field.id),
            "{} is required",
            field.name
        );
    }
    let fields = data.fields().iter().map(|found| {
        let field = schema.iter().find(|field| field.id == found.id());
        let field = field.unwrap_or_else(|| panic!("nobody knows {found:?}"));
        assert_eq!(found.data().kind(), field.kind, "{}", field.name);
        (field.name.to_owned(), value(found.data(), field.fields))
    });
    fields.collect()
}

fn value(data: &Data, fields: &[Field]) -> Value {
    match data {
        Data::Bool(value) => (*value).into(),
        Data::I32(number) => (*number).into(),
        Data::I64(number) => (*number).into(),
        Data::Double(number) => (*number).into(),
        Data::Binary(text) => str::from_utf8(text).expect("UTF-8").into(),
        Data::Struct(data) => read(data, fields),
        Data::List(list) => match &**list {
            Elements::Struct(all) => all.iter().map(|data| read(data, fields)).collect(),
            other => panic!("jaeger.thrift has only lists of structs, not {other:?}"),
        },
        other => panic!("jaeger.thrift has no {other:?}"),
    }
}
