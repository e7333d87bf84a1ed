//! Which instances are those of leaders.

use dockeeper_model::{ElectionStatus, Instance, LockName, election::Role};
use std::collections::BTreeMap;

/// Retains the instances whose container leads an election. Where two say so of the same one, the
/// later leader is right: the other has lost, and has not been able to say so yet.
pub fn retain(instances: &mut Vec<Instance>) {
    let mut newest = BTreeMap::<LockName, i64>::new();
    for (election, token) in instances.iter().flat_map(led) {
        let known = newest.entry(election.name.clone()).or_insert(token);
        *known = token.max(*known);
    }
    instances.retain(|instance| {
        led(instance).any(|(election, token)| newest.get(&election.name) == Some(&token))
    });
}

/// The elections that an instance's container leads, and its tokens.
fn led(instance: &Instance) -> impl Iterator<Item = (&ElectionStatus, i64)> {
    let elections = instance.origin.iter().flat_map(|origin| &origin.elections);
    let led = elections.filter(|election| election.role == Role::Leader);
    led.map(|election| (election, election.token.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_model::instance::{Origin, WEIGHT_DEFAULT};

    fn instance(id: &str, election: &str, role: Role, token: Option<i64>) -> Instance {
        let status = ElectionStatus {
            name: election.parse().unwrap(),
            role,
            token,
            withheld: None,
        };
        Instance {
            service: "orders".parse().unwrap(),
            id: id.parse().unwrap(),
            address: "10.0.0.1".to_owned(),
            port: Some(80),
            weight: WEIGHT_DEFAULT,
            registered_ms: 1,
            origin: Some(Origin {
                elections: vec![status],
                ..Origin::default()
            }),
        }
    }

    fn retained(mut instances: Vec<Instance>) -> Vec<String> {
        retain(&mut instances);
        instances
            .iter()
            .map(|instance| instance.id.to_string())
            .collect()
    }

    #[test]
    fn only_leaders_stay_with_all_of_their_ports() {
        let leader = |id| instance(id, "a", Role::Leader, Some(5));
        let found = retained(vec![
            instance("waits", "a", Role::Candidate, None),
            leader("80"),
            leader("443"),
            instance("unwell", "a", Role::None, None),
            instance("other", "b", Role::Leader, Some(4)),
        ]);
        assert_eq!(found, ["80", "443", "other"]);
        let mut stranger = leader("stranger");
        stranger.origin = None;
        assert_eq!(retained(vec![stranger]), [""; 0]);
    }

    #[test]
    fn of_two_leaders_the_later_one_is_right() {
        let leader = |id, token| instance(id, "a", Role::Leader, Some(token));
        assert_eq!(retained(vec![leader("new", 9), leader("old", 5)]), ["new"]);
    }
}
