use std::{fmt, fs, time::Duration};

/// Clock ticks in a second, as Linux tells them to programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process costs.
pub(crate) struct Usage {
    resident_mib: f64,
    cpu_percent: f64,
}

impl Usage {
    /// Watches a process for a while.
    pub(crate) async fn over(pid: u32, period: Duration) -> Self {
        let before = cpu_seconds(pid);
        tokio::time::sleep(period).await;
        let cpu = cpu_seconds(pid) - before;
        Self {
            resident_mib: resident_kib(pid) / 1024.0,
            cpu_percent: cpu / period.as_secs_f64() * 100.0,
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (memory, cpu) = (self.resident_mib, self.cpu_percent);
        write!(f, "{memory:.1} MiB resident, {cpu:.2} % of one core")
    }
}

fn resident_kib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<_> = fields.split_whitespace().collect();
    // utime and stime are the 14th and 15th field; the first two came before the parenthesis.
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / TICKS_PER_SECOND
}
