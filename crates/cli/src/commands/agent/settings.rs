use crate::{args::Span, exit::Failure, log, zookeeper::Tls};
use clap::{Args, ValueEnum};
use dockeeper_model::{NodeName, instance::Payload};
use dockeeper_registry::host::settings::ComposeName;
use serde::Deserialize;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

const STATE_DIR_DEFAULT: &str = "/var/lib/dockeeper";

/// An agent's settings, each of them a flag, an environment variable and a key of the
/// configuration file. A flag beats the environment, which beats the file.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Settings {
    /// In the file only: the command line has them for all commands.
    #[arg(skip)]
    pub(crate) zk: Option<String>,
    #[arg(skip)]
    pub(crate) zk_auth: Option<String>,
    #[arg(skip)]
    pub(crate) zk_tls: Option<bool>,
    #[arg(skip)]
    pub(crate) zk_tls_ca: Option<PathBuf>,
    #[arg(skip)]
    pub(crate) zk_tls_cert: Option<PathBuf>,
    #[arg(skip)]
    pub(crate) zk_tls_key: Option<PathBuf>,
    #[arg(skip)]
    pub(crate) zk_tls_server_name: Option<String>,
    #[arg(skip)]
    pub(crate) timeout: Option<Span>,
    #[arg(skip)]
    pub(crate) log_level: Option<log::Levels>,

    /// The Docker Engine: unix:///path, or tcp://host:port [default: DOCKER_HOST, or
    /// unix:///var/run/docker.sock]
    #[arg(long, value_name = "HOST", env = "DOCKEEPER_DOCKER")]
    pub(crate) docker: Option<String>,

    /// This host's name in the cluster [default: the host name]
    #[arg(long, value_name = "NAME", env = "DOCKEEPER_NODE")]
    pub(crate) node: Option<NodeName>,

    /// Where other hosts reach the ports that this one publishes [default: the address of the
    /// route towards ZooKeeper]
    #[arg(long, value_name = "IP", env = "DOCKEEPER_ADDRESS")]
    pub(crate) address: Option<IpAddr>,

    /// Where the agent keeps its session, so that the next start resumes it [default:
    /// /var/lib/dockeeper]
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_STATE_DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The Unix socket on which services report about themselves, or "none" [default:
    /// /run/dockeeper/agent.sock]
    #[arg(long, value_name = "PATH", env = "DOCKEEPER_SOCKET")]
    pub(crate) socket: Option<PathBuf>,

    /// Where the agent has the volumes of configuration, which do not outlive the machine [default:
    /// /run/dockeeper]
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_RUN_DIR")]
    pub(crate) run_dir: Option<PathBuf>,

    /// The Unix socket on which Docker asks for volumes of configuration, or "none"; its name is
    /// that of the volume driver [default: /run/docker/plugins/dockeeper.sock]
    #[arg(long, value_name = "PATH", env = "DOCKEEPER_PLUGIN_SOCKET")]
    pub(crate) plugin_socket: Option<PathBuf>,

    /// How long this host may be silent before everything of it disappears [default: 10s]
    #[arg(long, value_name = "TIME", env = "DOCKEEPER_SESSION_TIMEOUT")]
    pub(crate) session_timeout: Option<Span>,

    /// Advertise containers at their own addresses and ports instead of the host's
    #[arg(long, value_name = "BOOL", env = "DOCKEEPER_INTERNAL",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) internal: Option<bool>,

    /// Register only containers that have SERVICE_NAME as services
    #[arg(long, value_name = "BOOL", env = "DOCKEEPER_EXPLICIT",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) explicit: Option<bool>,

    /// Advertise loopback addresses too
    #[arg(long, value_name = "BOOL", env = "DOCKEEPER_ADVERTISE_LOOPBACK",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) advertise_loopback: Option<bool>,

    /// What a Compose container's service is called [default: project-service]
    #[arg(long, value_name = "HOW", env = "DOCKEEPER_COMPOSE_NAME")]
    pub(crate) compose_name: Option<ComposeNames>,

    /// The payload of instances, for Curator's users [default: none]
    #[arg(long, value_name = "WHAT", env = "DOCKEEPER_INSTANCE_PAYLOAD")]
    pub(crate) instance_payload: Option<Payloads>,

    /// How long a container that was told to stop stays out of service while it still runs
    /// [default: 5m]
    #[arg(long, value_name = "TIME", env = "DOCKEEPER_STOP_HOLD")]
    pub(crate) stop_hold: Option<Span>,

    /// How often everything is compared, whatever events said [default: 30s]
    #[arg(long, value_name = "TIME", env = "DOCKEEPER_COMPARE_INTERVAL")]
    pub(crate) compare_interval: Option<Span>,

    /// Do not stand for election as the controller, which rolls out configuration
    #[arg(long, value_name = "BOOL", env = "DOCKEEPER_NO_CONTROLLER",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) no_controller: Option<bool>,

    /// How log lines are written to standard error [default: text]
    #[arg(long, value_name = "FORMAT", env = "DOCKEEPER_LOG_FORMAT")]
    pub(crate) log_format: Option<log::Format>,
}

