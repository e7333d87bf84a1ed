use super::value::Value;
use crate::{
    args::{Global, Span},
    exit::Failure,
    interrupt,
    output::{self, duration},
    tree::{Place, acl::Entry},
    zookeeper::{self, Connection, Session},
};
use clap::ValueEnum;
use dockeeper_zk_client::{Client, CreateMode, CreateOptions, Error, ErrorCode, State, path};

/// The options of `zk create`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An ephemeral znode ends with its session, so this waits for Ctrl-C before it ends the session.

Examples:
  dockeeper zk create --parents /app/config '{}'
  dockeeper zk create /jobs/job- --mode sequential --file job.json
  dockeeper zk create /cache/x --mode ttl --ttl 1h
  dockeeper zk create /secret s --acl digest:me:aGFzaA==:cdrwa --acl world:anyone:r")]
pub(crate) struct Args {
    /// The znode; its beginning where the server appends digits
    path: String,

    #[command(flatten)]
    value: Value,

    /// What becomes of the znode
    #[arg(long, value_name = "MODE", default_value = "persistent")]
    mode: Mode,

    /// How long it stays without a child and without a change; for the modes ttl and ttl-sequential
    #[arg(long, value_name = "DURATION")]
    ttl: Option<Span>,

    /// Make the znodes above it too, where they are missing, and the chroot
    #[arg(long)]
    parents: bool,

    /// Who may do what: SCHEME:ID:PERMS, where PERMS are letters of cdrwa (create, delete, read,
    /// write, admin); may be repeated [default: everything to everybody; with credentials,
    /// everything to their user alone]
    #[arg(long, value_name = "ENTRY")]
    acl: Vec<Entry>,
}

/// What becomes of a znode, and who chooses its name's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// It stays until it is deleted
    Persistent,
    /// It ends with its session
    Ephemeral,
    /// It stays; the server appends ten digits
    #[value(alias = "persistent-sequential")]
    Sequential,
    /// It ends with its session; the server appends ten digits
    EphemeralSequential,
    /// It ends some time after its last child
    Container,
    /// It ends when it has had no child and no change for --ttl
    Ttl,
    /// The same; the server appends ten digits
    TtlSequential,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let options = args.options()?;
    let data = args.value.read()?.unwrap_or_default();
    zookeeper::with_root(global, async |session, chroot| {
        let place = Place::at(session, chroot);
        let (client, path) = (&place.client, place.client_path(&args.path));
        let create = || client.create_with(&path, data.clone(), options.clone());
        let created = match create().await {
            Err(error) if error.is(ErrorCode::NoNode) => {
                if !args.parents {
                    return Err(orphan(&path).into());
                }
                create_parents(client, &path).await?;
                create().await?
            }
            created => created?,
        };
        output::print(&format!("{}\n", place.tree_path(&created.path)))?;
        if options.mode.is_ephemeral() {
            output::note("it is there until Ctrl-C ends this session");
            return until_the_end(session).await;
        }
        Ok(())
    })
    .await
    .or_else(|error| match options.mode.is_ephemeral() {
        true => interrupt::is_the_end(Err(error)),
        false => Err(error),
    })
}

fn orphan(path: &str) -> Failure {
    let parent = path::parent(path).unwrap_or("/");
    let why = format!("cannot create {path}: there is no {parent}; --parents makes it too");
    Failure::not_found(why)
}

async fn create_parents(client: &Client, path: &str) -> Result<(), Error> {
    let parent = path::parent(path).unwrap_or("/");
    client.create_all(parent, CreateMode::Persistent).await
}

/// Waits until the session is over, which an ephemeral znode does not survive.
async fn until_the_end(session: &Session) -> anyhow::Result<()> {
    let mut state = session.client.state();
    let connection = Connection::new(alone(&state.borrow()));
    let ended = tokio::select! {
        ended = state.wait_for(|state| matches!(state, State::Ended(_))) => ended,
        never = connection.follow(session.client.state()) => match never {},
    };
    match ended.as_deref() {
        Ok(State::Ended(ended)) => Err(anyhow::anyhow!("the znode is gone: {ended}")),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What it means for an ephemeral znode that there is no connection.
fn alone(state: &State) -> String {
    let limit = match state {
        State::Connected(connected) => duration::long(connected.session_timeout),
        State::Connecting { .. } | State::Ended(_) => "its time-out".to_owned(),
    };
    format!(
        "when the servers have not heard of the session for {limit}, they end it, and the \
        znode with it"
    )
}

// === impl Args ===

impl Args {
    fn options(&self) -> Result<CreateOptions, Failure> {
        let mode = CreateMode::from(self.mode);
        let path = &self.path;
        let validated = if mode.is_sequential() {
            path::validate_sequential(path)
        } else {
            path::validate(path)
        };
        validated.map_err(|why| Failure::usage(format!("{path:?} is no path: {why}")))?;
        let wrong = match (mode.has_ttl(), self.ttl) {
            (true, None) => "the modes ttl and ttl-sequential need --ttl DURATION",
            (false, Some(_)) => "--ttl belongs to the modes ttl and ttl-sequential",
            _ => {
                let acl: Vec<_> = self.acl.iter().map(|entry| entry.0.clone()).collect();
                return Ok(CreateOptions {
                    mode,
                    ttl: self.ttl.map(|Span(ttl)| ttl),
                    acl: (!acl.is_empty()).then_some(acl),
                });
            }
        };
        Err(Failure::usage(wrong))
    }
}

// === impl Mode ===

impl From<Mode> for CreateMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Persistent => Self::Persistent,
            Mode::Ephemeral => Self::Ephemeral,
            Mode::Sequential => Self::PersistentSequential,
            Mode::EphemeralSequential => Self::EphemeralSequential,
            Mode::Container => Self::Container,
            Mode::Ttl => Self::PersistentWithTtl,
            Mode::TtlSequential => Self::PersistentSequentialWithTtl,
        }
    }
}
