//! Prints a listing, once or whenever it changes.

use crate::{
    args::Global,
    clock,
    exit::Failure,
    interrupt, live,
    output::{self, Format, Options, Screen, text},
    zookeeper::{self, Session},
};
use dockeeper_registry::cluster::{Scope, Skipped, Snapshot};

/// How many of the znodes that were left out are named.
const SKIPPED_SHOWN_MAX: usize = 3;

/// Something that can be listed.
pub(crate) trait Report {
    /// What has to be read for it.
    fn scopes(&self) -> Vec<Scope>;

    /// The listing.
    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page>;

    /// What it means that there is nothing to list.
    async fn why_empty(&self, session: &Session) -> anyhow::Result<Empty>;
}

/// What it means that there is nothing to list, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    /// It can be so: nothing is the answer.
    Fine(String),
    /// What was asked for by its name is not there.
    NotFound(String),
}

/// How a listing is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) format: Format,
    pub(crate) screen: Screen,
    pub(crate) now_ms: i64,
}

/// A listing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) text: String,
    pub(crate) is_empty: bool,
    pub(crate) skipped: Vec<Skipped>,
    /// What else is wrong.
    pub(crate) warnings: Vec<String>,
    /// What a person should know who sees it.
    pub(crate) note: Option<String>,
}

/// What was printed last of a listing that is watched.
#[derive(Debug, Default)]
pub(crate) struct Shown(Option<Page>);

/// Prints a listing.
pub(crate) async fn run<R: Report>(
    report: &R,
    options: &Options,
    global: &Global,
) -> anyhow::Result<()> {
    if options.watch {
        return interrupt::is_the_end(watch(report, options, global).await);
    }
    zookeeper::with(global, async |session| once(report, options, session).await).await
}

async fn once<R: Report>(report: &R, options: &Options, session: &Session) -> anyhow::Result<()> {
    let snapshot = Snapshot::read(&session.client, &report.scopes()).await?;
    if snapshot.is_empty() {
        session.check(&[]).await?;
    }
    let page = report.render(&snapshot, &View::now(options.output))?;
    output::print(&page.text)?;
    page.warn();
    if !page.is_empty {
        return Ok(());
    }
    match report.why_empty(session).await? {
        Empty::Fine(why) => output::note(&why),
        Empty::NotFound(why) => return Err(Failure::not_found(why).into()),
    }
    Ok(())
}

async fn watch<R: Report>(report: &R, options: &Options, global: &Global) -> anyhow::Result<()> {
    let mut shown = Shown::default();
    live::follow(global, &report.scopes(), async |session, snapshot| {
        let view = View::now(options.output);
        let page = report.render(snapshot, &view)?;
        if shown.show(&page, &view)? && page.is_empty {
            // It may come: that is what is waited for.
            let (Empty::Fine(why) | Empty::NotFound(why)) = report.why_empty(session).await?;
            output::note(&why);
        }
        Ok(())
    })
    .await
}

/// Says what was left out.
pub(crate) fn warn_of(skipped: &[Skipped]) {
    if skipped.is_empty() {
        return;
    }
    let mut message = format!(
        "{} left out: no readable record",
        text::count(skipped.len(), "znode")
    );
    for skipped in skipped.iter().take(SKIPPED_SHOWN_MAX) {
        let line = format!(
            "\n  {}: {}",
            text::clean(&skipped.path),
            text::clean(&skipped.why)
        );
        message.push_str(&line);
    }
    if let Some(more @ 1..) = skipped.len().checked_sub(SKIPPED_SHOWN_MAX) {
        message.push_str(&format!("\n  and {more} more"));
    }
    output::warn(&message);
}

// === impl Shown ===

impl Shown {
    /// Prints a page if it differs from the last one, and says whether it did.
    pub(crate) fn show(&mut self, page: &Page, view: &View) -> anyhow::Result<bool> {
        let before = self.0.replace(page.clone());
        let is_news = before
            .as_ref()
            .is_none_or(|before| !before.says_the_same(page));
        if before
            .as_ref()
            .is_some_and(|before| before.text == page.text)
        {
            if is_news {
                page.warn();
            }
            return Ok(false);
        }
        let between = match before {
            _ if view.screen.is_terminal => "\u{1b}[H\u{1b}[2J",
            Some(_) => "\n",
            None => "",
        };
        output::print(&format!("{between}{}", page.text))?;
        if is_news || view.screen.is_terminal {
            page.warn();
        }
        Ok(true)
    }
}

// === impl View ===

impl View {
    pub(crate) fn now(format: Format) -> Self {
        Self {
            format,
            screen: Screen::of_stdout(),
            now_ms: clock::now_ms(),
        }
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.format == Format::Wide
    }
}

// === impl Page ===

impl Page {
    /// A page of items, in the format that is wanted.
    pub(crate) fn new<T: serde::Serialize>(
        view: &View,
        items: &[T],
        skipped: Vec<Skipped>,
        table: impl FnOnce() -> output::table::Table,
        name: impl Fn(&T) -> String,
    ) -> anyhow::Result<Self> {
        let is_empty = items.is_empty();
        let text = match view.format {
            Format::Json => output::json::array(items)?,
            Format::Table | Format::Wide if is_empty => String::new(),
            Format::Table | Format::Wide => table().render(view.screen),
            Format::Name => {
                let mut lines: Vec<_> = items.iter().map(|item| text::clean(&name(item))).collect();
                // One endpoint that is served over TCP and UDP, as two instances.
                lines.dedup();
                lines.into_iter().map(|line| line + "\n").collect()
            }
        };
        Ok(Self {
            text,
            is_empty,
            skipped,
            ..Self::default()
        })
    }

    /// Whether all that [`warn`](Self::warn) says is as before.
    fn says_the_same(&self, other: &Self) -> bool {
        let said = (&self.skipped, &self.warnings, &self.note);
        said == (&other.skipped, &other.warnings, &other.note)
    }

    /// Says on the standard error what has no place in the listing.
    pub(crate) fn warn(&self) {
        warn_of(&self.skipped);
        for warning in &self.warnings {
            output::warn(warning);
        }
        if let Some(note) = &self.note {
            output::note(note);
        }
    }
}
