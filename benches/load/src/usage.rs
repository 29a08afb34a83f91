//! What this process takes.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of processor time of this process.
pub(crate) fn processor_time() -> u64 {
    nanos(ClockId::ProcessCPUTime)
}

/// Nanoseconds of processor time of this thread.
pub(crate) fn thread_time() -> u64 {
    nanos(ClockId::ThreadCPUTime)
}

fn nanos(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or_default()
}

/// Bytes of memory that are resident; none where the system does not say.
pub(crate) fn resident_bytes() -> Option<u64> {
    const PAGE: u64 = 4096;
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    Some(PAGE * pages.split(' ').nth(1)?.parse::<u64>().ok()?)
}
