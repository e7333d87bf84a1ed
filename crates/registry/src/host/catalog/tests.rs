mod elections;
mod stops;

use super::*;
use crate::host::{
    holder::Holder,
    tests::{after, container, publish, settings},
};
use dockeeper_engine::container::{Health, Protocol};
use dockeeper_health::{Reason, Verdict};
use dockeeper_model::{ContainerRecord, decode};

/// When a new process of the agent begins, by the wall clock.
const RESTARTED_MS: u64 = 20_000;

const INSTANCE: &str = "/services/web/h1:web:80";

fn web() -> Container {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    web
}

/// A catalog and what the outside holds after its changes.
struct Desk {
    began: Instant,
    catalog: Catalog,
    znodes: BTreeMap<String, Bytes>,
    checks: BTreeMap<Key, Watched>,
}

impl Desk {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            catalog: Catalog::new(settings()),
            znodes: BTreeMap::new(),
            checks: BTreeMap::new(),
        }
    }

    fn settle(&mut self) {
        let changes = self.catalog.take_changes();
        for (path, content) in changes.znodes {
            match content {
                Some(content) => self.znodes.insert(path, content),
                None => self.znodes.remove(&path),
            };
        }
        for (key, check) in changes.checks {
            match check {
                Some(check) => self.checks.insert(key, check),
                None => self.checks.remove(&key),
            };
        }
    }

    fn put(&mut self, container: Container) {
        self.catalog.put(container);
        self.settle();
    }

    /// What a new process of the agent makes of what this one left behind.
    fn restarted(&self, containers: &[Container]) -> Self {
        let mut next = Self::new();
        let now = after(next.began, RESTARTED_MS);
        for (path, content) in &self.znodes {
            next.catalog.adopt(path, content, now);
        }
        for container in containers {
            next.catalog.put(container.clone());
        }
        next.settle();
        next
    }

    fn is_found(&self) -> bool {
        self.znodes.contains_key(INSTANCE)
    }

    fn withheld(&self, container: &Container) -> Option<String> {
        let path = format!("/containers/h1/{}", container.id);
        let record: ContainerRecord = decode(&self.znodes[&path]).unwrap();
        record.instances[0].withheld.clone()
    }
}

#[test]
fn only_what_runs_and_is_well_is_found() {
    let mut desk = Desk::new();
    for (state, health, why) in [
        (State::Running, Health::None, None),
        (State::Paused, Health::None, Some("paused")),
        (State::Restarting, Health::None, Some("restarting")),
        (
            State::Running,
            Health::Starting,
            Some("no probe has passed"),
        ),
        (State::Running, Health::Healthy, None),
        (State::Running, Health::Unhealthy, Some("unhealthy")),
    ] {
        let mut web = web();
        web.state = state;
        web.health = health;
        desk.put(web.clone());
        assert_eq!(desk.is_found(), why.is_none(), "{state:?} {health:?}");
        let withheld = desk.withheld(&web);
        assert!(withheld.unwrap_or_default().contains(why.unwrap_or("")));
    }
    desk.put(Container {
        state: State::Exited,
        ..web()
    });
    assert_eq!(desk.znodes, BTreeMap::new());
}

#[test]
fn a_check_goes_on_with_what_was_recorded_of_it() {
    let mut desk = Desk::new();
    let mut web = web();
    web.labels.insert("SERVICE_CHECK_TTL".into(), "30s".into());
    desk.put(web.clone());
    let [key] = desk
        .checks
        .keys()
        .cloned()
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let reason = Reason::new("disk full");
    for verdict in [Verdict::Passing, Verdict::Failing { reason }] {
        desk.catalog.verdict(key.clone(), verdict.clone());
        desk.settle();
        let next = desk.restarted(std::slice::from_ref(&web));
        assert_eq!(next.znodes, desk.znodes);
        assert_eq!(next.checks[&key].check.initial, verdict);
    }
    desk.catalog.verdict(key.clone(), Verdict::Passing);
    desk.settle();
    let renamed = Container {
        name: "renamed".into(),
        ..web.clone()
    };
    let next = desk.restarted(&[renamed]);
    assert!(next.znodes.contains_key("/services/web/h1:renamed:80"));
    let again = Container {
        started_at_ms: 99,
        ..web
    };
    assert!(
        !desk.restarted(&[again]).is_found(),
        "the next run has proved nothing"
    );
}

