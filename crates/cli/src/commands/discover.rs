use crate::{
    args::Global,
    listing::{self, Empty, Page, Report, View},
    output::{Options, age::ago, table::Table, text},
    zookeeper::Session,
};
use dockeeper_model::{ElectionStatus, Instance, ServiceName, container::NOWHERE};
use dockeeper_registry::cluster::{ContainerFilter, Scope, Snapshot, leaders};

/// How many instances that cannot be found, or do not lead, are named.
const WITHHELD_SHOWN_MAX: usize = 5;

/// The options of `discover`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The service
    service: ServiceName,

    /// Only instances with this tag; given more than once, with all of them
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,

    /// Only instances whose container leads its election
    #[arg(long)]
    leader: bool,

    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    listing::run(&args, &args.options, global).await
}

impl Report for Args {
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Service(self.service.clone())]
    }

    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page> {
        let mut listing = snapshot.instances(self.service.as_str(), &self.tag);
        if self.leader {
            leaders::retain(&mut listing.items);
        }
        let table = || table(&listing.items, view);
        Page::new(
            view,
            &listing.items,
            listing.skipped,
            table,
            Instance::endpoint,
        )
    }

    /// Containers may serve it and be kept from being found.
    async fn why_empty(&self, session: &Session) -> anyhow::Result<Empty> {
        let service = self.service.as_str();
        let which = if self.leader {
            "leading instance"
        } else {
            "instance"
        };
        let mut why = match self.tag.as_slice() {
            [] => format!("no {which} of {service} is registered"),
            [tag] => format!("no {which} of {service} with the tag {tag} is registered"),
            tags => {
                let tags = tags.join(", ");
                format!("no {which} of {service} with all the tags {tags} is registered")
            }
        };
        let snapshot = Snapshot::read(&session.client, &[Scope::Containers]).await?;
        let lines = match self.leader {
            true => candidates(&snapshot, service),
            false => withheld(&snapshot, service),
        };
        for line in shortened(lines, service) {
            why.push_str("\n  ");
            why.push_str(&line);
        }
        Ok(Empty::NotFound(why))
    }
}

/// The instances that are withheld, and why.
fn withheld(snapshot: &Snapshot, service: &str) -> Vec<String> {
    let filter = ContainerFilter {
        service: Some(service.to_owned()),
        ..ContainerFilter::default()
    };
    let mut lines = Vec::new();
    for container in snapshot.containers(&filter).items {
        for instance in &container.record.instances {
            if let Some(why) = &instance.withheld
                && instance.service.as_str() == service
            {
                let (node, name) = (&container.node, &container.record.name);
                let at = match instance.endpoint.as_str() {
                    NOWHERE => String::new(),
                    endpoint => format!(" at {endpoint}"),
                };
                let line = format!("{node}/{name}{at} is withheld: {why}");
                lines.push(text::clean(&line));
            }
        }
    }
    lines
}

/// What the containers of a service are in their elections, where none of them leads.
fn candidates(snapshot: &Snapshot, service: &str) -> Vec<String> {
    let filter = ContainerFilter {
        service: Some(service.to_owned()),
        ..ContainerFilter::default()
    };
    let mut lines = Vec::new();
    for container in snapshot.containers(&filter).items {
        let (node, name) = (&container.node, &container.record.name);
        for election in &container.record.elections {
            let why = match &election.withheld {
                None => election.role.as_str(),
                Some(why) => why,
            };
            let line = format!("{node}/{name} in the election {}: {why}", election.name);
            lines.push(text::clean(&line));
        }
    }
    if lines.is_empty() {
        lines.push("none of its containers has the label dockeeper.election".to_owned());
    }
    lines
}

/// The first of many lines, and how many more there are.
fn shortened(mut lines: Vec<String>, service: &str) -> Vec<String> {
    if let Some(more @ 1..) = lines.len().checked_sub(WITHHELD_SHOWN_MAX) {
        lines.truncate(WITHHELD_SHOWN_MAX);
        lines.push(format!(
            "and {more} more: dockeeper ps --service {service} -o wide"
        ));
    }
    lines
}

fn table(instances: &[Instance], view: &View) -> Table {
    let mut header = vec!["ENDPOINT", "NODE", "CONTAINER", "TAGS", "SINCE"];
    let has_protocol = view.is_wide() || instances.iter().any(is_not_tcp);
    if has_protocol {
        header.insert(1, "PROTOCOL");
    }
    if view.is_wide() {
        header.extend(["INSTANCE", "WEIGHT", "IMAGE", "ELECTION", "ATTRIBUTES"]);
    }
    let mut table = Table::new(&header);
    for instance in instances {
        let origin = instance.origin.clone().unwrap_or_default();
        let mut row = vec![
            endpoint(instance).into(),
            origin.node.into(),
            origin.container_name.into(),
            text::list(&origin.tags).into(),
            ago(view.now_ms, instance.registered_ms).into(),
        ];
        if has_protocol {
            row.insert(1, origin.protocol.into());
        }
        if view.is_wide() {
            let attributes = origin.attributes.iter();
            row.extend([
                instance.id.as_str().into(),
                instance.weight.to_string().into(),
                origin.image.into(),
                roles(&origin.elections).into(),
                text::list(attributes.map(|(key, value)| format!("{key}={value}"))).into(),
            ]);
        }
        table.push(row);
    }
    table
}

fn is_not_tcp(instance: &Instance) -> bool {
    let protocol = instance
        .origin
        .as_ref()
        .map(|origin| origin.protocol.as_str());
    protocol.is_some_and(|protocol| !matches!(protocol, "" | "tcp"))
}

