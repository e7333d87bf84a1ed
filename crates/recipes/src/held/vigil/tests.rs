use super::*;
use dockeeper_zk_client::state::Connected;
use proptest::{collection::vec, prelude::*};
use std::{sync::Arc, time::Duration};

fn at(seconds: u64) -> BootInstant {
    BootInstant::since_boot(Duration::from_secs(seconds))
}

fn connected(is_read_only: bool) -> State {
    let host = "zk".parse::<dockeeper_zk_client::ConnectString>().unwrap();
    State::Connected(Connected {
        host: host.hosts()[0].clone(),
        session_id: 1,
        session_timeout: Duration::from_secs(8),
        is_read_only,
        connection: 1,
    })
}

fn connecting() -> State {
    State::Connecting {
        attempts: Arc::from([]),
    }
}

fn sure(until: u64) -> Vigil {
    Vigil {
        standing: Standing::Sure { until: at(until) },
    }
}

#[test]
fn is_sure_while_connected_and_suspended_while_not() {
    let mut vigil = sure(5);
    vigil.look(at(1), &connecting(), at(5));
    assert_eq!(vigil.standing, Standing::Suspended { until: at(5) });
    vigil.look(at(4), &connected(true), at(6));
    assert_eq!(vigil.standing, Standing::Suspended { until: at(6) });
    vigil.look(at(5), &connected(false), at(9));
    assert_eq!(vigil.standing, Standing::Sure { until: at(9) });
}

#[test]
fn a_lease_that_has_run_out_does_not_come_back() {
    let mut vigil = sure(5);
    vigil.look(at(5), &connected(false), at(9));
    let over = Standing::Lost(Lost::LeaseOver);
    assert_eq!(vigil.standing, over, "the holder has stopped at 5");
    vigil.look(at(6), &connected(false), at(12));
    vigil.lose(Lost::Removed);
    assert_eq!(vigil.standing, over);
}

#[test]
fn a_shorter_lease_counts_at_once() {
    let mut vigil = sure(9);
    vigil.look(at(1), &connected(false), at(4));
    assert_eq!(vigil.standing, Standing::Sure { until: at(4) });
    vigil.look(at(3), &connecting(), at(2));
    assert_eq!(vigil.standing, Standing::Lost(Lost::LeaseOver));
}

#[test]
fn the_end_of_the_session_is_told_as_such() {
    let mut vigil = sure(5);
    vigil.look(at(7), &State::Ended(Ended::Expired), at(5));
    let expired = Lost::SessionOver(Ended::Expired);
    assert_eq!(vigil.standing.lost(), Some(expired));
}

proptest! {
    /// Whatever happens in whatever order, the holder is never told to be sure at a time that a
    /// lease does not cover, nor after it was told that it has lost.
    #[test]
    fn nobody_is_sure_without_a_lease(
        steps in vec((0..4_u64, 0..3_usize, 0..10_u64), 0..40),
    ) {
        let mut vigil = sure(5);
        let (mut now, mut is_lost) = (0, false);
        for (passed, link, lease) in steps {
            now += passed;
            let until = now + lease;
            let state = match link {
                0 => connected(false),
                1 => connected(true),
                _ => connecting(),
            };
            let told = vigil.standing.until();
            vigil.look(at(now), &state, at(until));
            match vigil.standing {
                Standing::Lost(_) => is_lost = true,
                Standing::Sure { until: sure } | Standing::Suspended { until: sure } => {
                    prop_assert!(!is_lost);
                    prop_assert_eq!(sure, at(until));
                    prop_assert!(sure > at(now));
                    prop_assert!(told > Some(at(now)), "told {:?}, now {}", told, now);
                    prop_assert_eq!(matches!(vigil.standing, Standing::Sure { .. }), link == 0);
                }
            }
        }
    }
}