/// How a Compose service is called among all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ComposeNames {
    /// The name of the project, a dash, and that of the service
    ProjectService,
    /// The name of the service alone
    Service,
}

/// What Curator's payload holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Payloads {
    /// Nothing: any of Curator's users can read the instance
    None,
    /// Spring Cloud Zookeeper's own
    Spring,
}

// === impl Settings ===

impl Settings {
    /// Where the agent keeps its session.
    pub(crate) fn state_dir(&self) -> PathBuf {
        let given = self.state_dir.clone();
        given.unwrap_or(STATE_DIR_DEFAULT.into())
    }

    /// Reads the configuration file. A key that it does not know is an error: a setting that is
    /// misspelt would silently have no effect.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|why| {
            Failure::usage(format!(
                "cannot read the configuration file {shown}: {why}; check --config or \
                 DOCKEEPER_CONFIG"
            ))
        })?;
        Self::parse(&text).map_err(|why| {
            Failure::usage(format!(
                "the configuration file {shown} cannot be used: {why}; docs/agent.md lists the keys"
            ))
        })
    }

    /// The error names the line and its key, and not the value, which may be secret.
    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|why| {
            let Some(before) = why.span().and_then(|span| text.get(..span.start)) else {
                return why.message().to_owned();
            };
            let number = before.matches('\n').count();
            let line = text.lines().nth(number).unwrap_or_default();
            let place = match (line.split_once('='), is_table(line)) {
                (Some((key, _)), _) => format!("line {}, {}", number + 1, key.trim()),
                (None, true) => format!("line {}, {}", number + 1, line.trim()),
                (None, false) => format!("line {}", number + 1),
            };
            format!("{place}: {}", why.message())
        })
    }

    /// What a file says of TLS with ZooKeeper.
    pub(crate) fn tls(&self) -> Tls {
        Tls {
            zk_tls: self.zk_tls,
            zk_tls_ca: self.zk_tls_ca.clone(),
            zk_tls_cert: self.zk_tls_cert.clone(),
            zk_tls_key: self.zk_tls_key.clone(),
            zk_tls_server_name: self.zk_tls_server_name.clone(),
        }
    }

    /// These settings, and those of `other` where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            zk: self.zk.or(other.zk),
            zk_auth: self.zk_auth.or(other.zk_auth),
            zk_tls: self.zk_tls.or(other.zk_tls),
            zk_tls_ca: self.zk_tls_ca.or(other.zk_tls_ca),
            zk_tls_cert: self.zk_tls_cert.or(other.zk_tls_cert),
            zk_tls_key: self.zk_tls_key.or(other.zk_tls_key),
            zk_tls_server_name: self.zk_tls_server_name.or(other.zk_tls_server_name),
            timeout: self.timeout.or(other.timeout),
            log_level: self.log_level.or(other.log_level),
            docker: self.docker.or(other.docker),
            node: self.node.or(other.node),
            address: self.address.or(other.address),
            state_dir: self.state_dir.or(other.state_dir),
            socket: self.socket.or(other.socket),
            run_dir: self.run_dir.or(other.run_dir),
            plugin_socket: self.plugin_socket.or(other.plugin_socket),
            session_timeout: self.session_timeout.or(other.session_timeout),
            internal: self.internal.or(other.internal),
            explicit: self.explicit.or(other.explicit),
            advertise_loopback: self.advertise_loopback.or(other.advertise_loopback),
            compose_name: self.compose_name.or(other.compose_name),
            instance_payload: self.instance_payload.or(other.instance_payload),
            stop_hold: self.stop_hold.or(other.stop_hold),
            compare_interval: self.compare_interval.or(other.compare_interval),
            no_controller: self.no_controller.or(other.no_controller),
            log_format: self.log_format.or(other.log_format),
        }
    }
}

/// Whether a line is a table's header, and no part of a value.
fn is_table(line: &str) -> bool {
    let name = line.trim().strip_prefix('[');
    let name = name.and_then(|name| name.strip_suffix(']'));
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.is_some_and(|name| !name.is_empty() && name.chars().all(is_bare))
}

// === impl ComposeNames ===

impl From<ComposeNames> for ComposeName {
    fn from(names: ComposeNames) -> Self {
        match names {
            ComposeNames::ProjectService => Self::ProjectService,
            ComposeNames::Service => Self::Service,
        }
    }
}

// === impl Payloads ===

impl From<Payloads> for Payload {
    fn from(payloads: Payloads) -> Self {
        match payloads {
            Payloads::None => Self::None,
            Payloads::Spring => Self::Spring,
        }
    }
}

#[cfg(test)]
mod tests;
