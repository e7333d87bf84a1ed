use crate::{agent, output, program};
use anyhow::{Context, Result, bail};
use dockeeper_testbed::{Host, Process, Testbed, wait};
use std::{collections::HashMap, path::PathBuf, time::Duration};
use tokio::sync::Mutex;

/// For what takes a second or two.
const LIMIT: Duration = Duration::from_secs(30);

/// Two hosts with an agent each, one of them with a keeper.
pub(super) struct Stage {
    testbed: Testbed,
    program: PathBuf,
    agents: Mutex<HashMap<String, Process>>,
}

// === impl Stage ===

impl Stage {
    pub(super) async fn set(program: PathBuf) -> Result<Self> {
        output::note("Starting two Docker Engines in network namespaces ...");
        let testbed = Testbed::builder().hosts(2).zookeepers(0).start().await?;
        let stage = Self {
            testbed,
            program,
            agents: Mutex::default(),
        };
        stage.start_dev("h1").await?;
        stage.start_agent("h2").await?;
        Ok(stage)
    }

    pub(super) fn say(&self, text: &str) -> Result<()> {
        Ok(output::print(&format!("\n# {text}\n"))?)
    }

    /// Runs `docker` against a host and shows the command.
    pub(super) async fn docker(&self, host: &str, arguments: &[&str]) -> Result<()> {
        show(&format!("{host} $ docker"), arguments)?;
        self.host(host)?.docker(arguments).await?;
        Ok(())
    }

    /// Runs the program on a host, and shows the command and what it says.
    pub(super) async fn dockeeper(&self, host: &str, arguments: &[&str]) -> Result<()> {
        show(&format!("{host} $ dockeeper"), arguments)?;
        let (out, err) = self.run(host, arguments).await?;
        Ok(output::print(&format!("{out}{err}"))?)
    }

    /// Waits until a service has so many instances.
    pub(super) async fn until_found(&self, service: &str, count: usize) -> Result<()> {
        let found = async || {
            let arguments = ["discover", service, "-o", "name"];
            let found = self.run("h1", &arguments).await;
            let (out, _) = found.map_err(|error| error.to_string())?;
            if out.lines().count() == count {
                return Ok(());
            }
            Err(format!("{:?}", out.lines().collect::<Vec<_>>()))
        };
        let what = format!("{count} instances of {service}");
        Ok(wait::until(what, LIMIT, found).await?)
    }

    /// Starts a keeper and an agent; a person with one host needs nothing more.
    async fn start_dev(&self, name: &str) -> Result<()> {
        let zk = self.zk();
        show(&format!("{name} # dockeeper"), &["dev", "--listen", &zk])?;
        let dev = agent::start_dev(self.host(name)?, &self.program).await?;
        self.agents.lock().await.insert(name.to_owned(), dev);
        Ok(())
    }

    pub(super) async fn start_agent(&self, name: &str) -> Result<()> {
        let zk = self.zk();
        show(&format!("{name} # dockeeper"), &["agent", "--zk", &zk])?;
        let agent = agent::start(self.host(name)?, &self.program, &zk).await?;
        self.agents.lock().await.insert(name.to_owned(), agent);
        Ok(())
    }

    pub(super) async fn kill_agent(&self, name: &str) -> Result<()> {
        let agent = self.agents.lock().await.remove(name);
        let agent = agent.with_context(|| format!("no agent runs on {name}"))?;
        show(
            &format!("{name} #"),
            &["kill", "-9", &agent.pid().to_string()],
        )?;
        agent.kill().await?;
        Ok(())
    }

    /// What a person can type from here.
    pub(super) fn commands(&self) -> String {
        let zk = self.zk();
        let path = program::path_with(&self.program);
        let sockets: String = self
            .testbed
            .hosts()
            .iter()
            .map(|host| {
                let (name, socket) = (host.node().name(), host.docker_socket());
                format!(
                    "  export DOCKER_HOST=unix://{}   # the host {name}\n",
                    socket.display()
                )
            })
            .collect();
        format!(
            "\n# Now you:\n  export DOCKEEPER_ZK={zk} {path}\n{sockets}\
             \x20 docker run -d --init -p 8081:80 -e SERVICE_NAME=mine busybox:local httpd -f -p 80\n\
             \x20 dockeeper discover mine\n  dockeeper watch services\n  dockeeper --help\n"
        )
    }

    pub(super) async fn clear(self) -> Result<()> {
        output::note("\nCleaning up ...");
        Ok(self.testbed.shutdown().await?)
    }

    pub(super) async fn keep(self) -> Result<()> {
        Ok(self.testbed.keep().await?)
    }

    async fn run(&self, host: &str, arguments: &[&str]) -> Result<(String, String)> {
        let zk = self.zk();
        agent::run(self.host(host)?, &self.program, &zk, arguments).await
    }

    /// Where the keeper is, on the first of the hosts.
    fn zk(&self) -> String {
        agent::keeper_address(self.testbed.host(0).node())
    }

    fn host(&self, name: &str) -> Result<&Host> {
        let hosts = self.testbed.hosts();
        match hosts.iter().find(|host| host.node().name() == name) {
            Some(host) => Ok(host),
            None => bail!("there is no host {name}"),
        }
    }
}

/// Shows a command as a person would type it.
fn show(prompt: &str, arguments: &[&str]) -> Result<()> {
    let quoted = arguments.iter().map(|argument| {
        if argument.contains([' ', '\'']) {
            format!("\"{argument}\"")
        } else {
            (*argument).to_owned()
        }
    });
    let line = quoted.collect::<Vec<_>>().join(" ");
    Ok(output::print(&format!("{prompt} {line}\n"))?)
}
