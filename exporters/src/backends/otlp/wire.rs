//! Protobuf's wire format, written straight into one buffer: <https://protobuf.dev/programming-guides/encoding/>.

/// How a field's value is laid out.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH_DELIMITED: u8 = 2;
const FIXED32: u8 = 5;

/// The tags of the fields that are written by hand in [`Writer::extend`].
pub(super) const fn varint_tag(field: u8) -> u8 {
    tag(field, VARINT)
}

pub(super) const fn fixed64_tag(field: u8) -> u8 {
    tag(field, FIXED64)
}

pub(super) const fn bytes_tag(field: u8) -> u8 {
    tag(field, LENGTH_DELIMITED)
}

/// Fields from 16 on have a tag of two bytes.
pub(super) const fn wide_fixed32_tag(field: u8) -> [u8; 2] {
    [field << 3 & 0x7f | FIXED32 | 0x80, field >> 4]
}

const fn tag(field: u8, layout: u8) -> u8 {
    assert!(field < 16, "the tag needs a second byte");
    field << 3 | layout
}

/// A message in the making. Fields have numbers below 16.
#[derive(Clone, Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Forgets what was written after the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Appends finished fields.
    #[inline]
    pub(super) fn extend(&mut self, fields: &[u8]) {
        self.bytes.extend_from_slice(fields);
    }

    /// Makes room for so many bytes.
    #[inline]
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// Appends the first bytes of an array: as a whole it is copied quicker.
    #[inline]
    pub(super) fn extend_partly<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        let end = self.bytes.len() + len;
        self.bytes.extend_from_slice(bytes);
        self.bytes.truncate(end);
    }

    /// Appends an unsigned or enumerated number, unless it is the default.
    #[inline]
    pub(super) fn uint_unless_zero(&mut self, field: u8, value: u32) {
        if value != 0 {
            self.int(field, value.into());
        }
    }

    /// Appends an `int64`, also if it is the default.
    #[inline]
    pub(super) fn int(&mut self, field: u8, value: i64) {
        self.bytes.push(tag(field, VARINT));
        self.varint(value.cast_unsigned());
    }

    #[inline]
    pub(super) fn bool(&mut self, field: u8, value: bool) {
        self.bytes
            .extend_from_slice(&[tag(field, VARINT), value.into()]);
    }

    #[inline]
    pub(super) fn double(&mut self, field: u8, value: f64) {
        self.fixed64(field, value.to_bits());
    }

    #[inline]
    pub(super) fn fixed64(&mut self, field: u8, value: u64) {
        let mut bytes = [0; 9];
        bytes[0] = tag(field, FIXED64);
        bytes[1..].copy_from_slice(&value.to_le_bytes());
        self.bytes.extend_from_slice(&bytes);
    }

    #[inline]
    pub(super) fn fixed32(&mut self, field: u8, value: u32) {
        let mut bytes = [0; 5];
        bytes[0] = tag(field, FIXED32);
        bytes[1..].copy_from_slice(&value.to_le_bytes());
        self.bytes.extend_from_slice(&bytes);
    }

    /// Appends a text, bytes, or a finished message.
    #[inline]
    pub(super) fn bytes(&mut self, field: u8, value: &[u8]) {
        self.bytes_header(field, value.len());
        self.bytes.extend_from_slice(value);
    }

    /// Appends what stands before a text, bytes or a message of so many bytes.
    #[inline]
    pub(super) fn bytes_header(&mut self, field: u8, len: usize) {
        self.bytes.push(tag(field, LENGTH_DELIMITED));
        self.varint(len as u64);
    }

    /// Appends a message whose fields `write` appends.
    ///
    /// Its length is filled in afterwards; `SPACE` is how many bytes that usually takes. With more or fewer, what was
    /// written moves.
    #[inline]
    pub(super) fn message<const SPACE: usize>(&mut self, field: u8, write: impl FnOnce(&mut Self)) {
        self.bytes.push(tag(field, LENGTH_DELIMITED));
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; SPACE]);
        write(self);
        let len = self.bytes.len() - at - SPACE;
        if varint_len(len) == SPACE {
            put_varint(&mut self.bytes[at..at + SPACE], len);
        } else {
            self.move_for_length(at..at + SPACE, len);
        }
    }

    #[cold]
    fn move_for_length(&mut self, space: std::ops::Range<usize>, len: usize) {
        let mut varint = [0; MAX_VARINT];
        let varint = &mut varint[..varint_len(len)];
        put_varint(varint, len);
        self.bytes.splice(space, varint.iter().copied());
    }

    #[inline]
    pub(super) fn varint(&mut self, value: u64) {
        let mut bytes = [0; MAX_VARINT];
        let len = put_number(&mut bytes, 0, value);
        self.extend_partly(&bytes, len);
    }
}

