//! The thread that writes the log.

use super::{
    Event,
    shared::{Shared, Work},
};
use crate::storage::{
    Room,
    log::{Group, Log, LogError},
};
use std::{collections::VecDeque, sync::Arc};

type Notify = Box<dyn FnMut(Event) + Send>;

pub(super) struct Task {
    shared: Arc<Shared>,
    log: Log,
    notify: Notify,
}

/// Says that the thread ends, also when it panics: otherwise transactions would wait for ever.
struct Ended(Arc<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.ended();
    }
}

// === impl Task ===

impl Task {
    pub(super) fn new(shared: Arc<Shared>, log: Log, notify: Notify) -> Self {
        Self {
            shared,
            log,
            notify,
        }
    }

    pub(super) fn run(mut self) {
        let _ended = Ended(Arc::clone(&self.shared));
        if let Err(error) = self.work() {
            // First why, and then that: who finds the log ended can say the reason.
            (self.notify)(Event::Failed(error));
        }
    }

    fn work(&mut self) -> Result<(), LogError> {
        loop {
            match self.shared.work() {
                Work::Write(groups) => self.write(groups)?,
                Work::Put(spare) => {
                    self.log.put_spare(spare);
                    self.tell_room(None);
                }
                Work::Tell(why) => self.tell_room(Some(why)),
                Work::End => return Ok(()),
            }
        }
    }

    fn write(&mut self, mut groups: VecDeque<Group>) -> Result<(), LogError> {
        while !groups.is_empty() {
            let cost = self.log.write(&mut groups)?;
            self.shared.update(&self.log, cost);
            (self.notify)(Event::Durable(self.log.last_zxid()));
        }
        Ok(())
    }

    fn tell_room(&mut self, trouble: Option<crate::storage::DiskError>) {
        let left = self.shared.update(&self.log, 0);
        let room = Room::of(left, &self.log.sizes());
        (self.notify)(Event::Room { room, trouble });
    }
}
