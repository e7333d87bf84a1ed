use super::{
    Asked, Error, Facts, NESTING_MAX, STEPS_MAX, Why, filters, functions,
    lazy::{LazyContainer, LazyNode},
    limited::Limited,
    session::Session,
    source::{self, Sources},
};
use crate::bundle::Bundle;
use dockeeper_model::config::FilePath;
use minijinja::{
    AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
};
use std::{error::Error as _, sync::Arc};

/// The templates of a bundle, for one container.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    session: Arc<Session>,
    steps_left: u64,
}

// === impl Templates ===

impl Templates {
    /// Templates that ask these facts.
    pub(crate) fn new(bundle: &Bundle, facts: Arc<dyn Facts>) -> Self {
        let session = Arc::new(Session::new(facts));
        let sources = Arc::new(Sources::new(bundle));
        let keys = Arc::new(bundle.keys.clone());
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // What names the undefined value in an error.
        environment.set_debug(true);
        environment.set_recursion_limit(NESTING_MAX);
        // Whether a name ends in .html or .json, what a template says is what stands there.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_syntax(syntax());
        environment.set_formatter(format);
        environment.set_path_join_callback(source::resolve);
        let files = sources.clone();
        environment.set_loader(move |name| files.template(name));
        // It would write out everything that the engine knows.
        environment.remove_global("debug");
        environment.add_global("keys", functions::values(&keys));
        environment.add_global("node", Value::from_object(LazyNode(session.clone())));
        let container = LazyContainer(session.clone());
        environment.add_global("container", Value::from_object(container));
        functions::add(&mut environment, &keys, &session, &sources);
        filters::add(&mut environment);
        Self {
            environment,
            session,
            steps_left: STEPS_MAX,
        }
    }

    /// Renders a template, to at most so many bytes.
    pub(crate) fn render(&mut self, path: &FilePath, len_max: usize) -> Result<Vec<u8>, Error> {
        self.session.begin();
        self.environment.set_fuel(Some(self.steps_left));
        let mut output = Limited::new(len_max);
        let rendered = self.environment.get_template(path.as_str());
        let rendered = rendered.and_then(|template| template.render_captured_to((), &mut output));
        let steps_left = rendered.map(|captured| captured.state().fuel_levels());
        let fail = |why| Error {
            file: path.to_string(),
            line: None,
            why,
        };
        if output.is_over() {
            return Err(fail(Why::TooLong { max: len_max }));
        }
        match steps_left {
            Ok(levels) => {
                self.steps_left = levels.map_or(0, |(_, left)| left);
                match self.session.unavailable() {
                    Some(why) => Err(fail(why.into())),
                    None => Ok(output.into_bytes()),
                }
            }
            Err(error) => {
                // How many it took nobody knows; all that follow take no more than it could.
                self.steps_left /= 2;
                Err(self.explain(path, &error))
            }
        }
    }

    /// What was asked for so far.
    pub(crate) fn asked(&self) -> Asked {
        self.session.asked()
    }

    fn explain(&self, path: &FilePath, error: &minijinja::Error) -> Error {
        let error = innermost(error);
        let why = match (self.session.unavailable(), error.kind()) {
            (Some(why), _) => why.into(),
            (None, ErrorKind::OutOfFuel) => Why::Steps,
            (None, _) => Why::Wrong(self.describe(error)),
        };
        Error {
            file: error.name().unwrap_or(path.as_str()).to_owned(),
            line: error.line(),
            why,
        }
    }

    /// What the engine says, unless it may show a secret. Of what is undefined or unknown it repeats
    /// the name, as it stands in the template, of anything else perhaps the value.
    fn describe(&self, error: &minijinja::Error) -> String {
        use ErrorKind::{SyntaxError, UndefinedError, UnknownFilter, UnknownFunction, UnknownTest};
        let kind = error.kind();
        let is_names = matches!(
            kind,
            SyntaxError | UndefinedError | UnknownFilter | UnknownFunction | UnknownTest
        );
        match error.detail() {
            Some(detail) if self.session.may_show(detail, is_names) => format!("{kind}: {detail}"),
            Some(_) => format!("{kind}: the rest is not shown, as the template reads a secret"),
            None => kind.to_string(),
        }
    }
}

/// What stands outside of blocks stays as it is, to the end of the last line.
fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    let built = builder.keep_trailing_newline(true).build();
    built.expect("the delimiters are the default ones")
}

/// Writes a value, but not `none`: it is what is missing, as when nobody leads an election.
fn format(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    if value.is_none() {
        let why =
            "the value is none: ask for it with {% if … %}, or write default(…, true) behind it";
        return Err(minijinja::Error::new(ErrorKind::UndefinedError, why));
    }
    minijinja::escape_formatter(output, state, value)
}

/// The error in the file in which it went wrong: those around it only say what included that.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut found = error;
    while let Some(inner) = found.source().and_then(|source| source.downcast_ref()) {
        found = inner;
    }
    found
}
