//! What holds in any order of events.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Happening {
    Wanted(u64),
    Outdated,
    Works,
    Fails,
    FailsForNow,
    Health(bool),
    Later,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let happening = prop_oneof![
        2 => (1_u64..6).prop_map(Happening::Wanted),
        1 => Just(Happening::Outdated),
        20 => Just(Happening::Works),
        2 => Just(Happening::Fails),
        1 => Just(Happening::FailsForNow),
        1 => any::<bool>().prop_map(Happening::Health),
        2 => Just(Happening::Later),
    ];
    prop::collection::vec(happening, 0..200)
}

/// The world around a machine, which carries its effects out and knows what is true.
struct World {
    now_ms: i64,
    machine: Subscriber,
    wanted: u64,
    /// How often services and the like have changed.
    facts: u8,
    busy: Option<Effect>,
    staged: Option<(Digest, bool)>,
    seen: Option<Digest>,
    told: Option<Digest>,
}

impl World {
    fn new() -> Self {
        Self {
            now_ms: 0,
            machine: Subscriber::new("web".to_owned(), None, false, 0),
            wanted: 0,
            facts: 0,
            busy: None,
            staged: None,
            seen: None,
            told: None,
        }
    }

    /// Odd and even releases have the same contents.
    fn content(&self, release: u64) -> Digest {
        let release = u8::try_from(release % 2).unwrap();
        Digest::new([release * 100 + self.facts; Digest::LEN])
    }

    fn tell(&mut self, input: Input) {
        let effect = self.machine.handle(self.now_ms, input);
        if let Some(effect) = effect {
            let given_up = self.busy.replace(effect);
            assert!(
                matches!(given_up, None | Some(Effect::Judge)),
                "two at a time"
            );
            if let Effect::Prepare(release) = effect {
                assert_eq!(release, self.wanted, "nobody wants it");
                self.staged = None;
            }
        }
        self.check();
    }

    fn finish(&mut self, result: Result<(), String>) {
        let input = match self.busy.take() {
            None => Input::Tick,
            Some(Effect::Prepare(release)) => {
                let digest = self.content(release);
                let trouble = |why| Trouble::Lasting(why);
                self.staged = result.is_ok().then_some((digest, false));
                Input::Prepared(result.map(|()| digest).map_err(trouble))
            }
            Some(Effect::Check) => {
                if let Some((_, is_checked)) = &mut self.staged {
                    *is_checked = result.is_ok();
                }
                Input::Checked(result)
            }
            Some(Effect::Swap) => {
                let (digest, is_checked) = self.staged.expect("nothing is staged");
                assert!(is_checked, "it was not found good");
                if result.is_ok() {
                    self.seen = Some(digest);
                }
                Input::Swapped(result)
            }
            Some(Effect::Act) => {
                if result.is_ok() {
                    self.told = self.seen;
                }
                Input::Acted(result)
            }
            Some(Effect::Judge) => Input::Judged(result),
        };
        self.tell(input);
    }

    /// An acknowledgement is true.
    fn check(&self) {
        let Some(ack) = self.machine.ack() else {
            return;
        };
        assert_eq!(ack.digest, self.seen);
        assert_eq!(ack.target, self.wanted);
        if (Step::Swapped..=Step::Healthy).contains(&ack.step) {
            assert_eq!(ack.running, Some(self.wanted));
        }
        if (Step::Acted..=Step::Healthy).contains(&ack.step) {
            assert_eq!(self.told, self.seen);
        }
        // What was told of something that it no longer sees is told again, the same or not.
        assert!(self.machine.owes() || self.told == self.seen);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wanted(release) => {
                self.wanted = release;
                self.tell(Input::Wanted(release));
            }
            Happening::Outdated => {
                self.facts = (self.facts + 1) % 100;
                self.tell(Input::Outdated);
            }
            Happening::Works => self.finish(Ok(())),
            Happening::Fails => self.finish(Err("it fails".to_owned())),
            Happening::FailsForNow if matches!(self.busy, Some(Effect::Prepare(_))) => {
                self.busy = None;
                let trouble = Trouble::Passing("away".to_owned());
                self.tell(Input::Prepared(Err(trouble)));
            }
            Happening::FailsForNow => {}
            Happening::Health(true) => self.tell(Input::Health(Ok(()))),
            Happening::Health(false) => self.tell(Input::Health(Err("unwell".to_owned()))),
            Happening::Later => {
                self.now_ms += 10_000;
                self.tell(Input::Tick);
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_said_is_true_and_the_last_word_is_carried_out(happenings in happenings()) {
        let mut world = World::new();
        world.happen(Happening::Wanted(1));
        for happening in happenings {
            world.happen(happening);
        }
        // From now on everything works, and something new is wanted.
        world.happen(Happening::Outdated);
        for _ in 0..40 {
            world.happen(Happening::Works);
            world.happen(Happening::Later);
        }
        let ack = world.machine.ack().unwrap();
        prop_assert_eq!((ack.step, ack.running), (Step::Healthy, Some(world.wanted)));
        prop_assert_eq!(world.seen, Some(world.content(world.wanted)));
        prop_assert_eq!(world.told, world.seen);
        prop_assert_eq!(world.busy, None);
    }
}
