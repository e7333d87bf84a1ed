//! What a process takes of the machine, by Linux's own figures.

use std::{fs, time::Duration};

/// The unit of processor time: Linux tells it in hundredths of a second, whatever the kernel's own
/// clock.
const TICK: Duration = Duration::from_millis(10);

/// The memory that it has, in MiB.
///
/// # Panics
///
/// When there is no such process.
pub fn resident_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = number
        .and_then(|number| number.parse().ok())
        .expect("its resident memory");
    kib / 1024.0
}

/// How long it has run on a processor.
///
/// # Panics
///
/// When there is no such process.
pub fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    // Behind the command's name, which may have spaces: the user's time is the 12th field, the
    // system's the 13th.
    let (_, fields) = stat.rsplit_once(") ").expect("a command's name");
    let ticks = fields.split(' ').skip(11).take(2);
    ticks
        .map(|ticks| TICK * ticks.parse::<u32>().expect("a number of ticks"))
        .sum()
}
