//! The keeper's settings, each of them a flag and an environment variable.

mod bounds;

use crate::{args::Span, exit::Failure, log, zookeeper::LOCAL};
use clap::{ArgAction, Args};
use dockeeper_keeper::{
    rules::Rules,
    server::{Config, TlsFiles},
    words::Whitelist,
};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// The words that tell nothing of clients and cost little.
const WORDS_DEFAULT: &str = "conf,envi,isro,mntr,ruok,srvr";

/// Session time-outs in ticks: ZooKeeper's own bounds.
const SESSION_TICKS_MIN: u32 = 2;
const SESSION_TICKS_MAX: u32 = 20;

#[derive(Clone, Debug, Args)]
pub(crate) struct Settings {
    /// Where everything is kept; made if it is not there. One server has a directory for itself
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_KEEPER_DATA_DIR")]
    data_dir: PathBuf,

    /// Where clients connect: IP:PORT, several with commas; port 0 is any free one. 0.0.0.0 is
    /// every address of this machine [default: 127.0.0.1:2181, and none with --listen-tls]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "DOCKEEPER_KEEPER_LISTEN",
        value_delimiter = ',',
        value_parser = listen_address
    )]
    listen: Vec<SocketAddr>,

    /// Where clients connect with TLS; an address that --listen has too takes both kinds
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "DOCKEEPER_KEEPER_LISTEN_TLS",
        value_delimiter = ',',
        value_parser = listen_address,
        requires_all = ["tls_cert", "tls_key"]
    )]
    listen_tls: Vec<SocketAddr>,

    /// The server's certificate, and those between it and its authority: a PEM file
    #[arg(
        long,
        value_name = "FILE",
        env = "DOCKEEPER_KEEPER_TLS_CERT",
        requires = "listen_tls"
    )]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key: a PEM file
    #[arg(
        long,
        value_name = "FILE",
        env = "DOCKEEPER_KEEPER_TLS_KEY",
        requires = "listen_tls"
    )]
    tls_key: Option<PathBuf>,

    /// Who vouches for clients: a PEM file. With it, each client that speaks TLS has to show a
    /// certificate, whose subject is its identity in the scheme "x509"; on an address that --listen
    /// has too, clients without TLS still get in without one
    #[arg(
        long,
        value_name = "FILE",
        env = "DOCKEEPER_KEEPER_TLS_CLIENT_CA",
        requires = "listen_tls"
    )]
    tls_client_ca: Option<PathBuf>,

    /// The unit of session time-outs: sessions end at whole ticks; 10ms to 1m
    #[arg(
        long,
        value_name = "TIME",
        env = "DOCKEEPER_KEEPER_TICK",
        default_value = "2s"
    )]
    tick: Span,

    /// The shortest session time-out; clients that wish for less get this [default: 2 ticks]
    #[arg(
        long,
        value_name = "TIME",
        env = "DOCKEEPER_KEEPER_SESSION_TIMEOUT_MIN"
    )]
    session_timeout_min: Option<Span>,

    /// The longest session time-out; clients that wish for more get this [default: 20 ticks]
    #[arg(
        long,
        value_name = "TIME",
        env = "DOCKEEPER_KEEPER_SESSION_TIMEOUT_MAX"
    )]
    session_timeout_max: Option<Span>,

    /// The longest request in bytes (jute.maxbuffer), 1024 to 4194304; a connection that sends a
    /// longer one is closed
    #[arg(
        long,
        value_name = "BYTES",
        env = "DOCKEEPER_KEEPER_FRAME_LEN_MAX",
        default_value_t = Rules::default().frame_len_max
    )]
    frame_len_max: usize,

    /// How many connections may be open in all; 0 for any number
    #[arg(
        long,
        value_name = "COUNT",
        env = "DOCKEEPER_KEEPER_CONNECTIONS_MAX",
        default_value_t = dockeeper_keeper::server::limits::CONNECTIONS_MAX_DEFAULT
    )]
    connections_max: usize,

    /// How many connections may be open from one address; 0 for any number
    #[arg(
        long,
        value_name = "COUNT",
        env = "DOCKEEPER_KEEPER_CONNECTIONS_PER_ADDRESS_MAX",
        default_value_t = dockeeper_keeper::server::limits::CONNECTIONS_PER_ADDRESS_MAX_DEFAULT
    )]
    connections_per_address_max: usize,

    /// How many sessions there may be, 1 to 10000000
    #[arg(
        long,
        value_name = "COUNT",
        env = "DOCKEEPER_KEEPER_SESSIONS_MAX",
        default_value_t = Rules::default().sessions_max
    )]
    sessions_max: usize,

    /// How many watches one connection may have, 1 to 10000000
    #[arg(
        long,
        value_name = "COUNT",
        env = "DOCKEEPER_KEEPER_WATCHES_MAX",
        default_value_t = Rules::default().watches_max
    )]
    watches_max: usize,

    /// How often containers without children, and znodes whose time to live is over, are looked
    /// for and deleted; 10ms to 24h
    #[arg(
        long,
        value_name = "TIME",
        env = "DOCKEEPER_KEEPER_REAP_INTERVAL",
        default_value = "60s"
    )]
    reap_interval: Span,

    /// Refuse writes that go over a hard quota; they are only counted otherwise
    #[arg(
        long,
        env = "DOCKEEPER_KEEPER_ENFORCE_QUOTAS",
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true"
    )]
    enforce_quotas: bool,

    /// The four-letter words that are answered, with commas, or * for all of them
    #[arg(
        long,
        value_name = "WORDS",
        env = "DOCKEEPER_KEEPER_WORDS",
        default_value = WORDS_DEFAULT
    )]
    words: Whitelist,

    /// How log lines are written to the standard error
    #[arg(
        long,
        value_name = "FORMAT",
        env = "DOCKEEPER_KEEPER_LOG_FORMAT",
        default_value = "text"
    )]
    pub(super) log_format: log::Format,
}

