//! Tells a container, or who stands before it, what it is in an election.

use super::{
    contender::{Contender, Fitness},
    journal::Office,
    machine::Occasion,
};
use dockeeper_engine::{ContainerId, Engine};
use dockeeper_hooks::{Context, GRACE};
use dockeeper_model::{election::Role, encode};
use dockeeper_zk_client::path;
use serde::Serialize;
use std::time::Duration;

/// How long a hook may take. A leadership that is lost meanwhile can be told only behind it, so it
/// is short against what people wait for.
pub(super) const HOOK_LIMIT: Duration = Duration::from_secs(10);

/// How long telling somebody takes at most.
pub(super) const TELL_LIMIT: Duration = HOOK_LIMIT.saturating_add(GRACE);

/// What a request carries.
#[derive(Debug, Serialize)]
struct Body<'a> {
    election: &'a str,
    role: &'static str,
    path: &'a str,
    node: &'a str,
    token: i64,
    session: String,
    container: String,
}

/// Runs the hook of an occasion, if there is one and somebody to be told. The leadership's paths are
/// those of a client below `chroot`. The error says why it failed.
pub(super) async fn tell<E: Engine>(
    engine: &E,
    id: ContainerId,
    contender: &Contender,
    chroot: &str,
    office: &Office,
    occasion: Occasion,
) -> Result<(), String> {
    let office = &whole(office, chroot);
    let election = &contender.election;
    let hook = match occasion {
        Occasion::Elected => &election.on_elected,
        Occasion::Lost => &election.on_lost,
    };
    let Some(hook) = hook else {
        return Ok(());
    };
    if contender.fitness == Fitness::Gone && hook.needs_container() {
        return Ok(());
    }
    let context = Context {
        container: id,
        ports: &contender.ports,
        env: &env(office, occasion),
        body: encode(&body(id, office, occasion)).into(),
        limit: HOOK_LIMIT,
    };
    dockeeper_hooks::run(hook, engine, context).await
}

/// A leadership with paths that mean the same to everybody, whatever their chroot.
fn whole(office: &Office, chroot: &str) -> Office {
    Office {
        path: path::whole(chroot, &office.path),
        node: path::whole(chroot, &office.node),
        ..office.clone()
    }
}

/// The same names as those of `dockeeper elect run`.
fn env(office: &Office, occasion: Occasion) -> Vec<String> {
    vec![
        format!("DOCKEEPER_ELECTION={}", office.election),
        format!("DOCKEEPER_ROLE={}", role(occasion)),
        format!("DOCKEEPER_LOCK_PATH={}", office.path),
        format!("DOCKEEPER_LOCK_NODE={}", office.node),
        format!("DOCKEEPER_LOCK_TOKEN={}", office.token),
        format!("DOCKEEPER_LOCK_SESSION={:#x}", office.session),
    ]
}

fn body(id: ContainerId, office: &Office, occasion: Occasion) -> Body<'_> {
    Body {
        election: office.election.as_str(),
        role: role(occasion),
        path: &office.path,
        node: &office.node,
        token: office.token,
        session: format!("{:#x}", office.session),
        container: id.to_string(),
    }
}

fn role(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Elected => Role::Leader.as_str(),
        Occasion::Lost => Role::None.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::elections::election;
    use dockeeper_engine::{container::State, fake::Fake};
    use std::collections::BTreeMap;

    fn office() -> Office {
        Office {
            election: "orders".parse().unwrap(),
            path: "/elections/orders".to_owned(),
            node: "/elections/orders/a".to_owned(),
            token: 7,
            session: 0x1f,
        }
    }

    fn contender(on_elected: &str, fitness: Fitness) -> Contender {
        let labels = [
            ("dockeeper.election", "orders"),
            ("dockeeper.election.on-elected", on_elected),
        ];
        let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
        Contender {
            name: "web".to_owned(),
            election: election(&labels.into()).election.unwrap(),
            fitness,
            ports: BTreeMap::new(),
        }
    }

    #[test]
    fn a_hook_learns_what_it_needs() {
        let expected = [
            "DOCKEEPER_ELECTION=orders",
            "DOCKEEPER_ROLE=leader",
            "DOCKEEPER_LOCK_PATH=/elections/orders",
            "DOCKEEPER_LOCK_NODE=/elections/orders/a",
            "DOCKEEPER_LOCK_TOKEN=7",
            "DOCKEEPER_LOCK_SESSION=0x1f",
        ];
        assert_eq!(env(&office(), Occasion::Elected), expected);
        let id = ContainerId::from_bytes([0xab; 32]);
        let object = encode(&body(id, &office(), Occasion::Lost));
        let object = String::from_utf8(object).unwrap();
        let expected = format!(
            r#"{{"election":"orders","role":"none","path":"/elections/orders","node":"/elections/orders/a","token":7,"session":"0x1f","container":"{id}"}}"#
        );
        assert_eq!(object, expected);
    }

    #[tokio::test]
    async fn who_is_there_is_told_and_a_failure_says_what_failed() {
        let engine = Fake::new(1);
        let id = engine.run("web", |_| {});
        let told = async |hook: &str, fitness| {
            let (contender, office) = (contender(hook, fitness), office());
            tell(&engine, id, &contender, "/app", &office, Occasion::Elected).await
        };
        assert_eq!(told("exec:up", Fitness::Fit).await, Ok(()));
        let executed = engine.executed().pop().unwrap();
        // In the whole tree.
        let office = Office {
            path: "/app/elections/orders".to_owned(),
            node: "/app/elections/orders/a".to_owned(),
            ..office()
        };
        assert_eq!(executed.env, env(&office, Occasion::Elected));
        let error = told("http:80/up", Fitness::Fit).await.unwrap_err();
        assert!(error.contains("port 80 is reached nowhere"), "{error}");
        assert_eq!(told("signal:9", Fitness::Fit).await, Ok(()));
        assert_eq!(engine.containers()[0].state, State::Exited);
        // Who is not there any more needs to be told nothing.
        assert_eq!(told("signal:9", Fitness::Gone).await, Ok(()));
        assert!(told("signal:9", Fitness::Fit).await.is_err());
    }
}
