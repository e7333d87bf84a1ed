//! `dockeeper config` with a keeper, and no agent: what containers say is written here.

mod bad_input;
mod dry_run;
mod edit;
mod files;
mod rollouts;
mod secrets;
mod values;

use super::{dockeeper, program::Ended, served::Served};
use dockeeper_model::{
    config::{Ack, Applied, Step},
    encode,
};
use std::process::Command;

/// A keeper, and commands that are told where it is.
struct World {
    server: Served,
}

impl World {
    fn start() -> Self {
        Self {
            server: Served::start(&[]),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = dockeeper(arguments);
        command.env("DOCKEEPER_ZK", self.server.address("listen"));
        command.env("USER", "tester");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    fn config(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["config"], arguments].concat())
    }

    /// What a command prints that has to succeed.
    fn done(&self, arguments: &[&str]) -> String {
        let ended = self.config(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// What a command says that has to fail.
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.config(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        ended.stderr
    }

    /// Says, as the agent of a host does, how far its one container is with a release of `web`.
    fn report(&self, node: &str, target: u64, step: Step, reason: &str) {
        let ack = Ack {
            name: "web-1".to_owned(),
            running: Some(target).filter(|_| step == Step::Healthy),
            digest: None,
            target,
            step,
            reason: reason.to_owned(),
            since_ms: 1,
        };
        let applied = Applied {
            containers: [("0123456789ab".parse().unwrap(), ack)].into(),
        };
        let path = format!("/dockeeper/config/web/applied/{node}");
        self.put(&path, &String::from_utf8(encode(&applied)).unwrap());
    }

    /// Writes a znode.
    fn put(&self, path: &str, content: &str) {
        let created = self.run(&["zk", "create", "--parents", path, content]);
        if created.code != Some(0) {
            let set = self.run(&["zk", "set", path, content]);
            assert_eq!(set.code, Some(0), "{}", set.stderr);
        }
    }
}
