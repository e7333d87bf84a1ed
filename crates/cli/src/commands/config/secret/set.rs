use super::typed;
use crate::{
    args::Global,
    clock,
    commands::config::input::{self, STDIN},
    output::{self, text},
    who::who,
    zookeeper,
};
use dockeeper_config::secrets::{SECRET_LEN_MAX, Secret, Store};
use dockeeper_model::config::SecretName;
use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

/// The options of `config secret set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It is never given on the command line, which others can see. On a terminal it is asked for, and not \
shown; otherwise the standard input is taken as it is, with the line feed that `echo` puts behind it. \
It is encrypted here, for the hosts whose agents have run.

Examples:
  dockeeper config secret set db-password
  printf %s \"$PASSWORD\" | dockeeper config secret set db-password
  dockeeper config secret set tls.key --from-file server.key")]
pub(crate) struct Args {
    /// The secret
    name: SecretName,

    /// Take a file; "-" for the standard input
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let secret = args.read().await?;
    zookeeper::with(global, async |session| {
        let store = Store::new(&session.client);
        let now_ms = clock::now_ms();
        let record = store.set(&args.name, &secret, &who(), now_ms).await?;
        let hosts = text::count(record.recipients.len(), "host");
        let (name, version) = (&args.name, record.version);
        output::note(&format!(
            "{name} has version {version}, which {hosts} can decrypt"
        ));
        Ok(())
    })
    .await
}

// === impl Args ===

impl Args {
    async fn read(&self) -> anyhow::Result<Secret> {
        let bytes = match &self.from_file {
            Some(file) => input::read(file, SECRET_LEN_MAX)?,
            None if io::stdin().is_terminal() => {
                return Ok(Secret::new(
                    typed::read(&format!("{}: ", self.name)).await?,
                )?);
            }
            None => input::read(STDIN.as_ref(), SECRET_LEN_MAX)?,
        };
        let secret = Secret::new(bytes)?;
        if secret.bytes().ends_with(b"\n") {
            output::note("the secret ends with a line feed, which belongs to it now");
        }
        Ok(secret)
    }
}
