//! `cargo xtask demo`: the main job on real parts, step by step.

mod stage;

use crate::{output, program, signals::Signals};
use anyhow::Result;
use clap::Args;
use dockeeper_testbed::{
    IMAGE,
    prerequisites::{Needs, provide},
};
use stage::Stage;
use std::future::pending;

/// What to do behind the last step.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Leave everything running; `cargo xtask testbed down` ends it.
    #[arg(long)]
    keep: bool,
    /// End and clean up at once instead of waiting for Ctrl-C.
    #[arg(long, conflicts_with = "keep")]
    once: bool,
}

/// A web server that takes a second to finish its work when it is told to stop.
const SERVER: &str = "trap 'sleep 1; exit 0' TERM; httpd -p 80 -h /; while :; do sleep 0.1; done";

/// Shows the main job. Whatever ends it cleans up: Ctrl-C, SIGTERM, the terminal's end, an error,
/// and a reader of the output that has seen enough.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    provide(Needs {
        docker: true,
        zookeeper: false,
    })?;
    let program = program::build()?;
    let mut signals = Signals::listen()?;
    let stage = tokio::select! {
        biased;
        () = signals.told_to_end() => {
            output::note("Ended before all was started; it is cleaned up.");
            return Ok(());
        }
        stage = Stage::set(program) => stage?,
    };
    let shown = tokio::select! {
        biased;
        () = signals.told_to_end() => None,
        shown = perform(&stage, &arguments) => Some(shown),
    };
    match shown {
        Some(Ok(())) if arguments.keep => stage.keep().await,
        Some(Err(error)) if !output::reader_has_gone(&error) => {
            stage.clear().await?;
            Err(error)
        }
        _ => stage.clear().await,
    }
}

/// All that there is to see, and the wait behind it.
async fn perform(stage: &Stage, arguments: &Arguments) -> Result<()> {
    show(stage).await?;
    output::print(&stage.commands())?;
    if arguments.keep {
        output::print("\nAll of it stays. End it: cargo xtask testbed down\n")?;
    } else if !arguments.once {
        output::print("\nCtrl-C ends it and cleans up.\n")?;
        pending::<()>().await;
    }
    Ok(())
}

async fn show(stage: &Stage) -> Result<()> {
    stage.say("Two Docker hosts with an agent each, and a keeper in ZooKeeper's place on h1:")?;
    stage.dockeeper("h1", &["nodes"]).await?;

    stage.say("A container on each host. SERVICE_NAME is all that Dockeeper needs to know:")?;
    for host in ["h1", "h2"] {
        let name = format!("web-{host}");
        let mut run = vec!["run", "-d", "--name", &name, "-p", "8080:80"];
        run.extend(["-e", "SERVICE_NAME=web", IMAGE, "sh", "-c", SERVER]);
        stage.docker(host, &run).await?;
    }
    stage.until_found("web", 2).await?;

    stage.say("They are found from the other host:")?;
    stage.dockeeper("h2", &["discover", "web"]).await?;
    stage.dockeeper("h2", &["ps"]).await?;

    stage.say("Out of service and back, with a reason that everybody sees:")?;
    let reason = ["--reason", "new disk"];
    let on = [&["maintenance", "on", "--node", "h1"][..], &reason].concat();
    stage.dockeeper("h2", &on).await?;
    stage.until_found("web", 1).await?;
    stage.dockeeper("h1", &["discover", "web"]).await?;
    stage
        .dockeeper("h2", &["maintenance", "off", "--node", "h1"])
        .await?;
    stage.until_found("web", 2).await?;

    stage.say("The agent on h2 is killed and started again. Nothing disappears meanwhile:")?;
    stage.kill_agent("h2").await?;
    stage.dockeeper("h1", &["discover", "web"]).await?;
    stage.start_agent("h2").await?;

    stage.say("A container leaves when its stop begins, before its process has ended:")?;
    stage.docker("h1", &["stop", "web-h1"]).await?;
    stage.dockeeper("h2", &["discover", "web"]).await?;
    stage.docker("h1", &["start", "web-h1"]).await?;
    stage.until_found("web", 2).await
}
