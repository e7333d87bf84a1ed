use super::{
    asked::Asked,
    facts::{Facts, Unavailable},
};
use crate::secrets::Secret;
use minijinja::{Error, ErrorKind};
use parking_lot::Mutex;
use std::{fmt, sync::Arc};

/// The questions of a bundle's templates: who answers them, and what was asked.
pub(super) struct Session {
    facts: Arc<dyn Facts>,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    asked: Asked,
    /// The first answer that is not known. What is rendered all the same is not used: a template
    /// may have gone on without it.
    unavailable: Option<Unavailable>,
    /// The secrets that the template has read which is being rendered.
    secrets: Vec<Secret>,
}

// === impl Session ===

impl Session {
    pub(super) fn new(facts: Arc<dyn Facts>) -> Self {
        Self {
            facts,
            record: Mutex::default(),
        }
    }

    /// Asks, and writes down what for.
    pub(super) fn ask<T>(
        &self,
        note: impl FnOnce(&mut Asked),
        question: impl FnOnce(&dyn Facts) -> Result<T, Unavailable>,
    ) -> Result<T, Error> {
        note(&mut self.record.lock().asked);
        question(&*self.facts).map_err(|why| {
            let error = Error::new(ErrorKind::InvalidOperation, why.to_string());
            self.record.lock().unavailable.get_or_insert(why);
            error
        })
    }

    /// From here on, what the engine says may have a secret in it.
    pub(super) fn note_secret(&self, secret: Secret) {
        let mut record = self.record.lock();
        if !record.secrets.contains(&secret) {
            record.secrets.push(secret);
        }
    }

    /// Whether a text shows no secret. One that repeats nothing but names (`is_names`) does when a
    /// secret was used for a name; of others nobody knows, as they may show parts of values.
    pub(super) fn may_show(&self, text: &str, is_names: bool) -> bool {
        let record = self.record.lock();
        let mut secrets = record.secrets.iter();
        secrets.all(|secret| is_names && secret.text().is_some_and(|secret| !text.contains(secret)))
    }

    /// Begins the next template.
    pub(super) fn begin(&self) {
        let mut record = self.record.lock();
        record.secrets.clear();
        record.unavailable = None;
    }

    pub(super) fn unavailable(&self) -> Option<Unavailable> {
        self.record.lock().unavailable.clone()
    }

    pub(super) fn asked(&self) -> Asked {
        self.record.lock().asked.clone()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
