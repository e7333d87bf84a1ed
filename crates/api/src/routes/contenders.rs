//! Who holds something, and who waits.

use crate::{
    coordination::Coordination,
    json::Json,
    parameters::{Name, Names, Parameters},
    problem::Problem,
};
use axum::extract::State;
use dockeeper_model::{holder::Identity, layout};
use dockeeper_recipes::{Contender, contenders, line::Line};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    names: Names,
}

/// Those who contend, in their order.
#[derive(Serialize)]
pub(super) struct Shown {
    holders: Vec<Value>,
    waiting: Vec<Value>,
}

pub(super) async fn lock(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Asked { names }): Parameters<Asked>,
) -> Result<Json<Shown>, Problem> {
    let client = coordination.reader.client().await?;
    let path = layout::lock(&name);
    // Other programs' mutexes and read-write locks have different children.
    let lines = [Line::mutex, Line::read_write].map(|line| line(names.into()));
    let found = contenders(&client, &path, &lines).await?;
    Ok(Json(Shown::of(&found)))
}

pub(super) async fn election(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Asked { names }): Parameters<Asked>,
) -> Result<Json<Shown>, Problem> {
    let client = coordination.reader.client().await?;
    let lines = [Line::election(names.into())];
    let found = contenders(&client, &layout::election(&name), &lines).await?;
    Ok(Json(Shown::of(&found)))
}

// === impl Shown ===

impl Shown {
    fn of(contenders: &[Contender]) -> Self {
        let shown = |is_holder: bool| {
            let these = contenders.iter().filter(|one| one.is_holder == is_holder);
            these.map(entry).collect()
        };
        Self {
            holders: shown(true),
            waiting: shown(false),
        }
    }
}

fn entry(contender: &Contender) -> Value {
    let who = match Identity::read(&contender.data) {
        Identity::Holder(holder) => json!(holder),
        Identity::Text(text) => json!(text),
        Identity::Unknown => Value::Null,
    };
    let stat = &contender.stat;
    json!({
        "node": contender.node.rsplit('/').next(),
        "token": stat.czxid,
        "session": format!("{:#x}", stat.ephemeral_owner),
        "sinceMs": stat.ctime_ms,
        "who": who,
    })
}
