//! Thrift written into memory: structs by field number, without the ceremony of `TOutputProtocol`.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use thrift::protocol::{
    TBinaryOutputProtocol, TCompactOutputProtocol, TFieldIdentifier, TListIdentifier,
    TMessageIdentifier, TMessageType, TOutputProtocol, TStructIdentifier, TType,
};

/// One of Thrift's protocols over memory.
///
/// Structs are self-contained in both protocols: their bytes are the same alone and within a list. So they can be cut
/// out with [`split_off`](Self::split_off) and put elsewhere with [`finished_list`](Self::finished_list).
pub(super) struct Writer {
    protocol: Box<dyn TOutputProtocol>,
    bytes: Shared,
}

/// Where the protocol writes, which keeps its transport to itself.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writer {
    pub(super) fn binary() -> Self {
        let bytes = Shared::default();
        let protocol = Box::new(TBinaryOutputProtocol::new(bytes.clone(), true));
        Self { protocol, bytes }
    }

    pub(super) fn compact() -> Self {
        let bytes = Shared::default();
        let protocol = Box::new(TCompactOutputProtocol::new(bytes.clone()));
        Self { protocol, bytes }
    }

    /// How many bytes were written.
    pub(super) fn len(&self) -> usize {
        self.bytes.0.borrow().len()
    }

    /// Takes the bytes from `at` on away.
    pub(super) fn split_off(&mut self, at: usize) -> Vec<u8> {
        self.bytes.0.borrow_mut().split_off(at)
    }

    /// Takes all bytes away.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.bytes.0.take()
    }

    /// Puts finished bytes between those of the protocol.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.0.borrow_mut().extend_from_slice(bytes);
    }

    /// A call that nobody answers.
    pub(super) fn oneway(
        &mut self,
        method: &str,
        sequence: i32,
        arguments: impl FnOnce(&mut Self),
    ) {
        let message = TMessageIdentifier::new(method, TMessageType::OneWay, sequence);
        self.write(|out| out.write_message_begin(&message));
        self.structure(arguments);
        self.write(|out| out.write_message_end());
    }

    /// A struct on its own or as an element of a list.
    pub(super) fn structure(&mut self, fields: impl FnOnce(&mut Self)) {
        // Neither protocol writes names, and an empty string needs no memory.
        let nameless = TStructIdentifier::new(String::new());
        self.write(|out| out.write_struct_begin(&nameless));
        fields(self);
        self.write(|out| {
            out.write_field_stop()?;
            out.write_struct_end()
        });
    }

    pub(super) fn bool(&mut self, id: i16, value: bool) {
        self.scalar(id, TType::Bool, |out| out.write_bool(value));
    }

    pub(super) fn i32(&mut self, id: i16, value: i32) {
        self.scalar(id, TType::I32, |out| out.write_i32(value));
    }

    pub(super) fn i64(&mut self, id: i16, value: i64) {
        self.scalar(id, TType::I64, |out| out.write_i64(value));
    }

    pub(super) fn f64(&mut self, id: i16, value: f64) {
        self.scalar(id, TType::Double, |out| out.write_double(value));
    }

    pub(super) fn string(&mut self, id: i16, value: &str) {
        self.scalar(id, TType::String, |out| out.write_string(value));
    }

    /// A field with a struct.
    pub(super) fn nested(&mut self, id: i16, fields: impl FnOnce(&mut Self)) {
        self.field(id, TType::Struct, |out| out.structure(fields));
    }

    /// A field with a struct that was written before, in the same protocol.
    pub(super) fn finished(&mut self, id: i16, bytes: &[u8]) {
        self.field(id, TType::Struct, |out| out.put(bytes));
    }

    /// A field with a list of structs; no field if it would be empty.
    pub(super) fn list<T>(
        &mut self,
        id: i16,
        items: impl Iterator<Item = T> + Clone,
        mut fields: impl FnMut(&mut Self, T),
    ) {
        let len = items.clone().count();
        if len == 0 {
            return;
        }
        self.list_of(id, len, |out| {
            for item in items {
                out.structure(|out| fields(out, item));
            }
        });
    }

    /// A field with a list of structs that were written before, in the same protocol.
    pub(super) fn finished_list(&mut self, id: i16, len: usize, bytes: &[u8]) {
        self.list_of(id, len, |out| out.put(bytes));
    }

    fn list_of(&mut self, id: i16, len: usize, elements: impl FnOnce(&mut Self)) {
        let len = i32::try_from(len).expect("so many structs fit no memory");
        self.field(id, TType::List, |out| {
            out.write(|out| out.write_list_begin(&TListIdentifier::new(TType::Struct, len)));
            elements(out);
            out.write(|out| out.write_list_end());
        });
    }

    fn scalar(
        &mut self,
        id: i16,
        kind: TType,
        value: impl FnOnce(&mut dyn TOutputProtocol) -> thrift::Result<()>,
    ) {
        self.field(id, kind, |out| out.write(value));
    }

    fn field(&mut self, id: i16, kind: TType, value: impl FnOnce(&mut Self)) {
        let field = TFieldIdentifier {
            name: None,
            field_type: kind,
            id: Some(id),
        };
        self.write(|out| out.write_field_begin(&field));
        value(self);
        self.write(|out| out.write_field_end());
    }

    /// The one place where writing could fail.
    fn write(&mut self, write: impl FnOnce(&mut dyn TOutputProtocol) -> thrift::Result<()>) {
        write(&mut *self.protocol).expect("memory takes all bytes, and no struct nests deeply");
    }
}