/// The four-letter words that are answered unless others are named.
pub(crate) fn words_default() -> Result<Whitelist, Failure> {
    let words = WORDS_DEFAULT.parse();
    words.map_err(|error| Failure::usage(format!("{WORDS_DEFAULT}: {error}")))
}

/// An address to listen on.
pub(crate) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!(
            "write IP:PORT, as {LOCAL}, [::1]:2181, or 0.0.0.0:2181 for every address; names are \
             not looked up"
        )
    })
}

/// A session time-out as the protocol has it. Its bounds keep it from being cut.
fn millis(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX)
}

// === impl Settings ===

impl Settings {
    pub(super) fn into_config(self) -> Result<Config, Failure> {
        let rules = self.rules()?;
        let mut config = Config::new(self.data_dir);
        config.listen = self.listen;
        config.listen_tls = self.listen_tls;
        if config.listen.is_empty() && config.listen_tls.is_empty() {
            config.listen = LOCAL.parse().into_iter().collect();
        }
        if let (Some(certificate), Some(key)) = (self.tls_cert, self.tls_key) {
            config.tls = Some(TlsFiles {
                certificate,
                key,
                client_ca: self.tls_client_ca,
            });
        }
        config.rules = rules;
        config.connections_max = self.connections_max;
        config.connections_per_address_max = self.connections_per_address_max;
        config.words = self.words;
        Ok(config)
    }

