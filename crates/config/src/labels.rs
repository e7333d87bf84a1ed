//! What a container's labels say of the configurations that it gets:
//! `dockeeper.config.<app>.on-change` and its like.

use dockeeper_health::duration;
use dockeeper_hooks::{Hook, command, hook::ALLOWED};
use dockeeper_model::{config::AppName, shown};
use std::{collections::BTreeMap, time::Duration};

/// How labels of configurations begin; those that there are not may be meant to be one of the
/// others.
const PREFIX: &str = "dockeeper.config.";

const ON_CHANGE: &str = "on-change";
const ON_CHANGE_TIMEOUT: &str = "on-change-timeout";
const CHECK: &str = "check";
const CHECK_TIMEOUT: &str = "check-timeout";

/// How the labels of an app end.
const KEYS: [&str; 4] = [ON_CHANGE, ON_CHANGE_TIMEOUT, CHECK, CHECK_TIMEOUT];

/// How long a check, or what is done behind a change, may take unless a label says otherwise.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// The shortest limit that can be set: a busy host may need as long to begin a command.
pub const TIMEOUT_MIN: Duration = Duration::from_secs(1);

/// The longest limit that can be set: a rollout waits for it, container by container.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(10 * 60);

/// How many problems of an app are named: people mend one after the other, and whoever looks at the
/// app reads them.
const PROBLEMS_SHOWN_MAX: usize = 4;

/// What a container wants done with an app's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// What is done when the container sees a new release.
    pub on_change: OnChange,
    /// How long that may take.
    pub on_change_timeout: Duration,
    /// A command that judges a release in the container before it is seen there: it is good when
    /// the command ends with 0.
    pub check: Option<String>,
    /// How long that may take.
    pub check_timeout: Duration,
}

/// What is done when a container sees a new release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnChange {
    /// Nothing: it looks at its files itself.
    #[default]
    None,
    /// It is told.
    Hook(Hook),
    /// It is restarted.
    Restart,
    /// It is replaced by a new one that is made like it.
    Recreate,
}

/// What a container's labels say of configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// What is said of each app that something is said of. The error says, for people, what of it
    /// cannot be used.
    pub apps: BTreeMap<AppName, Result<Wishes, String>>,
    /// The labels that belong to no app, for people.
    pub problems: Vec<String>,
}

/// What is said of one app, while its labels are read.
#[derive(Default)]
struct Draft {
    wishes: Wishes,
    problems: Vec<String>,
}

// === impl Labels ===

impl Labels {
    /// Reads the labels of a container. One that cannot be used leaves its app without wishes: a
    /// change that is not checked, or of which the container is not told, would do harm.
    pub fn read(labels: &BTreeMap<String, String>) -> Self {
        let mut drafts: BTreeMap<AppName, Draft> = BTreeMap::new();
        let mut problems = Vec::new();
        let behind_prefix = labels.range(PREFIX.to_owned()..);
        let ours = behind_prefix.map_while(|(label, value)| {
            let rest = label.strip_prefix(PREFIX)?;
            Some((label, rest, value.trim()))
        });
        for (label, rest, value) in ours {
            // From the right: an app's name has dots, a key has none.
            let Some((app, key)) = rest.rsplit_once('.') else {
                problems.push(unknown(label));
                continue;
            };
            match app.parse::<AppName>() {
                Ok(app) => drafts.entry(app).or_default().take(label, key, value),
                Err(why) => problems.push(format!("{} is of no use: {why}", shown(label))),
            }
        }
        let apps = drafts.into_iter().map(|(app, draft)| (app, draft.finish()));
        Self {
            apps: apps.collect(),
            problems,
        }
    }

    /// What is wanted for an app; the defaults where the labels do not speak of it.
    ///
    /// # Errors
    ///
    /// What of the app's labels cannot be used, for people.
    pub fn wishes(&self, app: &AppName) -> Result<Wishes, String> {
        let said = self.apps.get(app).cloned();
        said.unwrap_or_else(|| Ok(Wishes::default()))
    }
}

// === impl Draft ===

impl Draft {
    /// Takes a label in. One without a value counts as none.
    fn take(&mut self, label: &str, key: &str, value: &str) {
        if value.is_empty() && KEYS.contains(&key) {
            return;
        }
        let wishes = &mut self.wishes;
        let taken = match key {
            ON_CHANGE => on_change(value).map(|to_do| wishes.on_change = to_do),
            ON_CHANGE_TIMEOUT => timeout(value).map(|limit| wishes.on_change_timeout = limit),
            CHECK => command(value).map(|command| wishes.check = Some(command)),
            CHECK_TIMEOUT => timeout(value).map(|limit| wishes.check_timeout = limit),
            _ => return self.problems.push(unknown(label)),
        };
        if let Err(why) = taken {
            let value = shown(value);
            self.problems.push(format!("{label} is {value}: {why}"));
        }
    }

    fn finish(self) -> Result<Wishes, String> {
        if self.problems.is_empty() {
            return Ok(self.wishes);
        }
        let named = &self.problems[..self.problems.len().min(PROBLEMS_SHOWN_MAX)];
        let more = match self.problems.len() - named.len() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        Err(format!("{}{more}", named.join("; ")))
    }
}

// === impl Wishes ===

impl Default for Wishes {
    fn default() -> Self {
        Self {
            on_change: OnChange::None,
            on_change_timeout: TIMEOUT_DEFAULT,
            check: None,
            check_timeout: TIMEOUT_DEFAULT,
        }
    }
}

fn on_change(text: &str) -> Result<OnChange, String> {
    match text {
        "none" => Ok(OnChange::None),
        "restart" => Ok(OnChange::Restart),
        "recreate" => Ok(OnChange::Recreate),
        hook if hook.contains(':') => hook.parse().map(OnChange::Hook),
        _ => Err(format!("allowed is none, restart, recreate, {ALLOWED}")),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let allowed = || {
        let (min, max) = (duration::format(TIMEOUT_MIN), duration::format(TIMEOUT_MAX));
        format!("allowed is a duration from {min} to {max}, such as 30s or 1m30s")
    };
    let limit = duration::parse(text).map_err(|why| format!("it {why}; {}", allowed()))?;
    if !(TIMEOUT_MIN..=TIMEOUT_MAX).contains(&limit) {
        return Err(allowed());
    }
    Ok(limit)
}

fn unknown(label: &str) -> String {
    let known = KEYS.map(|key| format!("{PREFIX}APP.{key}")).join(", ");
    let label = shown(label);
    format!("{label} is no label of Dockeeper's; those of configuration are {known}")
}

#[cfg(test)]
mod tests;
