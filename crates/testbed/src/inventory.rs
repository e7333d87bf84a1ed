//! All testbeds of the machine, for the command line.

use crate::{
    claim::Claim,
    error::Result,
    reap::traces,
    record::{Record, State},
};

/// Which testbeds to bring down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that killed processes have left behind, and of which nothing is recorded.
    Abandoned,
    /// Those that no running process owns.
    Unowned,
    /// All, also under the feet of the tests that use them.
    All,
}

/// A testbed that was brought down or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every trace of the testbed with this name is gone.
    Removed(String),
    /// It is still needed, as the record says.
    Left(Record),
}

impl Which {
    /// Whether a testbed in this state is one of them.
    pub(crate) fn has(self, state: State) -> bool {
        match state {
            State::Abandoned => true,
            State::Persistent => self != Self::Abandoned,
            State::Owned(_) => self == Self::All,
        }
    }
}

/// Removes testbeds, including what killed processes have left and what nothing is recorded of.
///
/// It blocks.
///
/// # Errors
///
/// The first error met; what follows is not tried, and the call can be repeated.
pub fn bring_down(which: Which) -> Result<Vec<Outcome>> {
    let numbers = traces().into_iter();
    numbers.map(|number| remove(number, which)).collect()
}

/// Removes one testbed by its name, as [`bring_down`] does; `None` if there is nothing of it.
///
/// # Errors
///
/// What could not be removed; the call can be repeated.
pub fn bring_down_one(name: &str, which: Which) -> Result<Option<Outcome>> {
    let number = traces().into_iter().find(|number| name_of(*number) == name);
    number.map(|number| remove(number, which)).transpose()
}

fn remove(number: u8, which: Which) -> Result<Outcome> {
    match Claim::take_over(number, which)? {
        Ok(claim) => {
            claim.release()?;
            Ok(Outcome::Removed(name_of(number)))
        }
        Err(record) => Ok(Outcome::Left(record)),
    }
}

fn name_of(number: u8) -> String {
    Record::abandoned(number).layout.name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pid::Owner;

    #[test]
    fn each_takes_more_than_the_one_before() {
        let states = [
            State::Abandoned,
            State::Persistent,
            State::Owned(Owner::current()),
        ];
        for (which, expected) in [
            (Which::Abandoned, [true, false, false]),
            (Which::Unowned, [true, true, false]),
            (Which::All, [true, true, true]),
        ] {
            assert_eq!(states.map(|state| which.has(state)), expected, "{which:?}");
        }
    }
}
