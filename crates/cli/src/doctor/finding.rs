use serde::Serialize;

/// How a test came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Status {
    Ok,
    Warn,
    Fail,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    pub(super) status: Status,
    /// What was tested.
    pub(super) check: &'static str,
    /// What was found.
    pub(super) found: String,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

// === impl Status ===

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

// === impl Finding ===

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(Status::Ok, check, found, None)
    }

    pub(super) fn warn(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Status::Warn, check, found, Some(advice.into()))
    }

    pub(super) fn fail(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Status::Fail, check, found, Some(advice.into()))
    }

    fn new(
        status: Status,
        check: &'static str,
        found: impl Into<String>,
        advice: Option<String>,
    ) -> Self {
        let found = found.into();
        Self {
            status,
            check,
            found,
            advice,
        }
    }
}