    fn rules(&self) -> Result<Rules, Failure> {
        let tick = bounds::TICK.check("tick", self.tick.0)?;
        let timeout = |option: &str, given: Option<Span>, default: Duration| {
            let timeout = given.map_or(default, |Span(given)| given);
            bounds::SESSION_TIMEOUT.check(option, timeout)
        };
        let min = timeout(
            "session-timeout-min",
            self.session_timeout_min,
            tick.saturating_mul(SESSION_TICKS_MIN),
        )?;
        let max = timeout(
            "session-timeout-max",
            self.session_timeout_max,
            tick.saturating_mul(SESSION_TICKS_MAX),
        )?;
        if min > max {
            return Err(Failure::usage(format!(
                "--session-timeout-min ({min:?}) is more than --session-timeout-max ({max:?})"
            )));
        }
        Ok(Rules {
            tick,
            session_timeout_min_ms: millis(min),
            session_timeout_max_ms: millis(max),
            frame_len_max: bounds::FRAME_LEN.check("frame-len-max", self.frame_len_max)?,
            reap_interval: bounds::REAP_INTERVAL.check("reap-interval", self.reap_interval.0)?,
            enforces_quotas: self.enforce_quotas,
            sessions_max: bounds::SESSIONS.check("sessions-max", self.sessions_max)?,
            watches_max: bounds::WATCHES.check("watches-max", self.watches_max)?,
            ..Rules::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    fn config(arguments: &[&str]) -> Result<Config, String> {
        let line = ["keeper", "--data-dir", "/d"].iter().chain(arguments);
        let line = Line::try_parse_from(line).map_err(|error| error.to_string())?;
        line.settings
            .into_config()
            .map_err(|failure| failure.message)
    }

    #[test]
    fn listens_on_loopback_unless_told_otherwise() {
        let default = config(&[]).unwrap();
        assert!(
            default
                .listen
                .iter()
                .all(|address| address.ip().is_loopback())
        );
        assert_eq!((default.listen.len(), default.listen[0].port()), (1, 2181));
        let both = config(&["--listen", "0.0.0.0:1,[::]:2"]).unwrap();
        assert_eq!(
            both.listen,
            ["0.0.0.0:1", "[::]:2"].map(|a| a.parse().unwrap())
        );
        let tls = [
            "--listen-tls",
            "0.0.0.0:3",
            "--tls-cert",
            "c",
            "--tls-key",
            "k",
        ];
        let tls = config(&tls).unwrap();
        assert!(tls.listen.is_empty() && tls.tls.is_some() && tls.listen_tls.len() == 1);
    }

    #[test]
    fn time_outs_follow_the_tick() {
        let rules = config(&["--tick", "100ms"]).unwrap().rules;
        let timeouts = (rules.session_timeout_min_ms, rules.session_timeout_max_ms);
        assert_eq!(timeouts, (200, 2000));
        let rules = config(&["--session-timeout-max", "1h"]).unwrap().rules;
        let timeouts = (rules.session_timeout_min_ms, rules.session_timeout_max_ms);
        assert_eq!(timeouts, (4000, 3_600_000));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (arguments, why) in [
            (&["--tick", "1ms"][..], "--tick has to be 10ms to 1m, "),
            (&["--tick", "2h"], "--tick has to be 10ms to 1m, "),
            (
                &["--frame-len-max", "0"],
                "--frame-len-max has to be 1024 to 4194304, and it is 0",
            ),
            (&["--frame-len-max", "4194305"], "1024 to 4194304"),
            (&["--sessions-max", "0"], "--sessions-max has to be 1 to"),
            (&["--watches-max", "0"], "--watches-max has to be 1 to"),
            (&["--reap-interval", "1000h"], "--reap-interval has to be"),
            (
                &["--session-timeout-min", "1ms"],
                "--session-timeout-min has to be",
            ),
            (
                &["--session-timeout-min", "1h"],
                "is more than --session-timeout-max",
            ),
            (&["--session-timeout-max", "9999h"], "10ms to 576h"),
            (&["--listen", "localhost:2181"], "write IP:PORT"),
            (&["--listen-tls", "localhost:2181"], "write IP:PORT"),
            (&["--listen-tls", "1.2.3.4:5"], "--tls-cert"),
            (&["--tls-client-ca", "f"], "--listen-tls"),
            (&["--words", "rouk"], "rouk"),
        ] {
            let error = config(arguments).unwrap_err();
            assert!(error.contains(why), "{arguments:?}: {error}");
        }
    }
}
