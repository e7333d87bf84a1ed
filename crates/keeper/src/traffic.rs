//! What went over connections and how long it took: the figures that `stat` and `mntr` show.

use std::time::Duration;

/// How long requests took, from their arrival to their answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    count: u64,
    min: Option<Duration>,
    max: Duration,
    sum: Duration,
}

/// What went over one connection, or over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames that came.
    pub received: u64,
    /// Frames that went.
    pub sent: u64,
    /// Requests without an answer so far.
    pub outstanding: u64,
    /// How long the others took.
    pub latency: Latency,
}

// === impl Latency ===

impl Latency {
    /// A request took so long.
    pub fn add(&mut self, time: Duration) {
        self.count += 1;
        self.min = Some(self.min.map_or(time, |min| min.min(time)));
        self.max = self.max.max(time);
        self.sum = self.sum.saturating_add(time);
    }

    /// How many requests there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest time in whole milliseconds; zero without requests.
    pub fn min_ms(&self) -> u128 {
        self.min.unwrap_or_default().as_millis()
    }

    /// The longest time in whole milliseconds; zero without requests.
    pub fn max_ms(&self) -> u128 {
        self.max.as_millis()
    }

    /// All times together in whole milliseconds.
    pub fn sum_ms(&self) -> u128 {
        self.sum.as_millis()
    }

    /// The mean in milliseconds; zero without requests.
    pub fn mean_ms(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        self.sum.as_secs_f64() * 1000.0 / self.count as f64
    }
}

// === impl Traffic ===

impl Traffic {
    /// A frame came; `is_request` if it will have an answer.
    pub fn received(&mut self, is_request: bool) {
        self.received += 1;
        self.outstanding += u64::from(is_request);
    }

    /// A frame went that answers no request: a watch event.
    pub fn sent(&mut self) {
        self.sent += 1;
    }

    /// An answer went, so long after its request had come.
    pub fn answered(&mut self, time: Duration) {
        self.sent += 1;
        self.outstanding = self.outstanding.saturating_sub(1);
        self.latency.add(time);
    }

    /// So many requests will never be answered: their connection is gone.
    pub fn dropped(&mut self, requests: u64) {
        self.outstanding = self.outstanding.saturating_sub(requests);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_shortest_the_longest_and_the_mean() {
        let mut latency = Latency::default();
        assert_eq!((latency.min_ms(), latency.max_ms()), (0, 0));
        assert!(latency.mean_ms().abs() < f64::EPSILON);
        for us in [2500, 1500, 5900] {
            latency.add(Duration::from_micros(us));
        }
        assert_eq!((latency.count(), latency.sum_ms()), (3, 9));
        assert_eq!((latency.min_ms(), latency.max_ms()), (1, 5));
        assert!((latency.mean_ms() - 3.3).abs() < 1e-9);
    }

    #[test]
    fn counts_what_is_on_its_way() {
        let mut traffic = Traffic::default();
        (0..4).for_each(|_| traffic.received(true));
        traffic.received(false);
        traffic.sent();
        traffic.answered(Duration::from_millis(3));
        assert_eq!(
            (traffic.received, traffic.sent, traffic.outstanding),
            (5, 2, 3)
        );
        traffic.dropped(2);
        assert_eq!(traffic.outstanding, 1);
        traffic.dropped(2);
        assert_eq!(traffic.outstanding, 0);
        assert_eq!(traffic.latency.max_ms(), 3);
    }
}
