use crate::tree::{Node, line};
use anyhow::Context;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};
use tokio::{sync::mpsc, task};

/// The longest line: a znode of 64 MiB in base64. No server keeps as much.
const LINE_LEN_MAX: u64 = 96 << 20;

/// How many znodes are handed over at once, and how many bytes of data they have, except by the
/// last one.
const BATCH_MAX: usize = 1024;
const DATA_LEN_MAX: usize = 8 << 20;

/// How many batches wait: reading goes on while one is written.
const BATCHES_WAITING: usize = 1;

/// The znodes of a file. It is read by a thread of its own: a slow pipe must not hold up the
/// session.
#[derive(Debug)]
pub(super) struct Lines {
    batches: mpsc::Receiver<anyhow::Result<Vec<Node>>>,
}

// === impl Lines ===

impl Lines {
    /// Begins to read a file, or the standard input.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let (sender, batches) = mpsc::channel(BATCHES_WAITING);
        match path {
            None => task::spawn_blocking(move || send(io::stdin().lock(), "the input", &sender)),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
                task::spawn_blocking(move || send(BufReader::new(file), &name, &sender))
            }
        };
        Ok(Self { batches })
    }

    /// The next znodes; `None` at the end.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<Vec<Node>>> {
        self.batches.recv().await.transpose()
    }
}

fn send(mut from: impl BufRead, name: &str, to: &mpsc::Sender<anyhow::Result<Vec<Node>>>) {
    let mut number = 0;
    loop {
        let batch = read_batch(&mut from, name, &mut number);
        let is_last = !matches!(&batch, Ok(nodes) if !nodes.is_empty());
        let is_end = matches!(&batch, Ok(nodes) if nodes.is_empty());
        if is_end || to.blocking_send(batch).is_err() || is_last {
            return;
        }
    }
}

/// Reads some lines; none at the end of the file.
fn read_batch(from: &mut impl BufRead, name: &str, number: &mut u64) -> anyhow::Result<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut len = 0;
    while nodes.len() < BATCH_MAX && len < DATA_LEN_MAX {
        let mut text = String::new();
        let read = from.by_ref().take(LINE_LEN_MAX).read_line(&mut text);
        *number += 1;
        if read.with_context(|| format!("cannot read line {number} of {name}"))? == 0 {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        let node = line::read(&text).with_context(|| format!("line {number} of {name}"))?;
        len += node.data.len();
        nodes.push(node);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_named() {
        let read = |text: &str| read_batch(&mut text.as_bytes(), "f", &mut 0);
        let line = "{\"path\":\"/a\",\"data\":\"\"}";
        assert_eq!(read(&format!("{line}\n\n{line}")).unwrap().len(), 2);
        assert!(read("").unwrap().is_empty());
        let error = read(&format!("{line}\n{{}}\n")).unwrap_err();
        assert!(error.to_string().contains("line 2 of f"), "{error}");
        let not_utf8 = [line.as_bytes(), b"\n\xff\n"].concat();
        let error = read_batch(&mut &not_utf8[..], "f", &mut 0).unwrap_err();
        assert!(error.to_string().contains("line 2 of f"), "{error}");
    }

    #[test]
    fn a_long_file_comes_in_batches() {
        let line = "{\"path\":\"/a\",\"data\":\"\"}\n";
        let text = line.repeat(BATCH_MAX + 1);
        let (mut from, mut number) = (text.as_bytes(), 0);
        let mut next = || read_batch(&mut from, "f", &mut number).unwrap().len();
        assert_eq!((next(), next(), next()), (BATCH_MAX, 1, 0));
    }
}
