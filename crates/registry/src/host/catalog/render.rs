use super::{Claims, Entry, Obstacles, elections::Elections};
use crate::host::{
    candidate::{Candidate, Refused},
    recall::CHECK_PREFIX,
    settings::Settings,
    watched::Watched,
};
use bytes::Bytes;
use dockeeper_engine::{
    Container,
    container::{Health, Port, State},
};
use dockeeper_health::{Probe, Target, Verdict, monitor::Key};
use dockeeper_model::{
    ContainerRecord, ElectionStatus,
    container::{InstanceStatus, NOWHERE},
    encode,
    instance::endpoint,
    layout,
    maintenance::{Maintenance, Subject},
};
use std::{
    collections::{BTreeMap, HashMap, btree_map},
    net::Ipv4Addr,
};

/// How many bytes of labels a container's record shows. Everybody who lists containers reads them.
const LABELS_LEN_MAX: usize = 8 * 1024;

/// How many instances and ports a container's record shows; more than any container has but one
/// that publishes a large range of ports.
const LISTED_MAX: usize = 200;

/// How many problems a container's record shows.
const PROBLEMS_MAX: usize = 20;

/// What a container is judged by besides itself.
pub(super) struct View<'a> {
    pub(super) settings: &'a Settings,
    pub(super) maintenance: &'a BTreeMap<Subject, Maintenance>,
    pub(super) verdicts: &'a HashMap<Key, Verdict>,
    pub(super) obstacles: &'a Obstacles,
    pub(super) elections: &'a Elections,
}

// === impl View ===

impl View<'_> {
    /// Why each of a container's instances cannot be found, apart from others' claims.
    pub(super) fn withheld(&self, entry: &Entry) -> Vec<Option<String>> {
        let of_all = self.withheld_all(entry);
        let of_one = |candidate: &Candidate| {
            of_all
                .clone()
                .or_else(|| self.service_maintenance(candidate))
                .or_else(|| self.failing(candidate))
        };
        entry.candidates.list.iter().map(of_one).collect()
    }

    /// What a container's znodes should hold.
    pub(super) fn znodes(
        &self,
        entry: &Entry,
        mut withheld: Vec<Option<String>>,
        claims: &Claims,
    ) -> BTreeMap<String, Bytes> {
        let container = &entry.container;
        let elections = self.elections(entry);
        let mut znodes = BTreeMap::new();
        for (candidate, why) in entry.candidates.list.iter().zip(&mut withheld) {
            let path = candidate.path();
            match claims.holder(&path) {
                _ if why.is_some() => {}
                Some(holder) if holder != container.id => {
                    *why = Some(format!("container {} has the same id", holder.short()));
                }
                _ => match znodes.entry(path) {
                    btree_map::Entry::Vacant(vacant) => {
                        // Wanted all the same: its turn comes.
                        *why = self.obstacles.why(vacant.key());
                        let mut instance = candidate.instance.clone();
                        if let Some(origin) = &mut instance.origin {
                            origin.elections.clone_from(&elections);
                        }
                        vacant.insert(instance.encode(self.settings.payload).into());
                    }
                    btree_map::Entry::Occupied(_) => {
                        *why = Some("another of the container's ports has the same id".to_owned());
                    }
                },
            }
        }
        let record = record(entry, &withheld, elections);
        let path = layout::container(&self.settings.node, &container.id.to_string());
        znodes.insert(path, encode(&record).into());
        znodes
    }

    pub(super) fn withheld_all(&self, entry: &Entry) -> Option<String> {
        match entry.container.state {
            State::Running => {}
            State::Paused => return Some("the container is paused".to_owned()),
            _ => return Some("the container is restarting".to_owned()),
        }
        if entry.stopping.is_some() {
            return Some("the container is being stopped".to_owned());
        }
        let node = Subject::Node(self.settings.node.to_string());
        let container = Subject::Container(entry.container.id.to_string());
        let of_node = self.maintenance(&node, "node");
        if let Some(why) = of_node.or_else(|| self.maintenance(&container, "container")) {
            return Some(why);
        }
        match entry.container.health {
            Health::None | Health::Healthy => None,
            Health::Starting => Some("HEALTHCHECK: no probe has passed yet".to_owned()),
            Health::Unhealthy => Some("HEALTHCHECK: unhealthy".to_owned()),
        }
    }

    fn service_maintenance(&self, candidate: &Candidate) -> Option<String> {
        let service = Subject::Service(candidate.instance.service.to_string());
        self.maintenance(&service, "service")
    }

    fn maintenance(&self, subject: &Subject, what: &str) -> Option<String> {
        let maintenance = self.maintenance.get(subject)?;
        let by = match maintenance.by.as_str() {
            "" => String::new(),
            by => format!(" (by {by})"),
        };
        let reason = match maintenance.reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        Some(format!("maintenance of the {what}{reason}{by}"))
    }

    pub(super) fn failing(&self, candidate: &Candidate) -> Option<String> {
        let check = match &candidate.check {
            Err(problem) => return Some(problem.clone()),
            Ok(None) => return None,
            Ok(Some(check)) => check,
        };
        let verdict = self.verdicts.get(&candidate.check_key);
        match verdict.unwrap_or(&check.initial) {
            Verdict::Passing => None,
            Verdict::Failing { reason } => Some(format!("{CHECK_PREFIX}{reason}")),
        }
    }
}

