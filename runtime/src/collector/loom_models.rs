//! All interleavings that the memory model allows, of a chunk's owners and its reader:
//! `RUSTFLAGS="--cfg loom" cargo test -p tachograph --lib loom`.

use loom::sync::{Arc, Mutex};
use loom::thread;

use super::chunk::{Chunk, Owner};

/// Reads what is published from `read` on: every word must be what was written there.
fn read(chunk: &Chunk, mut at: usize, value: u64) -> usize {
    let published = chunk.published();
    assert!(at <= published.len, "it only grows");
    while at < published.len {
        let end = chunk.end_of_record(at);
        let words = chunk.read(at..end).map(u64::from_le_bytes);
        assert_eq!(words.collect::<Vec<_>>(), [2, value + at as u64]);
        at = end;
    }
    at
}

fn write(chunk: &Chunk, at: usize, value: u64) {
    chunk.write(at, &[2, value + at as u64], &[]);
    chunk.publish(at + 2);
}

#[test]
fn what_is_published_is_whole() {
    loom::model(|| {
        let chunk = Arc::new(Chunk::new(6));
        let written = Arc::clone(&chunk);
        let writer = thread::spawn(move || {
            [0, 2].into_iter().for_each(|at| write(&written, at, 10));
            written.close(4);
        });
        let at = read(&chunk, 0, 10);
        let at = read(&chunk, at, 10);
        writer.join().unwrap();
        assert_eq!(read(&chunk, at, 10), 4);
        assert!(chunk.published().is_closed);
    });
}

#[test]
fn a_thread_goes_on_where_another_has_ended() {
    loom::model(|| {
        let chunk = Arc::new(Chunk::new(4));
        // As in `Spare`, which has writers of threads that ended.
        let parked = Arc::new(Mutex::new(None));
        let writers = [(); 2].map(|()| {
            let (chunk, parked) = (Arc::clone(&chunk), Arc::clone(&parked));
            thread::spawn(move || {
                let mut parked = parked.lock().unwrap();
                let at = parked.unwrap_or(0);
                write(&chunk, at, 20);
                *parked = Some(at + 2);
            })
        });
        let at = read(&chunk, 0, 20);
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(read(&chunk, at, 20), 4);
    });
}

#[test]
fn a_chunk_that_begins_anew_shows_nothing_of_before() {
    loom::model(|| {
        let chunk = Arc::new(Chunk::new(2));
        let (first, second) = (Owner { chain: 1, turn: 1 }, Owner { chain: 2, turn: 2 });
        chunk.begin(first);
        write(&chunk, 0, 30);
        chunk.close(2);
        assert_eq!(read(&chunk, 0, 30), 2);

        // The reader gives it back, and another thread takes it.
        let spare = Arc::new(Mutex::new(None));
        let taken = Arc::clone(&spare);
        let writer = thread::spawn(move || {
            let chunk: Option<Arc<Chunk>> = taken.lock().unwrap().take();
            if let Some(chunk) = chunk {
                chunk.begin(second);
                write(&chunk, 0, 40);
            }
        });
        chunk.reset();
        *spare.lock().unwrap() = Some(Arc::clone(&chunk));
        if chunk.published().len > 0 {
            assert_eq!(chunk.owner(), second);
        }
        read(&chunk, 0, 40);
        writer.join().unwrap();
    });
}
