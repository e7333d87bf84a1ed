//! Who is to stand for election, and what is shown of it.

use super::*;
use crate::host::{
    elections::{Contenders, Fitness, Run, Statuses},
    tests::signalled,
};
use dockeeper_model::{ElectionStatus, Instance, election::Role};

/// One that stands for election, as its labels say.
fn candidate(started_at_ms: i64) -> Container {
    let mut web = web();
    web.started_at_ms = started_at_ms;
    web.labels
        .insert("dockeeper.election".to_owned(), "orders".to_owned());
    web
}

fn leads(run: Run) -> Statuses {
    let status = ElectionStatus {
        name: "orders".parse().unwrap(),
        role: Role::Leader,
        token: Some(7),
        withheld: None,
    };
    Statuses::from([(run, status)])
}

impl Desk {
    /// The role that the container's record and that of its instance show.
    fn role(&self, container: &Container) -> Role {
        let path = format!("/containers/h1/{}", container.id);
        let record: ContainerRecord = decode(&self.znodes[&path]).unwrap();
        if let Some(content) = self.znodes.get(INSTANCE) {
            let id = "h1:web:80".parse().unwrap();
            let instance = Instance::decode("web".parse().unwrap(), id, content).unwrap();
            assert_eq!(instance.origin.unwrap().elections, record.elections);
        }
        record.elections[0].role
    }
}

#[test]
fn only_what_is_well_as_a_whole_is_to_stand() {
    let mut desk = Desk::new();
    assert_eq!(desk.catalog.take_contenders(), Some(Contenders::new()));
    desk.put(web());
    assert_eq!(desk.catalog.take_contenders(), None);
    let mut web = candidate(2);
    web.labels
        .insert("SERVICE_CHECK_TCP".to_owned(), "true".to_owned());
    let fitness = |desk: &mut Desk| {
        let contenders = desk.catalog.take_contenders().unwrap();
        contenders.into_values().next().unwrap().fitness
    };
    let is_unfit = |fitness, expected: &str| {
        assert!(
            matches!(&fitness, Fitness::Unfit(why) if why.contains(expected)),
            "{fitness:?}"
        );
    };
    desk.put(web.clone());
    is_unfit(fitness(&mut desk), "check: ");
    let key = desk.checks.keys().next().unwrap().clone();
    desk.catalog.verdict(key, Verdict::Passing);
    desk.settle();
    assert_eq!(fitness(&mut desk), Fitness::Fit);
    desk.put(Container {
        state: State::Paused,
        ..web.clone()
    });
    assert!(matches!(fitness(&mut desk), Fitness::Frozen(_)));
    desk.put(web.clone());
    fitness(&mut desk);
    let heard = after(desk.began, 1000);
    desk.catalog.signalled(web.id, signalled(15, heard));
    desk.settle();
    is_unfit(fitness(&mut desk), "stopped");
    desk.catalog.remove(&web.id);
    desk.settle();
    assert_eq!(desk.catalog.take_contenders(), Some(Contenders::new()));
}

#[test]
fn a_role_is_shown_until_something_else_is_known() {
    let mut desk = Desk::new();
    let web = candidate(2);
    let run = Run {
        id: web.id,
        started_at_ms: 2,
    };
    desk.put(web.clone());
    assert_eq!(desk.role(&web), Role::None);
    desk.catalog.set_elections(&leads(run));
    desk.settle();
    assert_eq!(desk.role(&web), Role::Leader);

    let mut next = desk.restarted(std::slice::from_ref(&web));
    assert_eq!(next.role(&web), Role::Leader);
    next.catalog.set_elections(&leads(run));
    next.catalog.set_elections(&Statuses::new());
    next.settle();
    assert_eq!(next.role(&web), Role::None);
    // Another run has been told nothing.
    let anew = candidate(3);
    let next = desk.restarted(std::slice::from_ref(&anew));
    assert_eq!(next.role(&anew), Role::None);
}
