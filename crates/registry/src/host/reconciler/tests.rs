//! The reconciler between a Docker and a ZooKeeper that are nothing but maps, with events that are
//! lost, repeated and late, answers in any order, writes whose outcome nobody tells, and other
//! hosts that want the same.

mod step;
mod world;

use proptest::{collection::vec, prelude::*};
use step::{Step, step, waiting};
use world::{NAMES, World};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_registered_is_what_runs(steps in vec(step(), 0..150)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        prop_assert_eq!(&world.put_back_unasked, &[]);
        world.settle();
        let expected = world.expected();
        prop_assert_eq!(&world.zookeeper, &expected);
    }

    #[test]
    fn what_was_told_to_stop_stays_out_until_docker_says_that_it_runs(
        told in vec(0..NAMES.len(), 1..4),
        steps in vec(waiting(), 0..100),
    ) {
        let mut world = World::new();
        for index in 0..NAMES.len() {
            world.take(&Step::Start(index));
        }
        world.settle();
        for index in told {
            world.take(&Step::Kill(index));
            world.take(&Step::Hear(0, false));
        }
        for step in &steps {
            world.take(step);
        }
        prop_assert_eq!(&world.put_back_unasked, &[]);
        world.settle();
        prop_assert_eq!(&world.zookeeper, &world.expected());
    }

    #[test]
    fn a_restart_deletes_nothing(
        steps in vec(step(), 0..100),
        failing in vec(any::<bool>(), 0..5),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.settle();
        let before = world.zookeeper.clone();
        world.deleted.clear();
        world.restart();
        for fails in failing {
            world.take(if fails { &Step::AskFails } else { &Step::Ask });
            world.answer(0);
        }
        world.work();
        world.settle();
        prop_assert_eq!(&world.deleted, &[""; 0]);
        prop_assert_eq!(&world.zookeeper, &before);
    }
}
