use crate::{
    args::Global,
    listing::{self, Empty, Page, Report, View},
    output::{
        Options,
        age::ago,
        size,
        table::{Cell, Table, Tone},
        text,
    },
    zookeeper::Session,
};
use dockeeper_model::{maintenance::Subject, node::Node};
use dockeeper_registry::cluster::{Mark, Scope, Snapshot};

/// The options of `nodes`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    listing::run(&args, &args.options, global).await
}

impl Report for Args {
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Nodes, Scope::Maintenance]
    }

    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page> {
        let (listing, marks) = (snapshot.nodes(), snapshot.marks());
        let table = || table(&listing.items, &marks, view);
        let name = |node: &Node| node.name.to_string();
        Page::new(view, &listing.items, listing.skipped, table, name)
    }

    async fn why_empty(&self, _: &Session) -> anyhow::Result<Empty> {
        Ok(Empty::Fine(
            "no node is registered: no agent is running".to_owned(),
        ))
    }
}

fn table(nodes: &[Node], marks: &[Mark], view: &View) -> Table {
    let mut header = vec![
        "NAME",
        "ADDRESS",
        "STATUS",
        "DOCKER",
        "CPUS",
        "MEMORY",
        "AGENT",
        "AGENT STARTED",
    ];
    if view.is_wide() {
        header.extend(["HOSTNAME", "PLATFORM", "KERNEL", "BOOT ID", "LABELS"]);
    }
    let mut table = Table::new(&header);
    for node in nodes {
        let record = &node.record;
        let engine = record.engine.clone().unwrap_or_default();
        let mut row = vec![
            node.name.as_str().into(),
            record.address.as_str().into(),
            status(node, marks, view),
            engine.version.as_str().into(),
            match engine.cpus {
                0 => "-".into(),
                cpus => cpus.to_string().into(),
            },
            size::bytes(engine.memory_bytes).into(),
            record.agent_version.as_str().into(),
            ago(view.now_ms, record.agent_started_ms).into(),
        ];
        if view.is_wide() {
            let platform = [engine.os.as_str(), engine.arch.as_str()];
            let labels = engine.labels.iter();
            row.extend([
                record.hostname.as_str().into(),
                platform.join("/").trim_matches('/').into(),
                engine.kernel.as_str().into(),
                record.boot_id.as_str().into(),
                text::list(labels.map(|(key, value)| format!("{key}={value}"))).into(),
            ]);
        }
        table.push(row);
    }
    table
}

/// What keeps a node from being all right.
fn status(node: &Node, marks: &[Mark], view: &View) -> Cell {
    let record = &node.record;
    let mut troubles = Vec::new();
    let subject = Subject::Node(node.name.to_string());
    if let Some(mark) = marks.iter().find(|mark| mark.subject == subject) {
        troubles.push(format!("maintenance ({})", mark.maintenance.reason));
    }
    let mut tone = Tone::Attention;
    if let Some(lost_ms) = record.engine_lost_ms {
        troubles.push(format!("Docker lost {}", ago(view.now_ms, lost_ms)));
        tone = Tone::Bad;
    } else if record.engine.is_none() {
        troubles.push("waiting for Docker".to_owned());
    }
    if record.over_limit > 0 {
        let znodes = text::count(record.over_limit, "znode");
        troubles.push(format!("{znodes} not registered: too many for one session"));
        tone = Tone::Bad;
    }
    if troubles.is_empty() {
        return Cell::new("ready", Tone::Good);
    }
    Cell::new(troubles.join(", "), tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Format, Screen};
    use dockeeper_model::{Maintenance, NodeRecord, node::EngineInfo};

    #[test]
    fn a_table_of_nodes() {
        let view = View {
            format: Format::Table,
            screen: Screen {
                is_terminal: false,
                has_colour: false,
            },
            now_ms: 1_700_000_000_000,
        };
        let node = |name: &str, record| Node {
            name: name.parse().unwrap(),
            record,
        };
        let record = NodeRecord {
            address: "10.0.0.1".to_owned(),
            agent_version: "0.1.0".to_owned(),
            agent_started_ms: 1_699_999_000_000,
            engine: Some(EngineInfo {
                version: "20.10.24".to_owned(),
                cpus: 8,
                memory_bytes: 16 << 30,
                ..EngineInfo::default()
            }),
            ..NodeRecord::default()
        };
        let lost = NodeRecord {
            engine: None,
            engine_lost_ms: Some(1_699_999_990_000),
            ..record.clone()
        };
        let mark = Mark {
            subject: Subject::Node("h2".to_owned()),
            maintenance: Maintenance {
                reason: "disk".to_owned(),
                ..Maintenance::default()
            },
        };
        let nodes = [node("h1", record), node("h2", lost)];
        let expected = "\
NAME   ADDRESS    STATUS                                     DOCKER     CPUS   MEMORY     AGENT   AGENT STARTED
h1     10.0.0.1   ready                                      20.10.24   8      16.0 GiB   0.1.0   16 minutes ago
h2     10.0.0.1   maintenance (disk), Docker lost 10 seconds ago   -          -      -          0.1.0   16 minutes ago
";
        let text = table(&nodes, &[mark], &view).render(view.screen);
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeeze(&text), squeeze(expected));
    }
}