#[test]
fn a_new_name_says_nothing_about_health() {
    let mut desk = Desk::new();
    let mut web = web();
    web.labels.insert("SERVICE_CHECK_TCP".into(), "true".into());
    web.labels.insert("SERVICE_NAME".into(), "web,api".into());
    desk.put(web.clone());
    let [key] = desk
        .checks
        .keys()
        .cloned()
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    desk.catalog.verdict(key.clone(), Verdict::Passing);
    desk.settle();
    assert!(desk.is_found() && desk.znodes.contains_key("/services/api/h1:web:80"));
    web.name = "renamed".into();
    desk.put(web.clone());
    assert!(desk.znodes.contains_key("/services/web/h1:renamed:80"));
    assert_eq!(desk.checks[&key].instance.as_str(), "h1:renamed:80");
    web.started_at_ms = 99;
    desk.put(web);
    assert!(!desk.checks.contains_key(&key));
    assert!(!desk.znodes.contains_key("/services/web/h1:renamed:80"));
}

#[test]
fn maintenance_takes_out_and_gives_back() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    for subject in [
        Subject::Node("h1".into()),
        Subject::Service("web".into()),
        Subject::Container(web.id.to_string()),
    ] {
        let maintenance = Maintenance {
            reason: "new disk".into(),
            by: "ann".into(),
            ..Maintenance::default()
        };
        desk.catalog
            .set_maintenance(BTreeMap::from([(subject, maintenance)]));
        desk.settle();
        assert!(!desk.is_found());
        let why = desk.withheld(&web).unwrap();
        assert!(why.ends_with(": new disk (by ann)"), "{why}");
        let other = Subject::Node("h2".into());
        let marks = BTreeMap::from([(other, Maintenance::default())]);
        desk.catalog.set_maintenance(marks);
        desk.settle();
        assert!(desk.is_found());
    }
}

#[test]
fn a_check_decides_as_soon_as_it_has_a_verdict() {
    let mut desk = Desk::new();
    let mut web = web();
    web.labels.insert("SERVICE_CHECK_TCP".into(), "true".into());
    desk.put(web.clone());
    assert!(!desk.is_found());
    let key = desk.checks.keys().next().unwrap().clone();
    desk.catalog.verdict(key.clone(), Verdict::Passing);
    desk.settle();
    assert!(desk.is_found());
    let reason = Reason::new("connection refused");
    desk.catalog
        .verdict(key.clone(), Verdict::Failing { reason });
    desk.settle();
    assert_eq!(desk.withheld(&web).unwrap(), "check: connection refused");
    desk.put(Container {
        state: State::Paused,
        ..web.clone()
    });
    assert_eq!(desk.checks.len(), 0);
    desk.put(web.clone());
    assert!(
        !desk.is_found(),
        "an old verdict says nothing about the new check"
    );
}

#[test]
fn another_address_of_the_host_is_advertised_and_probed() {
    let mut desk = Desk::new();
    let mut web = web();
    web.labels.insert("SERVICE_CHECK_TCP".into(), "true".into());
    desk.put(web.clone());
    let key = desk.checks.keys().next().unwrap().clone();
    desk.catalog.verdict(key.clone(), Verdict::Passing);
    desk.settle();
    desk.catalog.set_address("10.0.0.5".parse().unwrap());
    assert_eq!(desk.catalog.take_changes().znodes, [], "as before");

    desk.catalog.set_address("10.0.0.6".parse().unwrap());
    desk.settle();
    let target = desk.checks[&key].target.address;
    assert_eq!(target, "10.0.0.6:8080".parse().unwrap());
    assert!(
        !desk.is_found(),
        "that it was reached elsewhere says nothing"
    );
    desk.catalog.verdict(key, Verdict::Passing);
    desk.settle();
    assert_eq!(endpoint(&desk), "10.0.0.6:8080");

    // What a service says of itself holds wherever it is reached.
    web.labels.remove("SERVICE_CHECK_TCP");
    web.labels.insert("SERVICE_CHECK_TTL".into(), "30s".into());
    desk.put(web.clone());
    let key = desk.checks.keys().next().unwrap().clone();
    desk.catalog.verdict(key, Verdict::Passing);
    desk.settle();
    desk.catalog.set_address("10.0.0.7".parse().unwrap());
    desk.settle();
    assert_eq!(endpoint(&desk), "10.0.0.7:8080");
}

fn endpoint(desk: &Desk) -> String {
    let content = &desk.znodes[INSTANCE];
    let [service, id] = ["web", "h1:web:80"];
    let (service, id) = (service.parse().unwrap(), id.parse().unwrap());
    let found = dockeeper_model::Instance::decode(service, id, content);
    found.unwrap().endpoint()
}

