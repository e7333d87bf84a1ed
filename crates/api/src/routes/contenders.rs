//! Who holds something, and who waits.

use crate::{
    coordination::Coordination,
    json::Json,
    parameters::{Asked, Name, Pairs, Parameters},
    problem::Problem,
};
use axum::extract::State;
use dockeeper_model::{holder::Identity, layout};
use dockeeper_recipes::{Contender, Naming, contenders, line::Line};
use dockeeper_zk_client::path;
use serde::Serialize;
use serde_json::{Value, json};

pub(super) struct Names(Naming);

/// Those who contend, in their order.
#[derive(Serialize)]
pub(super) struct Shown {
    holders: Vec<Value>,
    waiting: Vec<Value>,
}

// === impl Names ===

impl Asked for Names {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        pairs.naming().map(Self)
    }
}

pub(super) async fn lock(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Names(naming)): Parameters<Names>,
) -> Result<Json<Shown>, Problem> {
    // Other programs' mutexes and read-write locks have different children.
    let lines = [Line::mutex, Line::read_write].map(|line| line(naming));
    show(&coordination, &layout::lock(&name), &lines).await
}

pub(super) async fn election(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Names(naming)): Parameters<Names>,
) -> Result<Json<Shown>, Problem> {
    let lines = [Line::election(naming)];
    show(&coordination, &layout::election(&name), &lines).await
}

async fn show(
    coordination: &Coordination,
    path: &str,
    lines: &[Line],
) -> Result<Json<Shown>, Problem> {
    let reader = &coordination.reader;
    let look = async |client| {
        let found = contenders(&client, path, lines).await;
        found.map_err(|error| error.below(reader.chroot()).into())
    };
    let found = reader.ask(look).await?;
    Ok(Json(Shown::of(&found, reader.chroot())))
}

// === impl Shown ===

impl Shown {
    fn of(contenders: &[Contender], chroot: &str) -> Self {
        let shown = |is_holder: bool| {
            let these = contenders.iter().filter(|one| one.is_holder == is_holder);
            these.map(|one| entry(one, chroot)).collect()
        };
        Self {
            holders: shown(true),
            waiting: shown(false),
        }
    }
}

fn entry(contender: &Contender, chroot: &str) -> Value {
    let who = match Identity::read(&contender.data) {
        Identity::Holder(holder) => json!(holder),
        Identity::Text(text) => json!(text),
        Identity::Unknown => Value::Null,
    };
    let stat = &contender.stat;
    json!({
        "node": path::whole(chroot, &contender.node),
        "token": stat.czxid,
        "session": format!("{:#x}", stat.ephemeral_owner),
        "sinceMs": stat.ctime_ms,
        "who": who,
    })
}
