use super::{Args, End, copy::Copied, verify::Verified};
use crate::{
    exit::{Code, Failure},
    output::{self, text},
    tree::tally::Paths,
};

/// Says what was copied, or would be.
pub(super) fn copied(args: &Args, copied: &Copied) -> anyhow::Result<()> {
    let Copied {
        tally,
        ephemerals,
        hits_reserved,
        only_there,
        unreadable: _,
    } = copied;
    let summary = format!(
        "{} created, {} changed, {} the same; {} left out\n",
        tally.created,
        tally.changed,
        tally.same,
        text::count(*ephemerals, "ephemeral znode")
    );
    if args.dry_run {
        output::note(summary.trim_end());
    } else {
        output::print(&summary)?;
    }
    if *hits_reserved {
        output::note(
            "left out: what would lie at /zookeeper or below it at the target, which is that \
             ZooKeeper's own",
        );
    }
    if only_there.count > 0 {
        note_of_others(only_there);
    }
    if let Some(unmatched) = args.kinds.unmatched() {
        output::note(&unmatched);
    }
    if args.kinds.is_silent() {
        output::note(
            "ZooKeeper does not tell which znodes are containers or have a time to live: all are \
             persistent at the target (see --container and --ttl)",
        );
    }
    Ok(())
}

fn note_of_others(only_there: &Paths) {
    let count = text::count(only_there.count, "znode");
    let lines = only_there.lines();
    output::note(&format!(
        "{count} only at the target, left with what lies below:{lines}"
    ));
}

/// Says what a comparison has shown; fails unless both trees are the same.
pub(super) fn verified(from: &End<'_>, verified: &Verified) -> anyhow::Result<()> {
    let Verified {
        differing,
        unreadable,
    } = verified;
    let whole = from.whole(unreadable, "the copy lacks them and what lies below");
    if differing.count > 0 {
        let count = text::count(differing.count, "znode");
        let lines = differing.lines();
        let mut why = format!(
            "the copy differs in {count}: somebody has written to one of both meanwhile; end that \
             and run it again:{lines}"
        );
        if let Err(unreadable) = whole {
            why.push_str(&format!("\n{unreadable}"));
        }
        return Err(Failure::new(Code::Failure, why).into());
    }
    output::note(match whole {
        Ok(()) => "verified: both are the same",
        Err(_) => "verified: what may be read is the same",
    });
    whole
}
