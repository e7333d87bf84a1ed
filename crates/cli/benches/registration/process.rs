use dockeeper_load::process::{cpu_time, resident_mib};
use std::{fmt, time::Duration};

/// What a process costs.
pub(crate) struct Usage {
    resident_mib: f64,
    cpu_percent: f64,
}

impl Usage {
    /// Watches a process for a while.
    pub(crate) async fn over(pid: u32, period: Duration) -> Self {
        let before = cpu_time(pid);
        tokio::time::sleep(period).await;
        let cpu = cpu_time(pid) - before;
        Self {
            resident_mib: resident_mib(pid),
            cpu_percent: cpu.as_secs_f64() / period.as_secs_f64() * 100.0,
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (memory, cpu) = (self.resident_mib, self.cpu_percent);
        write!(f, "{memory:.1} MiB resident, {cpu:.2} % of one core")
    }
}
