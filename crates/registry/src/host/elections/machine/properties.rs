//! What holds in any order of events.

use super::*;
use dockeeper_recipes::Lost;
use proptest::prelude::*;

/// What befalls a container, and how long after the event before.
fn happenings() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let happening = prop_oneof![
        Just(Happening::Fit),
        Just(Happening::Fit),
        Just(Happening::Unfit),
        Just(Happening::Frozen),
        Just(Happening::Session(false)),
        Just(Happening::Session(true)),
        Just(Happening::Decided(true)),
        Just(Happening::Decided(true)),
        Just(Happening::Decided(false)),
        Just(Happening::Suspended),
        Just(Happening::Sure),
        Just(Happening::Lost),
        Just(Happening::Told(true)),
        Just(Happening::Told(true)),
        Just(Happening::Told(false)),
        Just(Happening::Nothing),
    ];
    prop::collection::vec((0_u64..5, happening), 0..80)
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Fit,
    Unfit,
    Frozen,
    Session(bool),
    Decided(bool),
    Suspended,
    Sure,
    Lost,
    Told(bool),
    Nothing,
}

/// The world around a machine, which carries its effects out and keeps count.
#[derive(Default)]
struct World {
    now: u64,
    is_standing: bool,
    is_leading: bool,
    telling: Option<Occasion>,
    elected: u32,
    lost: u32,
    can_be_told: bool,
    is_fit: bool,
}

impl World {
    fn at(&self) -> BootInstant {
        BootInstant::since_boot(Duration::from_secs(self.now))
    }

    /// What really can happen now, as the machine's driver would say it.
    fn input(&mut self, happening: Happening) -> Option<Input> {
        match happening {
            Happening::Fit => {
                (self.is_fit, self.can_be_told) = (true, true);
                Some(Input::Fitness(Fitness::Fit))
            }
            Happening::Unfit => {
                (self.is_fit, self.can_be_told) = (false, true);
                Some(Input::Fitness(Fitness::Unfit("unwell".to_owned())))
            }
            Happening::Frozen => {
                (self.is_fit, self.can_be_told) = (false, false);
                Some(Input::Fitness(Fitness::Frozen("paused".to_owned())))
            }
            Happening::Session(has_session) => Some(Input::Session(has_session)),
            Happening::Decided(is_elected) if self.is_standing => {
                self.is_standing = false;
                self.is_leading = is_elected;
                Some(match is_elected {
                    true => Input::Elected {
                        token: 1,
                        session_timeout: Duration::from_secs(16),
                    },
                    false => Input::Refused("no".to_owned()),
                })
            }
            Happening::Suspended if self.is_leading => {
                let until = self.at() + Duration::from_secs(6);
                Some(Input::Standing(Standing::Suspended { until }))
            }
            Happening::Sure if self.is_leading => {
                let until = self.at() + Duration::from_secs(9);
                Some(Input::Standing(Standing::Sure { until }))
            }
            Happening::Lost if self.is_leading => {
                Some(Input::Standing(Standing::Lost(Lost::LeaseOver)))
            }
            Happening::Told(is_well) if self.telling.take().is_some() => {
                Some(Input::Told(is_well.then_some(()).ok_or("no".to_owned())))
            }
            _ => None,
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Stand => {
                    assert!(!self.is_standing && !self.is_leading, "stands twice");
                    assert!(self.is_fit, "stands unfit");
                    assert_eq!(
                        self.elected, self.lost,
                        "stands before it was told that it lost"
                    );
                    self.is_standing = true;
                }
                Effect::Resign => (self.is_standing, self.is_leading) = (false, false),
                Effect::Tell(occasion) => {
                    assert_eq!(self.telling.replace(occasion), None, "two hooks at a time");
                    match occasion {
                        Occasion::Elected => {
                            assert!(self.is_leading);
                            self.elected += 1;
                        }
                        Occasion::Lost => {
                            assert!(!self.is_leading && self.can_be_told);
                            self.lost += 1;
                        }
                    }
                    let owed = self.elected.checked_sub(self.lost);
                    assert!(
                        matches!(owed, Some(0 | 1)),
                        "{} {}",
                        self.elected,
                        self.lost
                    );
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn each_leadership_that_was_told_is_told_to_be_over(happenings in happenings()) {
        let mut machine = Machine::new(Fitness::Unfit(String::new()), Knowledge::Nothing, false, true);
        let mut world = World { can_be_told: true, ..World::default() };
        for (seconds, happening) in happenings {
            world.now += seconds;
            let effects = machine.tick(world.at());
            world.carry_out(effects);
            if let Some(input) = world.input(happening) {
                let effects = machine.handle(world.at(), input);
                world.carry_out(effects);
            }
            prop_assert!(world.is_fit || !(world.is_standing || world.is_leading));
            let leads = machine.status().0 == Role::Leader;
            prop_assert!(!leads || world.is_leading);
        }
        // In the end it can be told everything, and has nothing left to do.
        for last in [Happening::Unfit, Happening::Told(true), Happening::Told(true)] {
            if let Some(input) = world.input(last) {
                let effects = machine.handle(world.at(), input);
                world.carry_out(effects);
            }
        }
        prop_assert_eq!(world.elected, world.lost);
        let effects = machine.handle(world.at(), Input::Resign);
        world.carry_out(effects);
        prop_assert!(machine.is_over());
    }
}
