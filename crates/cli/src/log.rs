//! The log on the standard error.

mod levels;

pub(crate) use self::levels::Levels;

use crate::output;
use clap::ValueEnum;
use serde::Deserialize;
use std::io;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// What is logged when nothing is said: the commands report what matters themselves.
const LEVEL_DEFAULT: &str = "warn";

/// What is logged of a program that runs until it is told to end, without a word.
pub(crate) const SERVICE_LEVEL_DEFAULT: &str = "info";

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Begins to log for a command of a person's.
pub(crate) fn init(levels: Option<&Levels>) {
    init_as(levels, LEVEL_DEFAULT, Format::Text);
}

/// Begins to log. `RUST_LOG` counts when nothing else says what; it may be meant for other
/// programs, so what cannot be read there is no failure.
pub(crate) fn init_as(levels: Option<&Levels>, default: &str, format: Format) {
    let targets = match levels {
        Some(Levels(targets)) => targets.clone(),
        None => from_env(default),
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(io::stderr);
    let layer = match format {
        Format::Text => layer.boxed(),
        Format::Json => layer.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(targets)
        .with(layer)
        .init();
}

fn from_env(default: &str) -> Targets {
    let default = || default.parse().expect("the default level is a level");
    match std::env::var("RUST_LOG") {
        Ok(level) if !level.is_empty() => level.parse().unwrap_or_else(|why| {
            output::warn(&format!("RUST_LOG={level:?} cannot be read: {why}"));
            default()
        }),
        _ => default(),
    }
}
