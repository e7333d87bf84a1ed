use super::target::{Meant, Target};
use crate::{
    args::Global,
    clock,
    output::{self, age::ago, text},
    who::who,
    zookeeper,
};
use dockeeper_model::{Maintenance, maintenance::Subject};
use dockeeper_registry::cluster::marks;

/// The options of `maintenance on`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The mark stays until `dockeeper maintenance off`, also when the host or the container is \
restarted. That of a container goes with the container. A second mark replaces the reason of the \
first.")]
pub(crate) struct On {
    #[command(flatten)]
    target: Target,

    /// Why, for those who wonder
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// The options of `maintenance off`.
#[derive(Debug, clap::Args)]
pub(crate) struct Off {
    #[command(flatten)]
    target: Target,
}

fn reason(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("it is empty"),
        reason => Ok(reason.to_owned()),
    }
}

pub(super) async fn on(args: &On, global: &Global) -> anyhow::Result<()> {
    zookeeper::with(global, async |session| {
        let meant = args.target.find(session).await?;
        let now_ms = clock::now_ms();
        let maintenance = Maintenance {
            reason: args.reason.clone(),
            by: who(),
            since_ms: now_ms,
            node: meant.node.clone(),
        };
        let before = marks::set(&session.client, &meant.subject, &maintenance).await?;
        output::note(&format!("{} is out of service", meant.label));
        if let Some(before) = before {
            let before = describe(&before, now_ms);
            output::note(&format!("it was out of service before: {before}"));
        }
        warn_of_unknown(&meant);
        Ok(())
    })
    .await
}

pub(super) async fn off(args: &Off, global: &Global) -> anyhow::Result<()> {
    zookeeper::with(global, async |session| {
        let meant = args.target.find(session).await?;
        match marks::remove(&session.client, &meant.subject).await? {
            Some(before) => {
                let before = describe(&before, clock::now_ms());
                output::note(&format!(
                    "{} is back in service; it was out: {before}",
                    meant.label
                ));
            }
            None => {
                output::note(&format!("{} was not out of service", meant.label));
                warn_of_unknown(&meant);
            }
        }
        Ok(())
    })
    .await
}

fn warn_of_unknown(meant: &Meant) {
    let what = match meant.subject {
        _ if meant.is_known => return,
        Subject::Node(_) => "no agent of this name is registered at present",
        Subject::Service(_) => "no instance of it is registered at present",
        Subject::Container(_) => "it is not registered at present",
    };
    output::warn(&format!("{what}: check the name of the {}", meant.label));
}

fn describe(mark: &Maintenance, now_ms: i64) -> String {
    let reason = text::clean(&mark.reason);
    let by = text::or_dash(&text::clean(&mark.by));
    format!("\"{reason}\" (by {by}, {})", ago(now_ms, mark.since_ms))
}
