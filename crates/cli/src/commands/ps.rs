use crate::{
    args::Global,
    listing::{self, Empty, Page, Report, View},
    output::{
        Options,
        age::ago,
        table::{Cell, Table, Tone},
        text,
    },
    zookeeper::Session,
};
use dockeeper_model::{
    ElectionStatus, NodeName,
    container::{Container, InstanceStatus},
    election::Role,
    layout,
};
use dockeeper_registry::cluster::{ContainerFilter, Scope, Snapshot};

/// How many digits of an id are shown, as Docker does it.
const SHORT_ID_LEN: usize = 12;

/// The options of `ps`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the containers of this host
    #[arg(long)]
    node: Option<NodeName>,

    /// Only containers that serve this, also those that cannot be found at present
    #[arg(long)]
    service: Option<String>,

    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    listing::run(&args, &args.options, global).await
}

/// The beginning of an id.
pub(crate) fn short(id: &str) -> &str {
    id.get(..SHORT_ID_LEN).unwrap_or(id)
}

impl Report for Args {
    fn scopes(&self) -> Vec<Scope> {
        vec![match &self.node {
            Some(node) => Scope::ContainersOf(node.clone()),
            None => Scope::Containers,
        }]
    }

    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page> {
        let filter = ContainerFilter {
            node: self.node.as_ref().map(ToString::to_string),
            service: self.service.clone(),
        };
        let listing = snapshot.containers(&filter);
        let table = || table(&listing.items, view);
        let name = |container: &Container| format!("{}/{}", container.node, container.record.name);
        Page::new(view, &listing.items, listing.skipped, table, name)
    }

    /// A node or a service that nobody knows is told from one that has no container.
    async fn why_empty(&self, session: &Session) -> anyhow::Result<Empty> {
        if let Some(node) = &self.node
            && session.client.exists(&layout::node(node)).await?.is_none()
        {
            return Ok(Empty::NotFound(format!(
                "no agent of the name {node} is registered; `dockeeper nodes` lists them"
            )));
        }
        let on = self
            .node
            .as_ref()
            .map_or(String::new(), |node| format!(" on {node}"));
        let Some(service) = &self.service else {
            return Ok(Empty::Fine(format!("no container is registered{on}")));
        };
        let why = format!("no container that serves {service} is registered{on}");
        let snapshot = Snapshot::read(&session.client, &[Scope::Containers]).await?;
        let anywhere = ContainerFilter {
            node: None,
            service: Some(service.clone()),
        };
        match snapshot.containers(&anywhere).items.is_empty() {
            true => Ok(Empty::NotFound(why)),
            false => Ok(Empty::Fine(why)),
        }
    }
}

fn table(containers: &[Container], view: &View) -> Table {
    let mut header = vec![
        "CONTAINER ID",
        "NODE",
        "NAME",
        "IMAGE",
        "STATE",
        "HEALTH",
        "STARTED",
        "SERVICES",
    ];
    if view.is_wide() {
        header.extend(["PORTS", "NETWORKS", "ELECTION", "WITHHELD", "PROBLEMS"]);
    }
    let mut table = Table::new(&header);
    for container in containers {
        let record = &container.record;
        let mut row = vec![
            short(&container.id).into(),
            container.node.as_str().into(),
            record.name.as_str().into(),
            record.image.as_str().into(),
            Cell::new(&record.state, state_tone(&record.state)),
            health(&record.health),
            ago(view.now_ms, record.started_ms).into(),
            services(&record.instances),
        ];
        if view.is_wide() {
            let networks = record.networks.iter();
            row.extend([
                text::list(&record.ports).into(),
                text::list(networks.map(|(network, ip)| format!("{network}={ip}"))).into(),
                elections(&record.elections),
                withheld(&record.instances).into(),
                record.problems.join("; ").into(),
            ]);
        }
        table.push(row);
    }
    table
}

fn state_tone(state: &str) -> Tone {
    match state {
        "running" => Tone::Plain,
        _ => Tone::Attention,
    }
}

fn health(health: &str) -> Cell {
    match health {
        "none" => "-".into(),
        "healthy" => Cell::new(health, Tone::Good),
        "unhealthy" => Cell::new(health, Tone::Bad),
        _ => Cell::new(health, Tone::Attention),
    }
}

/// The services, each once; with a note where an instance cannot be found.
fn services(instances: &[InstanceStatus]) -> Cell {
    let mut names = Vec::new();
    for instance in instances {
        let name = match instance.withheld {
            None => instance.service.to_string(),
            Some(_) => format!("{} (withheld)", instance.service),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_withheld = instances.iter().any(|instance| instance.withheld.is_some());
    let tone = if is_withheld {
        Tone::Attention
    } else {
        Tone::Plain
    };
    Cell::new(text::list(names), tone)
}

/// What it is in its elections, and why it does not stand.
fn elections(elections: &[ElectionStatus]) -> Cell {
    let shown = elections.iter().map(|election| {
        let (name, role) = (&election.name, election.role.as_str());
        match &election.withheld {
            None => format!("{name}: {role}"),
            Some(why) => format!("{name}: {role} ({why})"),
        }
    });
    let leads = elections
        .iter()
        .any(|election| election.role == Role::Leader);
    let tone = if leads { Tone::Good } else { Tone::Plain };
    Cell::new(shown.collect::<Vec<_>>().join("; "), tone)
}

fn withheld(instances: &[InstanceStatus]) -> String {
    let reasons = instances.iter().filter_map(|instance| {
        let why = instance.withheld.as_ref()?;
        Some(format!(
            "{} at {}: {why}",
            instance.service, instance.endpoint
        ))
    });
    reasons.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
