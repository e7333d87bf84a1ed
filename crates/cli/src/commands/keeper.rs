//! `dockeeper keeper`: a ZooKeeper server for one machine, without Java.

mod files;
mod settings;

use crate::{
    args::Global,
    exit::{Code, Failure},
    interrupt, log,
};
use dockeeper_keeper::server::{Error, Keeper};
pub(super) use files::allow_all as allow_all_files;
use settings::Settings;
pub(super) use settings::{listen_address, words_default};

/// Serve ZooKeeper's protocol from this machine alone, without Java
///
/// A write is acknowledged when it is on disk. Sessions outlive a restart. It is one server and
/// replicates nothing: for more than one machine, use an ensemble of Apache ZooKeeper.
///
/// Listens on this machine's own address only, 127.0.0.1, unless --listen says otherwise: whoever
/// can connect can read and write what has no access control list.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each option can be given in the environment as well, as the help of each says. On the log, which \
goes to the standard error, \"ready\" says where it listens and what it has found.

SIGTERM and Ctrl-C end it: all that was acknowledged is on disk, and sessions go on at the next \
start. Exits with 0 then, with 2 when the command line is wrong, and with 1 when it cannot start \
or cannot write its log any more; the message says what to do.")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    log::init_as(
        global.log_level.as_ref(),
        log::SERVICE_LEVEL_DEFAULT,
        args.settings.log_format,
    );
    // Watched from the beginning, so that no signal is missed while old data is read.
    let mut interrupted = Box::pin(interrupt::interrupted());
    files::allow_all();
    let keeper = tokio::select! {
        keeper = Keeper::open(args.settings.into_config()?) => keeper.map_err(|error| failure(&error))?,
        signal = &mut interrupted => {
            signal?;
            return Ok(());
        }
    };
    let told = async {
        if let Err(error) = interrupted.await {
            tracing::error!("signals cannot be watched, so it ends: {error}");
        }
    };
    keeper.run(told).await.map_err(|error| failure(&error))
}

pub(super) fn failure(error: &Error) -> anyhow::Error {
    let code = match error {
        Error::Config(_) => Code::Usage,
        _ => Code::Failure,
    };
    Failure::new(code, error.to_string()).into()
}
