//! Whether a thread is inside telemetry's own work, where calls of annotated functions are left out.
//!
//! What a call does for the first time may allocate, and the allocator may be an annotated function, or a metered lock be
//! taken. Such a call would find what it needs half made.

use std::cell::Cell;
use std::sync::OnceLock;

thread_local! {
    // Without a destructor, so that reading it is one instruction and works until the thread is gone.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is inside.
#[inline]
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

/// Does what may allocate, while calls of annotated functions on this thread are left out.
pub(crate) fn inside<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            INSIDE.set(self.0);
        }
    }

    let _restore = Restore(INSIDE.replace(true));
    work()
}

/// What is in the cell, made now if there is nothing.
#[inline]
pub(crate) fn once<T>(cell: &OnceLock<T>, new: impl FnOnce() -> T) -> &T {
    match cell.get() {
        Some(made) => made,
        None => inside(|| cell.get_or_init(new)),
    }
}

/// What is in the box in the cell, made now if there is nothing.
#[inline]
pub(crate) fn once_boxed<T>(cell: &OnceLock<Box<T>>, new: impl FnOnce() -> T) -> &T {
    match cell.get() {
        Some(made) => made,
        None => inside(|| cell.get_or_init(|| Box::new(new()))),
    }
}
