//! The memory and the processor time of a process, from proc(5).

use std::time::Duration;

use crate::Error;

/// The memory of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// Resident now.
    pub(super) now: u32,
    /// Resident at its peak.
    pub(super) peak: u32,
}

pub(super) fn memory(process: u32) -> Result<Memory, Error> {
    let file = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&file).map_err(Error::io(format!("could not read {file}")))?;
    memory_in(&text).ok_or_else(|| Error::Function(format!("{file} has no VmRSS or VmHWM")))
}

fn memory_in(status: &str) -> Option<Memory> {
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some(Memory { now: kilobytes("VmRSS")?, peak: kilobytes("VmHWM")? })
}

/// The processor time of all threads of the process, from the scheduler's statistics in nanoseconds: clock ticks would be too
/// coarse.
pub(super) fn processor_time(process: u32) -> Result<Duration, Error> {
    let folder = format!("/proc/{process}/task");
    let unreadable = || Error::io(format!("could not read {folder}"));
    let mut total = Duration::ZERO;
    for thread in std::fs::read_dir(&folder).map_err(unreadable())? {
        let file = thread.map_err(unreadable())?.path().join("schedstat");
        let text = std::fs::read_to_string(&file).map_err(unreadable())?;
        total += time_in(&text).ok_or_else(|| Error::Function(format!("{folder} has an invalid schedstat")))?;
    }
    Ok(total)
}

/// The first of three numbers: time spent on the processor, time spent waiting for one, slices of it.
fn time_in(schedstat: &str) -> Option<Duration> {
    Some(Duration::from_nanos(schedstat.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_schedstat_are_parsed() {
        let status = "Name:\tbootstrap\nVmPeak:\t  20000 kB\nVmHWM:\t   12345 kB\nVmRSS:\t   11111 kB\nThreads:\t1\n";
        assert_eq!(memory_in(status), Some(Memory { now: 11_111, peak: 12_345 }));
        assert_eq!(memory_in("Name:\tkthreadd\n"), None);
        assert_eq!(time_in("1234567890 42 7\n"), Some(Duration::from_nanos(1_234_567_890)));
        assert_eq!(time_in(""), None);
    }

    #[test]
    fn the_usage_of_this_process_is_positive() {
        let (memory, time) = (memory(std::process::id()).unwrap(), processor_time(std::process::id()).unwrap());
        assert!(memory.peak >= memory.now && memory.now > 100, "{memory:?}");
        assert!(time > Duration::ZERO);
    }
}
