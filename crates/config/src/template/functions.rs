//! The functions that templates call.

use super::{asked::Asked, facts::Leader, lazy::texts, session::Session, source::Sources};
use dockeeper_model::{
    Instance, LockName, ServiceName,
    config::{AppName, Key, SecretName},
};
use minijinja::{Environment, Error, ErrorKind, State, Value, context, value::Kwargs};
use std::{collections::BTreeMap, fmt::Display, str::FromStr, sync::Arc};

/// How many steps an instance is counted as: about as long as it takes to copy it and to make it a
/// value.
const STEPS_PER_INSTANCE: u64 = 50;

/// Adds the functions to an environment.
pub(super) fn add(
    environment: &mut Environment<'_>,
    keys: &Arc<BTreeMap<Key, String>>,
    session: &Arc<Session>,
    sources: &Arc<Sources>,
) {
    let own = keys.clone();
    environment.add_function("key", move |name: &str, rest: Kwargs| {
        key(&own, name, &rest)
    });
    let asker = session.clone();
    environment.add_function("app", move |name: &str| app(&asker, name));
    let asker = session.clone();
    environment.add_function(
        "service",
        move |state: &State<'_, '_>, name: &str, rest: Kwargs| service(&asker, state, name, &rest),
    );
    let asker = session.clone();
    environment.add_function("leader", move |state: &State<'_, '_>, name: &str| {
        leader(&asker, state, name)
    });
    let asker = session.clone();
    environment.add_function("secret", move |name: &str| secret(&asker, name));
    let files = sources.clone();
    environment.add_function("file", move |name: &str| files.file(name));
}

fn key(keys: &BTreeMap<Key, String>, name: &str, rest: &Kwargs) -> Result<Value, Error> {
    let default: Option<Value> = rest.get("default")?;
    rest.assert_all_used()?;
    let value = keys.get(&parse::<Key>(name)?).map(Value::from);
    value.or(default).ok_or_else(|| {
        let why = format!(
            "the app has no key {name}: set it with `dockeeper config set`, or write \
             key({name:?}, default=…)"
        );
        Error::new(ErrorKind::UndefinedError, why)
    })
}

fn app(session: &Session, name: &str) -> Result<Value, Error> {
    let app: AppName = parse(name)?;
    let note = |asked: &mut Asked| {
        asked.apps.insert(app.clone());
    };
    let keys = session.ask(note, |facts| facts.app(&app))?;
    let keys = keys.ok_or_else(|| undefined(format!("there is no app {app}")))?;
    Ok(values(&keys))
}

/// In the order of their ids: equal instances are always rendered alike.
fn service(
    session: &Session,
    state: &State<'_, '_>,
    name: &str,
    rest: &Kwargs,
) -> Result<Value, Error> {
    let service: ServiceName = parse(name)?;
    let tag: Option<String> = rest.get("tag")?;
    rest.assert_all_used()?;
    let note = |asked: &mut Asked| {
        asked.services.insert(service.clone());
    };
    let mut instances = session.ask(note, |facts| facts.service(&service))?;
    charge(state, &instances)?;
    instances.retain(|instance| tag.as_ref().is_none_or(|tag| instance.tags().contains(tag)));
    Ok(shown(instances))
}

fn leader(session: &Session, state: &State<'_, '_>, name: &str) -> Result<Value, Error> {
    let election: LockName = parse(name)?;
    let note = |asked: &mut Asked| {
        asked.leaders.insert(election.clone());
    };
    let leader = session.ask(note, |facts| facts.leader(&election))?;
    let Some(leader) = leader else {
        return Ok(Value::from(()));
    };
    let Leader {
        node,
        address,
        id,
        container,
        token,
        instances,
    } = leader;
    charge(state, &instances)?;
    let instances = shown(instances);
    Ok(context! { node, address, id, container, token, instances })
}

fn secret(session: &Session, name: &str) -> Result<Value, Error> {
    let name: SecretName = parse(name)?;
    let note = |asked: &mut Asked| {
        asked.secrets.insert(name.clone());
    };
    let secret = session.ask(note, |facts| facts.secret(&name))?;
    let secret = secret.ok_or_else(|| {
        undefined(format!(
            "there is no secret {name}: set it with `dockeeper config secret set`"
        ))
    })?;
    let text = secret.text().ok_or_else(|| {
        let why = format!("the secret {name} is not UTF-8 text, and a template writes only text");
        Error::new(ErrorKind::InvalidOperation, why)
    })?;
    let value = Value::from(text);
    session.note_secret(secret);
    Ok(value)
}

/// The engine does not see what instances cost.
fn charge(state: &State<'_, '_>, instances: &[Instance]) -> Result<(), Error> {
    let count = instances.len() as u64;
    state.consume_fuel(count.saturating_mul(STEPS_PER_INSTANCE))
}

fn shown(mut instances: Vec<Instance>) -> Value {
    instances.sort_by(|one, other| (&one.service, &one.id).cmp(&(&other.service, &other.id)));
    instances.iter().map(instance).collect()
}

fn instance(instance: &Instance) -> Value {
    let origin = instance.origin.as_ref();
    context! {
        service => instance.service.as_str(),
        id => instance.id.as_str(),
        address => instance.address.as_str(),
        port => instance.port,
        endpoint => instance.endpoint(),
        weight => instance.weight,
        tags => instance.tags().to_vec(),
        node => origin.map(|origin| origin.node.as_str()),
        container => origin.map(|origin| origin.container_name.as_str()),
        metadata => texts(origin.map_or(&BTreeMap::new(), |origin| &origin.attributes)),
    }
}

/// An app's values, by their keys.
pub(super) fn values(keys: &BTreeMap<Key, String>) -> Value {
    let pairs = keys.iter();
    Value::from_pairs(pairs.map(|(key, value)| (key.as_str(), value.as_str())))
}

fn parse<T: FromStr<Err: Display>>(name: &str) -> Result<T, Error> {
    name.parse().map_err(|why| {
        let why = format!("{name:?}: {why}");
        Error::new(ErrorKind::InvalidOperation, why)
    })
}

fn undefined(why: String) -> Error {
    Error::new(ErrorKind::UndefinedError, why)
}
