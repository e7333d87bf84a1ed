//! When a trouble that goes on is said again.

use std::time::Duration;
use tokio::time::Instant;

/// How long after its beginning a trouble is said again: soon enough for whoever watches, and not
/// so often that the log is full of it.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];

/// How often one is said that lasts for longer.
const AGAIN_INTERVAL: Duration = Duration::from_secs(600);

/// A trouble that may go on: said when it begins, less and less often while it lasts, and when it
/// is over.
#[derive(Debug, Default)]
pub struct Trouble {
    course: Option<Course>,
}

#[derive(Debug)]
struct Course {
    since: Instant,
    said: u32,
}

// === impl Trouble ===

impl Trouble {
    /// It occurs. Returns how long it has lasted when it is to be said now.
    pub fn occurs(&mut self, now: Instant) -> Option<Duration> {
        let course = self.course.get_or_insert(Course {
            since: now,
            said: 0,
        });
        let lasted = now.duration_since(course.since);
        (lasted >= due_after(course.said)).then(|| {
            // What was missed meanwhile is not made up for.
            while lasted >= due_after(course.said) {
                course.said += 1;
            }
            lasted
        })
    }

    /// It is over. Returns how long it has lasted, if there was any.
    pub fn ends(&mut self, now: Instant) -> Option<Duration> {
        let course = self.course.take()?;
        Some(now.duration_since(course.since))
    }
}

/// After how long a trouble is to be said that was said so often.
fn due_after(said: u32) -> Duration {
    let Some(index) = said.checked_sub(1) else {
        return Duration::ZERO;
    };
    let known = usize::try_from(index).ok().and_then(|i| AGAIN_AFTER.get(i));
    known
        .copied()
        .unwrap_or_else(|| AGAIN_INTERVAL * (said - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_less_and_less_often() {
        let start = Instant::now();
        let mut trouble = Trouble::default();
        assert_eq!(trouble.ends(start), None);
        let mut said = Vec::new();
        for second in 0..1900 {
            let now = start + Duration::from_secs(second);
            said.extend(trouble.occurs(now).map(|lasted| lasted.as_secs()));
        }
        assert_eq!(said, [0, 10, 60, 600, 1200, 1800]);
        let end = start + Duration::from_secs(2000);
        assert_eq!(trouble.ends(end), Some(Duration::from_secs(2000)));
        assert_eq!(trouble.occurs(end), Some(Duration::ZERO));
    }
}
