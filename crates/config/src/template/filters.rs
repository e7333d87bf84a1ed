//! The filters beyond those of Jinja.

use crate::shell;
use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::{Environment, Error, ErrorKind, Value};

/// Adds the filters to an environment.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("b64encode", |text: &str| STANDARD.encode(text));
    environment.add_filter("b64decode", b64decode);
    environment.add_filter("fromjson", fromjson);
    environment.add_filter("quote", shell::quote);
}

fn b64decode(text: &str) -> Result<String, Error> {
    let bytes = STANDARD.decode(text.trim());
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid("b64decode: this is not the Base64 of a text".to_owned()))
}

fn fromjson(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|why| invalid(format!("fromjson: this is not JSON: {why}")))
}

fn invalid(why: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}
