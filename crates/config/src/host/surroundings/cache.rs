//! Answers on disk, for a start without ZooKeeper.

use super::{answer::Answer, question::Question};
use crate::{durable, secrets::Identity};
use dockeeper_model::{decode, encode};
use parking_lot::Mutex;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::spawn_blocking;

/// How many answers are kept. Of more, those that nobody has needed for longest are removed.
const ANSWERS_MAX: usize = 2 * super::QUESTIONS_MAX;

/// The longest answer that is kept, in bytes: a service of 10,000 instances.
const ANSWER_LEN_MAX: usize = 16 << 20;

/// A file's times, when it is needed.
const NOW: Timestamps = Timestamps {
    last_access: TOUCHED,
    last_modification: TOUCHED,
};

const TOUCHED: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: UTIME_NOW,
};

/// How the name of an answer's file ends.
const SUFFIX: &str = "json";

/// Answers on disk. What cannot be read or written is said in the log, and is as good as not there:
/// it is needed only while ZooKeeper is away.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    directory: PathBuf,
    /// One writer at a time: who has just stopped to follow may still be writing.
    writing: Arc<Mutex<()>>,
}

/// An answer, and what was asked: a file's name is only a hash of that.
#[derive(Debug, Serialize, Deserialize)]
struct Record<A> {
    question: Question,
    answer: A,
}

// === impl Cache ===

impl Cache {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            writing: Arc::default(),
        }
    }

    /// The answer that was kept last.
    pub(super) async fn load(&self, question: &Question, identity: &Identity) -> Option<Answer> {
        let (path, asked, identity) = (self.path(question), question.clone(), identity.clone());
        let loading = spawn_blocking(move || match load(&path, &asked) {
            Ok(answer) => answer.map(|answer| answer.open(&asked, &identity)),
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, %error, "cannot read what was kept of {asked}");
                None
            }
        });
        loading.await.ok().flatten()
    }

    /// Keeps an answer, durably and as a whole.
    pub(super) async fn save(&self, question: &Question, answer: Arc<Answer>) {
        let (cache, question) = (self.clone(), question.clone());
        let saving = spawn_blocking(move || {
            let path = cache.path(&question);
            let shown = question.to_string();
            let answer = &*answer;
            if let Err(error) = cache.write(&path, &encode(&Record { question, answer })) {
                let path = path.display();
                tracing::warn!(%path, %error, "cannot keep {shown}");
            }
        });
        drop(saving.await);
    }

    fn path(&self, question: &Question) -> PathBuf {
        let name = blake3::hash(&encode(question)).to_hex();
        self.directory.join(name.as_str()).with_extension(SUFFIX)
    }

    fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        if content.len() > ANSWER_LEN_MAX {
            return Err(io::Error::other(format!(
                "it is longer than {ANSWER_LEN_MAX} bytes"
            )));
        }
        let _writing = self.writing.lock();
        durable::make_folder(&self.directory)?;
        if !path.exists() {
            make_room(&self.directory, ANSWERS_MAX)?;
        }
        durable::write(path, content)
    }
}

/// Removes what nobody has needed for longest, so that there are fewer than `max`.
fn make_room(directory: &Path, max: usize) -> io::Result<()> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        kept.push((entry.metadata()?.modified()?, entry.path()));
    }
    kept.sort_unstable();
    let excess = (kept.len() + 1).saturating_sub(max);
    let mut excess = kept.into_iter().take(excess);
    excess.try_for_each(|(_, path)| fs::remove_file(path))
}

fn load(path: &Path, question: &Question) -> io::Result<Option<Answer>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // So that it is not among the first to be removed.
    futimens(&file, &NOW)?;
    let mut content = Vec::new();
    let len_max = ANSWER_LEN_MAX as u64 + 1;
    file.take(len_max).read_to_end(&mut content)?;
    let record: Record<Answer> = decode(&content).map_err(io::Error::other)?;
    let is_meant = record.question == *question && record.answer.answers(question);
    Ok(is_meant.then_some(record.answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn what_was_needed_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: u64| folder.path().join(number.to_string());
        for number in 0..4 {
            let file = File::create(path(number)).unwrap();
            let at = UNIX_EPOCH + Duration::from_secs(100 - number);
            file.set_modified(at).unwrap();
        }
        make_room(folder.path(), 5).unwrap();
        assert!((0..4).all(|number| path(number).exists()));
        make_room(folder.path(), 3).unwrap();
        let left: Vec<_> = (0..4).filter(|number| path(*number).exists()).collect();
        assert_eq!(left, [0, 1]);
    }

    #[tokio::test]
    async fn nothing_is_taken_for_the_answer_to_another_question() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("facts"));
        let identity = Identity::generate();
        let (web, app) = (
            Question::Service("web".parse().unwrap()),
            Question::App("web".parse().unwrap()),
        );
        cache
            .save(&web, Arc::new(Answer::Service(Vec::new())))
            .await;
        let found = cache.load(&web, &identity).await;
        assert_eq!(found, Some(Answer::Service(Vec::new())));
        assert_eq!(cache.load(&app, &identity).await, None);
        fs::rename(cache.path(&web), cache.path(&app)).unwrap();
        assert_eq!(cache.load(&app, &identity).await, None);
    }
}
