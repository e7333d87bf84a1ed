use super::stat::{Item, hex};
use crate::{
    args::Global,
    clock,
    output::{self, Format, Screen, age::ago, json, size, table::Table, text},
    tree::{
        Place,
        names::{BATCH_MAX, Names},
        tally::Paths,
    },
    zookeeper,
};
use dockeeper_zk_client::{Stat, path};
use futures_util::future::join_all;

/// The longest listing that is kept in memory to be laid out.
const ROWS_MAX: usize = 2_000_000;

/// The options of `zk ls`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With -o json each znode is an object with the fields of its metadata; times in milliseconds since \
1970, transactions and sessions in hexadecimal. Paths are printed in full, as other commands take \
them. With -R, znodes whose children may not be seen are listed all the same, named on the \
standard error, and the exit code is 7.")]
pub(crate) struct Args {
    /// The znode
    #[arg(value_parser = super::path, default_value = "/")]
    path: String,

    /// Everything below it, at any depth; ZooKeeper's own /zookeeper is left out
    #[arg(short = 'R', long)]
    recursive: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// A znode and its metadata, which are zero where nobody asked for them.
type Row = (String, Stat);

/// What was found below a znode.
#[derive(Debug, Default)]
struct Listing {
    rows: Vec<Row>,
    /// Whether ZooKeeper's own znodes are there too.
    has_reserved: bool,
    /// Those whose children may not be seen.
    unreadable: Paths,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    zookeeper::with_tree(global, async |session| {
        let place = Place::of(session);
        let listing = if args.recursive {
            below(&place, &args.path).await?
        } else {
            children(&place, &args.path, args.output != Format::Name).await?
        };
        output::print(&render(&listing.rows, args.output)?)?;
        if listing.rows.is_empty() {
            output::note(&nothing(&args.path, listing.has_reserved));
        }
        if listing.unreadable.count > 0 {
            let consequence = "what may lie below is not listed";
            return Err(session.unreadable(&listing.unreadable, consequence).into());
        }
        Ok(())
    })
    .await
}

/// What an empty listing means.
fn nothing(path: &str, has_reserved: bool) -> String {
    let path = text::clean(path);
    if has_reserved {
        let own = "ZooKeeper's own /zookeeper, which -R lists only when it is asked for";
        format!("{path} has no children but {own}")
    } else {
        format!("{path} has no children")
    }
}

async fn children(place: &Place, parent: &str, with_stats: bool) -> anyhow::Result<Listing> {
    let (mut names, _) = place.client.list(parent).await?;
    names.sort_unstable();
    let paths: Vec<_> = names.iter().map(|name| path::join(parent, name)).collect();
    if !with_stats {
        let rows = paths.into_iter().map(|path| (path, Stat::default()));
        return Ok(Listing {
            rows: rows.collect(),
            ..Listing::default()
        });
    }
    let mut rows = Vec::with_capacity(paths.len());
    for batch in paths.chunks(BATCH_MAX) {
        let stats = join_all(batch.iter().map(|path| place.client.exists(path))).await;
        for (path, stat) in batch.iter().zip(stats) {
            // One that has gone meanwhile is passed over.
            rows.extend(stat?.map(|stat| (path.clone(), stat)));
        }
    }
    Ok(Listing {
        rows,
        ..Listing::default()
    })
}

async fn below(place: &Place, top: &str) -> anyhow::Result<Listing> {
    // What is not there or may not be seen is an error, and no empty listing.
    let (children, _) = place.client.list(top).await?;
    let is_reserved = |name: &String| place.is_reserved(&path::join(top, name));
    let mut listing = Listing {
        has_reserved: children.iter().any(is_reserved),
        ..Listing::default()
    };
    let mut names = Names::new(place, top);
    loop {
        let batch = names.next().await?;
        let rows = &mut listing.rows;
        if batch.is_empty() {
            rows.sort_unstable_by(|(a, _): &Row, (b, _)| a.split('/').cmp(b.split('/')));
            return Ok(listing);
        }
        for named in batch.iter().rev() {
            names.descend(&named.path, &named.children)?;
        }
        for named in batch {
            if named.refused.is_some() {
                listing.unreadable.add(&named.path);
            }
            if named.path != top {
                rows.push((named.path, named.stat));
            }
        }
        if rows.len() > ROWS_MAX {
            anyhow::bail!("there are more than {ROWS_MAX} znodes: list a part, or use `zk export`");
        }
    }
}

fn render(rows: &[Row], format: Format) -> anyhow::Result<String> {
    match format {
        Format::Json => {
            let items: Vec<_> = rows
                .iter()
                .map(|(path, stat)| Item::new(path, stat, None))
                .collect();
            json::array(&items)
        }
        Format::Name => {
            let lines = rows.iter().map(|(path, _)| text::clean(path) + "\n");
            Ok(lines.collect())
        }
        Format::Table | Format::Wide if rows.is_empty() => Ok(String::new()),
        Format::Table | Format::Wide => {
            Ok(table(rows, format == Format::Wide).render(Screen::of_stdout()))
        }
    }
}

fn table(rows: &[Row], is_wide: bool) -> Table {
    let mut header = vec!["PATH", "SIZE", "CHILDREN", "VERSION", "MODIFIED", "SESSION"];
    if is_wide {
        header.extend(["CREATED", "CZXID", "MZXID", "PZXID", "CVERSION", "AVERSION"]);
    }
    let mut table = Table::new(&header);
    let now_ms = clock::now_ms();
    for (path, stat) in rows {
        let owner = match stat.ephemeral_owner {
            0 => String::new(),
            session => hex(session),
        };
        let mut row = vec![
            path.into(),
            size::bytes(u64::try_from(stat.data_len).unwrap_or(0)).into(),
            stat.num_children.to_string().into(),
            stat.version.to_string().into(),
            ago(now_ms, stat.mtime_ms).into(),
            owner.into(),
        ];
        if is_wide {
            row.extend([
                clock::iso8601(stat.ctime_ms).into(),
                hex(stat.czxid).into(),
                hex(stat.mzxid).into(),
                hex(stat.pzxid).into(),
                stat.cversion.to_string().into(),
                stat.aversion.to_string().into(),
            ]);
        }
        table.push(row);
    }
    table
}