const MAX_VARINT: usize = 10;

/// Puts a number into an array that has room for it from `at` on. How many bytes it takes.
#[inline]
pub(super) fn put_number<const N: usize>(bytes: &mut [u8; N], at: usize, mut value: u64) -> usize {
    let mut len = 0;
    while value >= 0x80 {
        bytes[at + len] = value.to_le_bytes()[0] | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[at + len] = value.to_le_bytes()[0];
    len + 1
}

/// How many bytes a length takes.
#[inline]
pub(super) fn varint_len(len: usize) -> usize {
    // Seven bits to a byte, and one byte for zero.
    (usize::BITS - (len | 1).leading_zeros()).div_ceil(7) as usize
}

/// Fills all of `bytes`, which are just as many as the varint has.
#[inline]
fn put_varint(bytes: &mut [u8], mut value: usize) {
    let last = bytes.len() - 1;
    for byte in &mut bytes[..last] {
        *byte = value.to_le_bytes()[0] | 0x80;
        value >>= 7;
    }
    bytes[last] = value.to_le_bytes()[0];
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[derive(Clone, PartialEq, Message)]
    struct Peer {
        #[prost(int64, optional, tag = "1")]
        int: Option<i64>,
        #[prost(bool, optional, tag = "2")]
        bool: Option<bool>,
        #[prost(double, optional, tag = "3")]
        double: Option<f64>,
        #[prost(fixed32, optional, tag = "4")]
        fixed32: Option<u32>,
        #[prost(bytes = "vec", tag = "5")]
        bytes: Vec<u8>,
        #[prost(message, optional, boxed, tag = "6")]
        nested: Option<Box<Peer>>,
        #[prost(uint32, tag = "7")]
        uint: u32,
        #[prost(fixed32, tag = "16")]
        wide: u32,
    }

    fn write(writer: &mut Writer, peer: &Peer) {
        writer.int(1, peer.int.unwrap());
        writer.bool(2, peer.bool.unwrap());
        writer.double(3, peer.double.unwrap());
        writer.fixed32(4, peer.fixed32.unwrap());
        writer.bytes(5, &peer.bytes);
        if let Some(nested) = &peer.nested {
            writer.message::<1>(6, |writer| write(writer, nested));
        }
        writer.uint_unless_zero(7, peer.uint);
        writer.extend(&wide_fixed32_tag(16));
        writer.extend(&peer.wide.to_le_bytes());
    }

    #[test]
    fn another_implementation_reads_and_writes_the_same() {
        for int in [0, 1, 127, 128, 16_383, 16_384, i64::MAX, -1, i64::MIN] {
            let mut peer = Peer {
                int: Some(int),
                bool: Some(int % 2 == 0),
                double: Some(-0.5),
                fixed32: Some(7),
                bytes: vec![1; usize::try_from(int.clamp(1, 20_000)).unwrap()],
                nested: None,
                uint: u32::try_from(int.clamp(0, 300)).unwrap(),
                wide: u32::MAX,
            };
            peer.nested = Some(Box::new(peer.clone()));
            let mut writer = Writer::default();
            write(&mut writer, &peer);
            assert_eq!(writer.as_slice(), peer.encode_to_vec());
        }
    }

    #[test]
    fn lengths_have_as_many_bytes_as_they_need() {
        for (len, bytes) in [
            (0, 1),
            (127, 1),
            (128, 2),
            (16_383, 2),
            (16_384, 3),
            (usize::MAX, 10),
        ] {
            assert_eq!(varint_len(len), bytes, "{len}");
        }
        for len in [0, 100, 127, 128, 16_383, 16_384, 100_000] {
            let body = vec![9; len];
            let mut expected = Writer::default();
            expected.bytes(1, &body);
            let mut wide = Writer::default();
            wide.message::<3>(1, |writer| writer.extend(&body));
            assert_eq!(wide.as_slice(), expected.as_slice(), "{len}");
        }
    }
}
