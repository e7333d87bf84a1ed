use super::{answer::Answer, question::Question};
use crate::{
    secrets::Secret,
    template::{Container, Facts, Leader, Node, Unavailable},
};
use dockeeper_model::{
    Instance, LockName, ServiceName,
    config::{AppName, Key, SecretName},
};
use std::{collections::BTreeMap, sync::Arc};

/// What was known at one moment.
pub(super) struct Snapshot {
    pub(super) answers: BTreeMap<Question, Result<Arc<Answer>, String>>,
    pub(super) node: Option<Node>,
    pub(super) container: Option<Container>,
    pub(super) digest_key: [u8; 32],
}

// === impl Snapshot ===

impl Snapshot {
    /// Picks the answer to a question. `pick` knows the kind of answer that the question has.
    fn ask<T>(
        &self,
        question: &Question,
        pick: impl FnOnce(&Answer) -> Option<T>,
    ) -> Result<T, Unavailable> {
        let why = match self.answers.get(question) {
            Some(Ok(answer)) => match pick(answer) {
                Some(picked) => return Ok(picked),
                None => "the answer is one to another question",
            },
            Some(Err(why)) => why,
            None => "it has not been asked for before, and is read now",
        };
        Err(Unavailable::new(question.to_string(), why))
    }
}

impl Facts for Snapshot {
    fn app(&self, app: &AppName) -> Result<Option<BTreeMap<Key, String>>, Unavailable> {
        self.ask(&Question::App(app.clone()), |answer| match answer {
            Answer::App(keys) => Some(keys.clone()),
            _ => None,
        })
    }

    fn node(&self) -> Result<Node, Unavailable> {
        let why = "the Docker Engine has not answered yet";
        let node = self.node.clone();
        node.ok_or_else(|| Unavailable::new("the host", why))
    }

    fn container(&self) -> Result<Container, Unavailable> {
        let why = "it is not known yet which container the volume is for";
        let container = self.container.clone();
        container.ok_or_else(|| Unavailable::new("the container", why))
    }

    fn service(&self, service: &ServiceName) -> Result<Vec<Instance>, Unavailable> {
        self.ask(&Question::Service(service.clone()), |answer| match answer {
            Answer::Service(instances) => Some(instances.clone()),
            _ => None,
        })
    }

    fn leader(&self, election: &LockName) -> Result<Option<Leader>, Unavailable> {
        self.ask(&Question::Leader(election.clone()), |answer| match answer {
            Answer::Leader(leader) => Some(leader.clone()),
            _ => None,
        })
    }

    fn secret(&self, name: &SecretName) -> Result<Option<Secret>, Unavailable> {
        let question = Question::Secret(name.clone());
        let sealed = self.ask(&question, |answer| match answer {
            Answer::Secret(sealed) => Some(sealed.clone()),
            _ => None,
        })?;
        let secret = sealed.as_ref().map(|sealed| sealed.secret().cloned());
        secret
            .transpose()
            .map_err(|why| Unavailable::new(question.to_string(), why))
    }

    fn digest_key(&self) -> Result<[u8; 32], Unavailable> {
        Ok(self.digest_key)
    }
}