#[test]
fn an_id_that_another_node_holds_is_said_and_wanted_all_the_same() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    let holder = |session| {
        let node = Some("h2".parse().unwrap());
        Some(Obstacle::Held(Holder { session, node }))
    };
    desk.catalog.obstructed(INSTANCE, holder(0x1234));
    desk.settle();
    let why = desk.withheld(&web).unwrap();
    assert!(why.ends_with("/services/web/h1:web:80 is owned by session 0x1234"));
    assert!(desk.is_found(), "its turn comes when the other has gone");
    desk.catalog.obstructed(INSTANCE, holder(0x5678));
    desk.settle();
    assert!(desk.withheld(&web).unwrap().ends_with("session 0x5678"));
    desk.catalog.obstructed(INSTANCE, holder(0x5678));
    assert_eq!(desk.catalog.take_changes().znodes, [], "nothing new");
    desk.catalog.obstructed(INSTANCE, None);
    desk.settle();
    assert_eq!(desk.withheld(&web), None);
    assert!(desk.is_found());
}

#[test]
fn who_held_an_id_is_forgotten_with_who_wanted_it() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    let holder = Some(Obstacle::Held(Holder {
        session: 1,
        node: None,
    }));
    desk.catalog.obstructed(INSTANCE, holder.clone());
    desk.settle();
    desk.put(Container {
        health: Health::Unhealthy,
        ..web.clone()
    });
    assert_eq!(desk.withheld(&web).unwrap(), "HEALTHCHECK: unhealthy");
    // Told late, of a write from before.
    desk.catalog.obstructed(INSTANCE, holder);
    desk.put(web.clone());
    assert_eq!(desk.withheld(&web), None, "whoever held it may have gone");
}

#[test]
fn an_id_of_two_own_ports_is_the_first_ones() {
    let mut desk = Desk::new();
    let mut web = web();
    publish(&mut web, 81, Protocol::Tcp, Some("0.0.0.0:8081"));
    for (key, value) in [("SERVICE_NAME", "web"), ("SERVICE_ID", "one")] {
        web.labels.insert(key.into(), value.into());
    }
    web.labels.insert("SERVICE_80_NAME".into(), "web".into());
    web.labels.insert("SERVICE_81_NAME".into(), "web".into());
    desk.put(web.clone());
    let path = format!("/containers/h1/{}", web.id);
    let record: ContainerRecord = decode(&desk.znodes[&path]).unwrap();
    let [first, second] = record.instances.as_slice() else {
        panic!("{record:?}");
    };
    assert_eq!(first.withheld, None);
    assert!(
        second
            .withheld
            .as_ref()
            .unwrap()
            .contains("has the same id")
    );
    let (service, id) = (first.service.clone(), first.id.clone());
    let content = &desk.znodes["/services/web/one"];
    let found = dockeeper_model::Instance::decode(service, id, content).unwrap();
    assert_eq!(found.endpoint(), first.endpoint);
}

#[test]
fn one_id_is_one_instance() {
    let mut desk = Desk::new();
    let (mut old, mut new) = (web(), container("new"));
    publish(&mut new, 80, Protocol::Tcp, Some("0.0.0.0:8081"));
    for container in [&mut old, &mut new] {
        container.labels.insert("SERVICE_NAME".into(), "web".into());
        container
            .labels
            .insert("SERVICE_ID".into(), "h1:web:80".into());
    }
    new.started_at_ms = 50;
    desk.put(new.clone());
    assert_eq!(desk.withheld(&new), None);
    desk.put(old.clone());
    assert_eq!(desk.withheld(&old), None);
    assert!(desk.withheld(&new).unwrap().contains("has the same id"));
    old.health = Health::Unhealthy;
    desk.put(old.clone());
    assert_eq!(desk.withheld(&new), None);
    desk.catalog.remove(&new.id);
    desk.settle();
    assert!(!desk.is_found());
}

#[test]
fn what_zookeeper_refuses_is_shown_with_its_reason() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    let refused = Obstacle::Refused("not authorized".to_owned());
    desk.catalog.obstructed(INSTANCE, Some(refused));
    desk.settle();
    let why = desk.withheld(&web);
    assert_eq!(why.unwrap(), "it cannot be written: not authorized");
    desk.catalog.obstructed(INSTANCE, Some(Obstacle::NoRoom));
    desk.settle();
    assert!(desk.withheld(&web).unwrap().contains("no room"));
    desk.catalog.obstructed(INSTANCE, None);
    desk.settle();
    assert_eq!(desk.withheld(&web), None);
}