fn roles(elections: &[ElectionStatus]) -> String {
    let roles = elections.iter().map(|election| {
        let (name, role) = (&election.name, election.role.as_str());
        format!("{name}: {role}")
    });
    text::list(roles)
}

/// The address and the port, with a dash where somebody else's instance has no port.
fn endpoint(instance: &Instance) -> String {
    let endpoint = instance.endpoint();
    match instance.port {
        Some(_) => endpoint,
        None if endpoint.contains(':') => format!("[{endpoint}]:-"),
        None => format!("{endpoint}:-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Format, Screen};

    /// What `discover web` prints of instances, by their records.
    fn printed(format: Format, records: &[&str]) -> String {
        let znodes = records.iter().enumerate();
        let znodes =
            znodes.map(|(id, record)| (format!("/services/web/{id}"), (*record).to_owned()));
        let args = Args {
            service: "web".parse().unwrap(),
            tag: Vec::new(),
            leader: false,
            options: Options {
                output: format,
                watch: false,
            },
        };
        let view = View {
            format,
            screen: Screen {
                is_terminal: false,
                has_colour: false,
            },
            now_ms: 1,
        };
        args.render(&znodes.collect(), &view).unwrap().text
    }

    #[test]
    fn an_instance_without_a_port_is_shown_without_one() {
        let records = [
            r#"{"address":"10.0.0.1","port":80}"#,
            r#"{"address":"10.0.0.2","port":null}"#,
            r#"{"address":"fd00::2"}"#,
        ];
        assert_eq!(
            printed(Format::Name, &records),
            "10.0.0.1:80\n10.0.0.2\nfd00::2\n"
        );
        let table = printed(Format::Table, &records);
        let column = table.lines().filter_map(|line| line.split(' ').next());
        let expected = ["ENDPOINT", "10.0.0.1:80", "10.0.0.2:-", "[fd00::2]:-"];
        assert!(column.eq(expected), "{table}");
        let json: serde_json::Value =
            serde_json::from_str(&printed(Format::Json, &records)).unwrap();
        assert_eq!(json[0]["port"], 80);
        assert_eq!(json[1]["port"], serde_json::Value::Null);
    }

    #[test]
    fn one_endpoint_over_two_protocols_is_two_rows_and_one_name() {
        let of = |protocol: &str| {
            format!(
                r#"{{"address":"10.0.0.1","port":53,"dockeeper":{{"node":"h1","container":"c",
                "containerName":"dns","image":"i","containerPort":53,"protocol":"{protocol}",
                "tags":[],"attributes":{{}}}}}}"#
            )
        };
        let (tcp, udp) = (of("tcp"), of("udp"));
        let table = printed(Format::Table, &[&tcp, &udp]);
        let rows: Vec<_> = table
            .lines()
            .map(|row| row.split_whitespace().nth(1))
            .collect();
        assert_eq!(
            rows,
            [Some("PROTOCOL"), Some("tcp"), Some("udp")],
            "{table}"
        );
        assert_eq!(printed(Format::Name, &[&tcp, &udp]), "10.0.0.1:53\n");
        assert!(!printed(Format::Table, &[&tcp]).contains("PROTOCOL"));
    }

    #[test]
    fn few_of_many_withheld_instances_are_named() {
        let container = |number: usize| {
            let record = format!(
                r#"{{"name":"w{number}","image":"i","state":"running","instances":[{{
                "service":"web","id":"{number}","endpoint":"10.0.0.1:{number}",
                "withheld":"check: no"}}]}}"#
            );
            (format!("/containers/h1/{number}"), record)
        };
        let of = |count| (0..count).map(container).collect::<Snapshot>();
        let lines = withheld(&of(1), "web");
        assert_eq!(lines, ["h1/w0 at 10.0.0.1:0 is withheld: check: no"]);
        let (path, record) = container(0);
        let nowhere = [(path, record.replace("10.0.0.1:0", NOWHERE))];
        let lines = withheld(&nowhere.into_iter().collect(), "web");
        assert_eq!(lines, ["h1/w0 is withheld: check: no"]);
        let short = |count| shortened(withheld(&of(count), "web"), "web");
        assert_eq!(short(5).len(), 5);
        let lines = short(7);
        assert_eq!(lines.len(), 6);
        assert!(lines[5].starts_with("and 2 more"), "{lines:?}");
        assert!(withheld(&of(7), "api").is_empty());
    }

    #[test]
    fn where_nobody_leads_each_candidate_is_named() {
        let container = |name: &str, elections: &str| {
            let record = format!(
                r#"{{"name":"{name}","image":"i","state":"running","elections":[{elections}],
                "instances":[{{"service":"web","id":"{name}","endpoint":"10.0.0.1:80"}}]}}"#
            );
            (format!("/containers/h1/{name}"), record)
        };
        let waits = container("a", r#"{"name":"x","role":"candidate"}"#);
        let unwell = r#"{"name":"x","role":"none","withheld":"HEALTHCHECK: unhealthy"}"#;
        let snapshot = [waits, container("b", unwell)].into_iter().collect();
        let expected = [
            "h1/a in the election x: candidate",
            "h1/b in the election x: HEALTHCHECK: unhealthy",
        ];
        assert_eq!(candidates(&snapshot, "web"), expected);
        let without = [container("a", "")].into_iter().collect();
        let lines = candidates(&without, "web");
        assert!(lines[0].contains("has the label dockeeper.election"));
    }
}
