//! Who of those under a recipe's znode is next. Does no I/O.

use crate::naming::{Naming, Role, Seat};

/// The children of one znode that stand in line, and what each may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    naming: Naming,
    /// What any program's child may stand for.
    roles: &'static [Role],
    /// What else a child of this code's making may stand for.
    own: &'static [Role],
}

/// Where one of them stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position<'a> {
    /// It is its turn.
    First,
    /// It has to wait until this one has gone, and then to look again.
    Behind(&'a str),
    /// Its znode is not there any more.
    Gone,
    /// This child does not belong in the line: nobody knows who is next.
    Foreign(&'a str),
    /// The parent's counter of children has come to its end, behind which the server repeats numbers
    /// and the programs that read them disagree on their order.
    Exhausted,
}

/// Whether one of them has a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit<'a> {
    /// There are no more than there are permits.
    Granted,
    /// There are too many.
    Waiting,
    /// Its znode is not there any more.
    Gone,
    /// This child is no lease.
    Foreign(&'a str),
}

// === impl Line ===

impl Line {
    /// Contenders for a mutex. Those for a read-write lock bar each other and them, but only this
    /// code sees that: other programs' are foreign here.
    pub fn mutex(naming: Naming) -> Self {
        Self::new(naming, &[Role::Lock], &[Role::Read, Role::Write])
    }

    /// Contenders for a read-write lock. One for a mutex is as a writer, but only to this code: other
    /// programs' are foreign here.
    pub fn read_write(naming: Naming) -> Self {
        Self::new(naming, &[Role::Read, Role::Write], &[Role::Lock])
    }

    /// Candidates of an election.
    pub fn election(naming: Naming) -> Self {
        Self::new(naming, &[Role::Latch], &[])
    }

    /// The leases of Curator's semaphore.
    pub fn leases() -> Self {
        Self::new(Naming::Curator, &[Role::Lease], &[])
    }

    fn new(naming: Naming, roles: &'static [Role], own: &'static [Role]) -> Self {
        Self { naming, roles, own }
    }

    /// Takes a child's name apart; `None` when it is foreign.
    fn parse<'a>(&self, name: &'a str) -> Option<Seat<'a>> {
        let of_all = self.naming.parse(name, self.roles);
        of_all.or_else(|| self.naming.parse(name, self.own).filter(Seat::is_own))
    }

    /// Whose names its children have.
    pub fn naming(&self) -> Naming {
        self.naming
    }

    /// Takes children apart and puts them in their order.
    ///
    /// # Errors
    ///
    /// The name of a child that does not belong there.
    pub fn seats<'a>(&self, children: &'a [String]) -> Result<Vec<Seat<'a>>, &'a str> {
        let (seats, foreign) = self.sort_out(children);
        match foreign.first() {
            None => Ok(seats),
            Some(name) => Err(name),
        }
    }

    /// The children that belong there, in their order, and the names of those that do not.
    pub(crate) fn sort_out<'a>(&self, children: &'a [String]) -> (Vec<Seat<'a>>, Vec<&'a str>) {
        let (mut seats, mut foreign) = (Vec::with_capacity(children.len()), Vec::new());
        for name in children {
            match self.parse(name) {
                Some(seat) => seats.push(seat),
                None => foreign.push(name.as_str()),
            }
        }
        seats.sort_unstable_by_key(Seat::place);
        (seats, foreign)
    }

    /// How many of those in the line have what they contend for, if nobody is to be refused: all
    /// readers before the first writer, or the first one. Of leases each is counted, also that of the
    /// one who waits.
    pub fn holders(&self, seats: &[Seat<'_>]) -> usize {
        let is_shared = |seat: &&Seat<'_>| matches!(seat.role, Role::Read | Role::Lease);
        let shared = seats.iter().take_while(is_shared).count();
        shared.max(seats.len().min(1))
    }

    /// Where the child of this name stands: a reader behind the last before it that is none, everybody
    /// else behind the one right before it.
    pub fn position<'a>(&self, children: &'a [String], mine: &str) -> Position<'a> {
        let Some(me) = self.parse(mine) else {
            return Position::Gone;
        };
        // One pass: of a thousand who wait, each looks through all when it is woken.
        let mut is_there = false;
        let mut before: Option<Seat<'a>> = None;
        for name in children {
            let Some(seat) = self.parse(name) else {
                return Position::Foreign(name);
            };
            is_there |= name == mine;
            let bars = me.role != Role::Read || seat.role != Role::Read;
            let is_later = before.is_none_or(|before| before.place() < seat.place());
            if bars && is_later && seat.place() < me.place() {
                before = Some(seat);
            }
        }
        match before {
            _ if !is_there => Position::Gone,
            _ if me.is_past_the_end() => Position::Exhausted,
            Some(before) => Position::Behind(before.name),
            None => Position::First,
        }
    }

    /// Whether the lease of this name is granted where there are so many permits. Each contender
    /// counts all leases against the permits that it knows of, as Curator's semaphore does.
    pub fn permit<'a>(&self, children: &'a [String], mine: &str, permits: u32) -> Permit<'a> {
        let seats = match self.seats(children) {
            Ok(seats) => seats,
            Err(name) => return Permit::Foreign(name),
        };
        if !seats.iter().any(|seat| seat.name == mine) {
            return Permit::Gone;
        }
        match u32::try_from(seats.len()) {
            Ok(count) if count <= permits => Permit::Granted,
            _ => Permit::Waiting,
        }
    }
}

// === impl Seat ===

impl<'a> Seat<'a> {
    /// What children are ordered by: the counter goes on behind 2147483647 with negative numbers.
    fn place(&self) -> (u32, &'a str) {
        (self.sequence.cast_unsigned(), self.name)
    }

    /// Whether the number may be given out twice: Apache's server stays at the largest since 3.6.
    fn is_past_the_end(&self) -> bool {
        !(0..i32::MAX).contains(&self.sequence)
    }
}

#[cfg(test)]
mod tests;
