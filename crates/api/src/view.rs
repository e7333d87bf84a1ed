//! A hold as those who ask see it.

use crate::holds::{Grant, Hold, Status};
use dockeeper_recipes::{Lost, Standing};
use dockeeper_zk_client::BootInstant;
use serde::Serialize;

/// A hold at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    id: String,
    kind: &'static str,
    name: String,
    /// When it was asked for, in milliseconds since 1970.
    since_ms: i64,
    pub(crate) state: State,
    #[serde(flatten)]
    grant: Option<Grant>,
    /// For how long nobody else can have it, whatever happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    sure_for_seconds: Option<f64>,
    /// Why it was lost or refused, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The same for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// How a hold stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Waiting,
    Held,
    Suspended,
    Lost,
    Refused,
}

// === impl View ===

impl View {
    /// A hold as it stands now.
    pub(crate) fn now(hold: &Hold) -> Self {
        let status = hold.status().borrow().clone();
        Self::of(hold, &status)
    }

    /// A hold that stands like this.
    pub(crate) fn of(hold: &Hold, status: &Status) -> Self {
        let mut view = Self {
            id: hold.id.to_string(),
            kind: hold.contest.kind.as_str(),
            name: hold.contest.name.to_string(),
            since_ms: hold.since_ms,
            state: State::of(status),
            grant: None,
            sure_for_seconds: None,
            reason: None,
            message: None,
        };
        match status {
            Status::Waiting => {}
            Status::Held(grant, standing) => {
                view.grant = Some(grant.clone());
                view.sure_for_seconds = Some(seconds(standing, hold.clock.now()));
            }
            Status::Refused(problem) => {
                view.reason = Some(problem.code.as_str());
                view.message = Some(problem.message.clone());
            }
            Status::Lost(lost) => {
                view.reason = Some(code(*lost));
                view.message = Some(lost.to_string());
            }
        }
        view
    }
}

// === impl State ===

impl State {
    pub(crate) fn of(status: &Status) -> Self {
        match status {
            Status::Waiting => Self::Waiting,
            Status::Held(_, Standing::Suspended { .. }) => Self::Suspended,
            Status::Held(..) => Self::Held,
            Status::Refused(_) => Self::Refused,
            Status::Lost(_) => Self::Lost,
        }
    }
}

/// Rounded down to milliseconds.
fn seconds(standing: &Standing, now: BootInstant) -> f64 {
    let left = standing
        .until()
        .map_or_else(Default::default, |until| until - now);
    let millis = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
    f64::from(millis) / 1000.0
}

fn code(lost: Lost) -> &'static str {
    match lost {
        Lost::SessionOver(_) => "session-over",
        Lost::Removed => "removed",
        Lost::LeaseOver => "lease-over",
        Lost::Released => "released",
    }
}
