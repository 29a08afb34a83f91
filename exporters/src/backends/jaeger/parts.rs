//! Finished batches in halves, for receivers that find them too large.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use thrift::protocol::{TBinaryInputProtocol, TCompactInputProtocol, TInputProtocol, TType};

use super::batch::Form;

/// What of a batch its halves need.
pub(super) struct Parts {
    /// Where each span is in the bytes; they stand one behind the other.
    pub(super) spans: Vec<Range<usize>>,
    pub(super) sequence: i64,
}

/// Bytes that are read, by a protocol that keeps its transport to itself.
struct Bytes<'a> {
    rest: &'a [u8],
    read: Rc<Cell<usize>>,
}

impl Read for Bytes<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.read(into)?;
        self.read.set(self.read.get() + read);
        Ok(read)
    }
}

impl Parts {
    /// Finds the spans of a batch.
    ///
    /// # Errors
    ///
    /// The bytes are no batch of this form.
    pub(super) fn of(form: Form, body: &[u8]) -> thrift::Result<Self> {
        let read = Rc::new(Cell::new(0));
        let bytes = Bytes {
            rest: body,
            read: Rc::clone(&read),
        };
        match form {
            Form::Http => Self::read(&mut TBinaryInputProtocol::new(bytes, true), &read),
            Form::Udp => {
                let mut input = TCompactInputProtocol::new(bytes);
                input.read_message_begin()?;
                input.read_struct_begin()?;
                input.read_field_begin()?;
                Self::read(&mut input, &read)
            }
        }
    }

    fn read(input: &mut impl TInputProtocol, read: &Cell<usize>) -> thrift::Result<Self> {
        let mut parts = Self {
            spans: Vec::new(),
            sequence: 0,
        };
        input.read_struct_begin()?;
        loop {
            let field = input.read_field_begin()?;
            match (field.field_type, field.id) {
                (TType::Stop, _) => return Ok(parts),
                (TType::List, Some(2)) => {
                    for _ in 0..input.read_list_begin()?.size {
                        let start = read.get();
                        input.skip(TType::Struct)?;
                        parts.spans.push(start..read.get());
                    }
                }
                (TType::I64, Some(3)) => parts.sequence = input.read_i64()?,
                (other, _) => input.skip(other)?,
            }
            input.read_field_end()?;
        }
    }
}
