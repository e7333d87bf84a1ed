use crate::{
    args::Global,
    clock,
    output::{self, Lines, json, text},
    tree::acl::Entry,
    zookeeper,
};
use dockeeper_zk_client::{Acl, ErrorCode, Stat};
use serde::Serialize;

/// The options of `zk stat`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A container and a znode with a time to live look like any other: ZooKeeper tells nobody which \
znodes they are. Digests are shown in part to those who lack ADMIN.")]
pub(crate) struct Args {
    /// The znode
    #[arg(value_parser = super::path)]
    path: String,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,
}

/// A znode's metadata as JSON shows them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    pub(super) path: &'a str,
    pub(super) czxid: String,
    pub(super) mzxid: String,
    pub(super) pzxid: String,
    pub(super) ctime_ms: i64,
    pub(super) mtime_ms: i64,
    pub(super) version: i32,
    pub(super) cversion: i32,
    pub(super) aversion: i32,
    /// `None` for a znode that belongs to no session.
    pub(super) ephemeral_owner: Option<String>,
    pub(super) data_len: i32,
    pub(super) num_children: i32,
    /// `None` where it was not asked for or may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acl: Option<Vec<String>>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    zookeeper::with_tree(global, async |session| {
        let client = &session.client;
        let (acl, stat) = match client.get_acl(&args.path).await {
            Ok((acl, stat)) => (Some(acl), stat),
            // Metadata are for everybody to see.
            Err(error) if error.is(ErrorCode::NoAuth) => match client.exists(&args.path).await? {
                Some(stat) => (None, stat),
                None => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        let item = Item::new(&args.path, &stat, acl.as_deref());
        output::print(&match args.output {
            Lines::Json => json::line(&item)?,
            Lines::Text => render(&item),
        })
    })
    .await
}

fn render(item: &Item<'_>) -> String {
    let mut fields = vec![
        ("path", text::clean(item.path)),
        ("czxid", item.czxid.clone()),
        ("mzxid", item.mzxid.clone()),
        ("pzxid", item.pzxid.clone()),
        ("created", clock::iso8601(item.ctime_ms)),
        ("modified", clock::iso8601(item.mtime_ms)),
        ("version", item.version.to_string()),
        ("cversion", item.cversion.to_string()),
        ("aversion", item.aversion.to_string()),
        (
            "ephemeral owner",
            text::or_dash(item.ephemeral_owner.as_deref().unwrap_or_default()),
        ),
        ("data length", item.data_len.to_string()),
        ("children", item.num_children.to_string()),
    ];
    match &item.acl {
        Some(acl) => fields.extend(acl.iter().map(|entry| ("acl", text::clean(entry)))),
        None => fields.push(("acl", "not for you to see".to_owned())),
    }
    let lines = fields
        .iter()
        .map(|(name, value)| format!("{name:<16} {value}\n"));
    lines.collect()
}

/// A transaction or a session, as ZooKeeper's own tools show it.
pub(super) fn hex(number: i64) -> String {
    format!("{number:#x}")
}

// === impl Item ===

impl<'a> Item<'a> {
    pub(super) fn new(path: &'a str, stat: &Stat, acl: Option<&[Acl]>) -> Self {
        let entries = |acl: &[Acl]| {
            acl.iter()
                .map(|acl| Entry(acl.clone()).to_string())
                .collect()
        };
        let owner = stat.ephemeral_owner;
        Self {
            path,
            czxid: hex(stat.czxid),
            mzxid: hex(stat.mzxid),
            pzxid: hex(stat.pzxid),
            ctime_ms: stat.ctime_ms,
            mtime_ms: stat.mtime_ms,
            version: stat.version,
            cversion: stat.cversion,
            aversion: stat.aversion,
            ephemeral_owner: (owner != 0).then(|| hex(owner)),
            data_len: stat.data_len,
            num_children: stat.num_children,
            acl: acl.map(entries),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_shows_only_where_there_is_one() {
        let stat = Stat {
            czxid: 0x1_0000_0002,
            ctime_ms: 1_325_129_459_728,
            ..Stat::default()
        };
        let text = render(&Item::new("/a\n", &stat, Some(&Acl::open())));
        assert!(
            text.starts_with("path             /a\\n\nczxid            0x100000002\n"),
            "{text}"
        );
        assert!(text.contains("\nephemeral owner  -\n"), "{text}");
        assert!(
            text.contains("\ncreated          2011-12-29T03:30:59.728Z\n"),
            "{text}"
        );
        assert!(
            text.ends_with("\nacl              world:anyone:cdrwa\n"),
            "{text}"
        );
        let stat = Stat {
            ephemeral_owner: -1,
            ..stat
        };
        let text = render(&Item::new("/a", &stat, None));
        assert!(text.contains("owner  0xffffffffffffffff\n"), "{text}");
    }
}
