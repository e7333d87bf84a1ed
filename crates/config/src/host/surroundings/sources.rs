//! Who answers.

use super::{answer::Answer, cache::Cache, link::Link, question::Question, secrets, topic::Topic};
use crate::{secrets::Identity, template::Leader};
use dockeeper_model::{
    Instance, LockName, ServiceName,
    config::{AppName, Key},
};
use dockeeper_zk_client::Client;
use futures_util::future::BoxFuture;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::watch;

/// Services and elections, as a session shows them. Each future goes on until the session is over,
/// and is dropped when nobody asks any more.
pub trait Cluster: Send + Sync {
    /// Tells the live, healthy instances of a service, and again whenever they change.
    fn service(
        &self,
        client: Client,
        service: ServiceName,
        told: Teller<Vec<Instance>>,
    ) -> BoxFuture<'static, ()>;

    /// Tells which container leads an election, and again whenever that changes; `None` when none
    /// does.
    fn leader(
        &self,
        client: Client,
        election: LockName,
        told: Teller<Option<Leader>>,
    ) -> BoxFuture<'static, ()>;
}

/// The values of apps, with whatever session there is.
pub trait Apps: Send + Sync {
    /// Tells an app's values, and again whenever they change; `None` when there is no such app. Goes
    /// on until it is dropped.
    fn follow(
        &self,
        app: AppName,
        told: Teller<Option<BTreeMap<Key, String>>>,
    ) -> BoxFuture<'static, ()>;
}

/// Takes the answers to one question.
#[derive(Clone, Debug)]
pub struct Teller<T> {
    topic: watch::Sender<Topic>,
    wrap: fn(T) -> Answer,
}

/// Where answers come from.
pub(super) struct Sources {
    pub(super) cluster: Arc<dyn Cluster>,
    pub(super) apps: Arc<dyn Apps>,
    pub(super) identity: Identity,
    pub(super) session: watch::Receiver<Option<Client>>,
    pub(super) link: watch::Receiver<Link>,
    pub(super) cache: Cache,
}

// === impl Teller ===

impl<T> Teller<T> {
    pub(super) fn new(topic: watch::Sender<Topic>, wrap: fn(T) -> Answer) -> Self {
        Self { topic, wrap }
    }

    /// It was read. Nothing but what ZooKeeper has said may be told, and no part of it.
    pub fn known(&self, answer: T) {
        let answer = (self.wrap)(answer);
        self.topic.send_modify(|topic| topic.known(answer));
    }

    /// It cannot be read, although ZooKeeper is there. The loss of the connection is not told: what
    /// was read before remains the answer.
    pub fn refused(&self, why: impl Into<String>) {
        self.topic.send_modify(|topic| topic.refused(why.into()));
    }
}

// === impl Sources ===

impl Sources {
    /// Has a question answered with one session after the other, until it is dropped.
    pub(super) async fn ask(&self, question: &Question, topic: &watch::Sender<Topic>) {
        if let Question::App(app) = question {
            let told = Teller::new(topic.clone(), Answer::App);
            return self.apps.follow(app.clone(), told).await;
        }
        let mut session = self.session.clone();
        loop {
            let client = session.borrow_and_update().clone();
            if let Some(client) = client {
                tokio::select! {
                    () = self.ask_with(client, question, topic) => {}
                    _ = session.changed() => continue,
                }
            }
            if session.changed().await.is_err() {
                return;
            }
        }
    }

    async fn ask_with(&self, client: Client, question: &Question, topic: &watch::Sender<Topic>) {
        let topic = topic.clone();
        match question.clone() {
            Question::Service(service) => {
                let told = Teller::new(topic, Answer::Service);
                self.cluster.service(client, service, told).await;
            }
            Question::Leader(election) => {
                let told = Teller::new(topic, Answer::Leader);
                self.cluster.leader(client, election, told).await;
            }
            Question::Secret(name) => {
                let told = Teller::new(topic, Answer::Secret);
                secrets::follow(&client, &name, &self.identity, &told).await;
            }
            // Whoever knows apps has sessions of his own.
            Question::App(_) => {}
        }
    }
}
