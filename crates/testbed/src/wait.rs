//! Waiting for a condition, with a limit.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::error::{Error, Result};

/// Between two looks at a condition: short against the time that a daemon takes to start, long
/// against the cost of a look.
const PAUSE: Duration = Duration::from_millis(15);

/// More than anything takes that needs milliseconds, or a few seconds on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// Asks `probe` again and again until it gives a value. The probe says in its error what it saw
/// instead.
///
/// # Errors
///
/// [`Error::Timeout`] with what was seen last, when `limit` has passed. A probe that hangs is cut
/// off at the limit too.
pub async fn until<T, P, F>(what: impl Into<String>, limit: Duration, mut probe: P) -> Result<T>
where
    P: FnMut() -> F,
    F: Future<Output = Result<T, String>>,
{
    let end = Instant::now() + limit;
    let mut last = "nothing".to_owned();
    while let Some(left) = end
        .checked_duration_since(Instant::now())
        .filter(|d| !d.is_zero())
    {
        match timeout(left, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(seen)) => last = seen,
            Err(_) => break,
        }
        sleep(PAUSE).await;
    }
    Err(Error::Timeout {
        what: what.into(),
        limit,
        last,
    })
}

/// Waits for what comes within a minute, however busy the machine is.
///
/// # Panics
///
/// When it has not come by then.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(SOON, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {SOON:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_first_value() {
        let mut looks = 0;
        let value = until("three looks", Duration::from_secs(5), || {
            looks += 1;
            let look = looks;
            async move {
                if look == 3 {
                    Ok(look)
                } else {
                    Err(format!("look {look}"))
                }
            }
        });
        assert_eq!(value.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn says_what_it_saw_last_and_does_not_trust_the_probe_to_end() {
        let mut looks = 0;
        let result: Result<()> = until("a miracle", Duration::from_millis(100), || {
            looks += 1;
            let look = looks;
            async move {
                if look > 1 {
                    std::future::pending::<()>().await;
                }
                Err("rain".into())
            }
        })
        .await;
        let text = result.unwrap_err().to_string();
        assert_eq!(text, "a miracle: not within 100ms; last seen: rain");
    }
}
