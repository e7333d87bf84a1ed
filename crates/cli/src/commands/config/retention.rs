use crate::{
    args::Global,
    output::{self, Lines, duration, json},
};
use dockeeper_config::store::Error;
use dockeeper_health::duration as notation;
use dockeeper_model::config::{AppName, Retention};
use std::{str::FromStr, time::Duration};

/// The options of `config retention`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without options it is shown. A release is kept while it is one of the newest, or younger than the \
age, or one that a container runs or that a rollout may go back to. The agent that controls the \
cluster removes the others.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// How many of the newest are kept
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    releases: Option<u32>,

    /// Up to which age all are kept: 30d, 12h; 0
    #[arg(long, value_name = "DURATION")]
    age: Option<Age>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,
}

/// An age, in days too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Age(Duration);

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let retention = super::with(global, async |session, store| {
        let found = store.app(&args.app).await?;
        if args.only_reads() {
            let (settings, _) = found.ok_or_else(|| Error::NoApp(args.app.clone()))?;
            return Ok(settings.retention);
        }
        session.make_chroot().await?;
        let (mut settings, version) = found.unzip();
        let settings = settings.get_or_insert_default();
        settings.retention = args.of(settings.retention);
        store.set_app(&args.app, settings, version).await?;
        Ok(settings.retention)
    })
    .await?;
    output::print(&match args.output {
        Lines::Json => json::line(&retention)?,
        Lines::Text => {
            let age = duration::long(Duration::from_millis(retention.age_ms));
            format!("releases  {}\nage       {age}\n", retention.releases)
        }
    })
}

// === impl Args ===

impl Args {
    /// Whether nothing is to be changed.
    pub(super) fn only_reads(&self) -> bool {
        self.releases.is_none() && self.age.is_none()
    }

    fn of(&self, before: Retention) -> Retention {
        let ms = |Age(age): Age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Retention {
            releases: self.releases.unwrap_or(before.releases),
            age_ms: self.age.map_or(before.age_ms, ms),
        }
    }
}

// === impl Age ===

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(days) = text.strip_suffix('d') {
            let days = days.parse::<u32>();
            let days = days.map_err(|_| "write whole days: 30d".to_owned())?;
            return Ok(Self(Duration::from_secs(u64::from(days) * 24 * 60 * 60)));
        }
        let parsed = notation::parse(text);
        parsed
            .map(Self)
            .map_err(|why| format!("it {why}; write 30d, 12h or 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_days_too() {
        let day = 24 * 60 * 60;
        for (text, seconds) in [("30d", 30 * day), ("0", 0), ("12h", day / 2)] {
            assert_eq!(text.parse(), Ok(Age(Duration::from_secs(seconds))));
        }
        for bad in ["d", "-1d", "1.5d", "x"] {
            assert!(bad.parse::<Age>().is_err(), "{bad}");
        }
    }
}
