//! Several futures at once, in one task.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use crate::error::Result;

/// Drives all futures at the same time, and returns their values in the same order, or the first
/// error.
///
/// Unlike tasks of their own, the others do nothing more once the result is returned or dropped:
/// what they would still start could no longer be cleaned up.
pub(crate) async fn all<F, T>(futures: impl IntoIterator<Item = F>) -> Result<Vec<T>>
where
    F: Future<Output = Result<T>>,
{
    let mut slots: Vec<_> = futures
        .into_iter()
        .map(|future| Slot::Running(Box::pin(future)))
        .collect();
    poll_fn(|context| {
        let mut pending = false;
        for slot in &mut slots {
            pending |= slot.poll(context)?.is_pending();
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(Ok(()))
        }
    })
    .await?;
    Ok(slots.into_iter().filter_map(Slot::value).collect())
}

enum Slot<F, T> {
    Running(Pin<Box<F>>),
    Done(T),
}

impl<F: Future<Output = Result<T>>, T> Slot<F, T> {
    fn poll(&mut self, context: &mut Context<'_>) -> Result<Poll<()>> {
        if let Self::Running(future) = self {
            match future.as_mut().poll(context) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(value) => *self = Self::Done(value?),
            }
        }
        Ok(Poll::Ready(()))
    }

    fn value(self) -> Option<T> {
        match self {
            Self::Running(_) => None,
            Self::Done(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::error::Error;

    #[tokio::test]
    async fn values_keep_their_order_whichever_comes_first() {
        let delays = [30, 10, 20];
        let futures = delays.map(async |delay| {
            sleep(Duration::from_millis(delay)).await;
            Ok(delay)
        });
        assert_eq!(all(futures).await.unwrap(), delays);
    }

    #[tokio::test]
    async fn the_first_error_ends_the_wait() {
        let futures = [1, 0].map(async |number| match number {
            0 => Err(Error::Full(0)),
            _ => std::future::pending::<Result<u32>>().await,
        });
        assert!(matches!(all(futures).await, Err(Error::Full(0))));
    }
}
