use crate::{args::Global, exit::Failure, output, zookeeper};
use dockeeper_config::secrets::Store;
use dockeeper_model::config::SecretName;

/// The options of `config secret rm`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A template that asks for it cannot be rendered any more: its containers keep what they have.")]
pub(crate) struct Args {
    /// The secret
    name: SecretName,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    zookeeper::with(global, async |session| {
        let name = &args.name;
        if !Store::new(&session.client).remove(name).await? {
            session.check(&[]).await?;
            return Err(Failure::not_found(format!("there is no secret {name}")).into());
        }
        output::note(&format!("{name} is removed"));
        Ok(())
    })
    .await
}
