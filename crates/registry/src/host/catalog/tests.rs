use super::*;
use crate::host::tests::{container, publish, settings};
use dockeeper_engine::container::{Health, Protocol};
use dockeeper_health::{Reason, Verdict};
use dockeeper_model::{ContainerRecord, decode};

const INSTANCE: &str = "/services/web/h1:web:80";

fn web() -> Container {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    web
}

/// A catalog and what the outside holds after its changes.
struct Desk {
    catalog: Catalog,
    znodes: BTreeMap<String, Bytes>,
    checks: BTreeMap<Key, (Check, Target)>,
}

impl Desk {
    fn new() -> Self {
        Self {
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
fn a_stop_takes_it_out_until_it_runs_anew() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.catalog.signalled(&web.id, Some(1), 1000);
    desk.settle();
    assert!(desk.is_found(), "SIGHUP is no stop");
    desk.catalog.signalled(&web.id, Some(15), 1000);
    desk.settle();
    assert!(!desk.is_found());
    desk.put(Container {
        health_output: "inspected again meanwhile".into(),
        ..web.clone()
    });
    assert!(!desk.is_found());
    desk.put(Container {
        started_at_ms: 99,
        ..web.clone()
    });
    assert!(desk.is_found());
}

#[test]
fn a_stop_that_never_comes_is_forgotten() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.catalog.signalled(&web.id, Some(15), 1000);
    desk.settle();
    desk.catalog.forget_stops(300_999);
    desk.settle();
    assert!(!desk.is_found());
    desk.catalog.forget_stops(301_000);
    desk.settle();
    assert!(desk.is_found());
}

#[test]
fn a_stop_that_was_recorded_goes_on() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.catalog.signalled(&web.id, Some(15), 1000);
    desk.settle();
    let path = format!("/containers/h1/{}", web.id);
    let node = "h1".parse().unwrap();
    let (id, stopping) = recorded_stop(&node, &path, &desk.znodes[&path]).unwrap();

    let mut next = Desk::new();
    next.catalog.put(web.clone());
    next.catalog.restore_stop(&id, stopping);
    next.settle();
    assert_eq!(next.znodes, desk.znodes);
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