// === impl Candidate ===

impl Candidate {
    pub(super) fn path(&self) -> String {
        layout::instance(&self.instance.service, &self.instance.id)
    }
}

/// The checks to run, one for each port, whatever the number of its names.
pub(super) fn checks(entry: &Entry) -> BTreeMap<Key, Watched> {
    let mut checks = BTreeMap::new();
    if entry.container.state != State::Running {
        return checks;
    }
    for candidate in &entry.candidates.list {
        if let Ok(Some(check)) = &candidate.check {
            let watched = Watched {
                instance: candidate.instance.id.clone(),
                check: check.clone(),
                target: Target {
                    address: match check.probe {
                        // What a service has reported holds wherever it is reached.
                        Probe::Ttl(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                        _ => candidate.target,
                    },
                    name: None,
                    container: entry.container.id.to_string(),
                },
            };
            checks.insert(candidate.check_key.clone(), watched);
        }
    }
    checks
}

fn record(
    entry: &Entry,
    withheld: &[Option<String>],
    elections: Vec<ElectionStatus>,
) -> ContainerRecord {
    let container = &entry.container;
    let labels_len: usize = container
        .labels
        .iter()
        .map(|(k, v)| k.len() + v.len())
        .sum();
    let labels_omitted = labels_len > LABELS_LEN_MAX;
    let is_unwell = matches!(container.health, Health::Starting | Health::Unhealthy);
    let candidates = entry.candidates.list.iter().zip(withheld);
    ContainerRecord {
        name: container.name.clone(),
        image: container.image.clone(),
        image_id: container.image_id.clone(),
        state: state(entry).to_owned(),
        health: health(container.health).to_owned(),
        health_output: if is_unwell {
            container.health_output.clone()
        } else {
            String::new()
        },
        started_ms: container.started_at_ms,
        stopping_ms: entry.stopping.map(|stopping| stopping.since_ms),
        ports: container
            .ports
            .iter()
            .flat_map(ports)
            .take(LISTED_MAX)
            .collect(),
        networks: networks(container),
        labels: if labels_omitted {
            BTreeMap::new()
        } else {
            container.labels.clone()
        },
        labels_omitted,
        instances: candidates
            .map(|(candidate, why)| InstanceStatus {
                service: candidate.instance.service.clone(),
                id: candidate.instance.id.clone(),
                endpoint: candidate.instance.endpoint(),
                withheld: why.clone(),
            })
            .chain(entry.candidates.refused.iter().map(refused))
            .take(LISTED_MAX)
            .collect(),
        elections,
        problems: entry
            .candidates
            .problems
            .iter()
            .take(PROBLEMS_MAX)
            .cloned()
            .collect(),
    }
}

/// Shown like one that is withheld: people look for it under the service's name.
fn refused(refused: &Refused) -> InstanceStatus {
    InstanceStatus {
        service: refused.service.clone(),
        id: refused.id.clone(),
        endpoint: NOWHERE.to_owned(),
        withheld: Some(refused.why.clone()),
    }
}

fn state(entry: &Entry) -> &'static str {
    match entry.container.state {
        State::Running if entry.stopping.is_some() => "stopping",
        State::Running => "running",
        State::Paused => "paused",
        _ => "restarting",
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::None => "none",
        Health::Starting => "starting",
        Health::Healthy => "healthy",
        Health::Unhealthy => "unhealthy",
    }
}

/// A port as `docker ps` shows it.
fn ports(port: &Port) -> Vec<String> {
    let inside = format!("{}/{}", port.container_port, port.protocol);
    if port.bindings.is_empty() {
        return vec![inside];
    }
    let published = |binding: &dockeeper_engine::container::Binding| {
        let ip = binding
            .host_ip
            .map_or("0.0.0.0".to_owned(), |ip| ip.to_string());
        format!("{}->{inside}", endpoint(&ip, binding.host_port))
    };
    port.bindings.iter().map(published).collect()
}

fn networks(container: &Container) -> BTreeMap<String, String> {
    let address = |a: &dockeeper_engine::container::NetworkAddress| {
        let ipv4 = a.ipv4.map(|ip| ip.to_string());
        ipv4.or(a.ipv6.map(|ip| ip.to_string()))
    };
    let networks = container.networks.iter();
    networks
        .filter_map(|(name, a)| Some((name.clone(), address(a)?)))
        .collect()
}
