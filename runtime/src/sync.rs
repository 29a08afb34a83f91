//! What the hot path needs of the machine: atomics, which loom replaces by its own to try all interleavings, and word of
//! each fork. The only file with `unsafe`.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};

/// How often this process, or one that it comes from, has forked since somebody watches.
pub(crate) mod forks {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Once, OnceLock};

    /// No count: that of who has never looked.
    pub(crate) const NEVER: u64 = u64::MAX;

    static FORKS: AtomicU64 = AtomicU64::new(0);
    /// What a child does first.
    static IN_CHILD: OnceLock<fn()> = OnceLock::new();

    /// How many forks there were in the line of this process. A child that `fork` made sees another number than its
    /// parent; one that was made by other means (`vfork`, a raw `clone`) is meant to call `exec` next, and sees the same.
    #[inline]
    pub(crate) fn count() -> u64 {
        // The child has one thread, and that has done the counting.
        FORKS.load(Ordering::Relaxed)
    }

    /// Sees to it that forks are counted from now on.
    pub(crate) fn watch() {
        static WATCHED: Once = Once::new();
        WATCHED.call_once(ask_to_be_told);
    }

    /// The same, and each child does this first, between `fork` and its return: it must be async-signal-safe, and is said
    /// once.
    pub(crate) fn watch_with(in_child: fn()) {
        IN_CHILD.get_or_init(|| in_child);
        watch();
    }

    #[cfg(all(unix, not(miri)))]
    #[expect(unsafe_code, reason = "a foreign function, which std does not offer")]
    fn ask_to_be_told() {
        // SAFETY: the handler is a function of this program, which is never unloaded before it ends: a library that holds
        // it is told by the system's linker to take its handlers along (glibc and musl register them by library). It runs
        // in the child between `fork` and its return, where only async-signal-safe functions are allowed: it loads and
        // stores atomics, and neither allocates, nor locks, nor unwinds.
        // A failure (no memory for the list of handlers) leaves things as they are without it.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    }

    #[cfg(not(all(unix, not(miri))))]
    fn ask_to_be_told() {}

    /// Runs in the child.
    #[cfg(all(unix, not(miri)))]
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
        if let Some(in_child) = IN_CHILD.get() {
            in_child();
        }
    }
}
