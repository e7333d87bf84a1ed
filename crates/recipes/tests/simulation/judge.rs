//! What must hold in every simulation.

use crate::{
    history::{Events, Tenure},
    resource::{Mode, PERMITS, Resource},
};

/// Everything that is wrong with what happened.
pub(crate) fn judge(events: &Events) -> Vec<String> {
    let mut wrong = events.violations.clone();
    for (index, one) in events.tenures.iter().enumerate() {
        for other in &events.tenures[..index] {
            wrong.extend(pair(other, one));
        }
        wrong.extend(crowd(one, &events.tenures));
    }
    wrong.extend(writes(events));
    wrong
}

/// Two that may not hold the same at once, or were served in the wrong order.
fn pair(one: &Tenure, other: &Tenure) -> Option<String> {
    let excludes = one.mode == Mode::Alone || other.mode == Mode::Alone;
    if one.resource != other.resource || !excludes {
        return None;
    }
    let (first, second) = if one.token <= other.token {
        (one, other)
    } else {
        (other, one)
    };
    if second.from < first.from {
        return Some(format!(
            "served before its turn: {second:#?} before {first:#?}"
        ));
    }
    (second.from < first.until())
        .then(|| format!("two at once: {second:#?} while it was sure of {first:#?}"))
}

/// More at once than there are permits, when `last` gets one.
fn crowd(last: &Tenure, all: &[Tenure]) -> Option<String> {
    if last.mode != Mode::Permit {
        return None;
    }
    let holds = |one: &&Tenure| {
        one.resource == last.resource && one.from <= last.from && last.from < one.until()
    };
    let holders: Vec<_> = all.iter().filter(holds).collect();
    (holders.len() > PERMITS.get() as usize).then(|| format!("too many at once: {holders:#?}"))
}

/// The referee has a rule of its own, which has to be kept, and never hits who is sure.
fn writes(events: &Events) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut highest: Vec<(Resource, i64)> = Vec::new();
    for write in &events.writes {
        let tenure = &events.tenures[write.tenure];
        let known = highest.iter_mut().find(|(of, _)| *of == tenure.resource);
        match known {
            Some((_, token)) if write.is_accepted && write.token < *token => {
                wrong.push(format!("a lower token was accepted: {write:?}"));
            }
            Some((_, token)) => *token = write.token.max(*token),
            None => highest.push((tenure.resource, write.token)),
        }
        if !write.is_accepted && write.at < tenure.until() {
            wrong.push(format!(
                "refused while it was sure: {write:?} of {tenure:#?}"
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::Write, resource};
    use std::time::Duration;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn tenure(resource: usize, mode: Mode, token: i64, from: u64, until: u64) -> Tenure {
        Tenure {
            who: 0,
            resource: resource::ALL[resource],
            mode,
            token,
            session: 1,
            from: at(from),
            sure_until: at(until),
            released_at: None,
            lost: None,
        }
    }

    fn verdict(tenures: Vec<Tenure>, writes: Vec<Write>) -> usize {
        let events = Events {
            tenures,
            writes,
            ..Events::default()
        };
        judge(&events).len()
    }

    #[test]
    fn two_at_once_are_found() {
        let one = tenure(0, Mode::Alone, 1, 0, 10);
        let mut other = tenure(0, Mode::Alone, 2, 9, 20);
        assert_eq!(verdict(vec![one.clone(), other.clone()], vec![]), 1);
        other.resource = resource::ALL[1];
        assert_eq!(verdict(vec![one.clone(), other], vec![]), 0);
        let released = Tenure {
            released_at: Some(at(9)),
            ..one
        };
        let other = tenure(0, Mode::Alone, 2, 9, 20);
        assert_eq!(verdict(vec![released, other], vec![]), 0);
    }

    #[test]
    fn readers_are_there_together_and_without_a_writer() {
        let readers = vec![
            tenure(2, Mode::Shared, 2, 0, 10),
            tenure(2, Mode::Shared, 1, 1, 10),
        ];
        assert_eq!(verdict(readers.clone(), vec![]), 0);
        let writer = vec![tenure(2, Mode::Alone, 3, 5, 20)];
        assert_eq!(verdict([readers, writer].concat(), vec![]), 2);
    }

    #[test]
    fn who_comes_before_its_turn_is_found() {
        let late = tenure(0, Mode::Alone, 7, 0, 1);
        let early = tenure(0, Mode::Alone, 6, 5, 6);
        assert_eq!(verdict(vec![late, early], vec![]), 1);
    }

    #[test]
    fn one_more_than_there_are_permits_is_found() {
        let permits = [0, 1, 2].map(|from| tenure(4, Mode::Permit, 1, from, 10));
        assert_eq!(verdict(permits[..2].to_vec(), vec![]), 0);
        assert_eq!(verdict(permits.to_vec(), vec![]), 1);
    }

    #[test]
    fn what_the_referee_must_not_do_is_found() {
        let tenures = vec![
            tenure(0, Mode::Alone, 1, 0, 10),
            tenure(0, Mode::Alone, 2, 11, 20),
        ];
        let write = |tenure: usize, seconds, is_accepted| Write {
            tenure,
            token: tenures[tenure].token,
            at: at(seconds),
            is_accepted,
        };
        let late = [write(1, 12, true), write(0, 13, false)];
        assert_eq!(verdict(tenures.clone(), late.to_vec()), 0);
        let lower = [write(1, 12, true), write(0, 13, true)];
        assert_eq!(verdict(tenures.clone(), lower.to_vec()), 1);
        let refused = [write(0, 9, false)];
        assert_eq!(verdict(tenures.clone(), refused.to_vec()), 1);
    }
}
