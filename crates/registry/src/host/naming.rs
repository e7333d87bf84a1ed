//! Under which names a container's port is found.

use super::{
    metadata::{ForPort, split_list},
    settings::{ComposeName, Settings},
};
use dockeeper_engine::Container;
use dockeeper_model::shown;

const COMPOSE_PROJECT: &str = "com.docker.compose.project";
const COMPOSE_SERVICE: &str = "com.docker.compose.service";
const SWARM_SERVICE: &str = "com.docker.swarm.service.name";

/// The names of a port's services, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) names: Vec<String>,
    /// Whether the user gave them to this very port, so that they mean what they say even when
    /// another port has the same.
    pub(super) is_specific: bool,
    /// Whether the user gave them at all.
    pub(super) is_given: bool,
}

/// The names that the user gave, or the one that follows from what the container is. None where
/// only named containers are to be found; an error where the user's text names nothing.
pub(super) fn names(
    container: &Container,
    metadata: &ForPort<'_>,
    settings: &Settings,
) -> Result<Option<Names>, String> {
    if let Some(given) = metadata.get("name") {
        let mut names = Vec::new();
        for name in split_list(given.text) {
            let name = name.trim();
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        if names.is_empty() {
            let (name, text) = (given.name, shown(given.text));
            return Err(format!("{name} is {text}, which names no service"));
        }
        return Ok(Some(Names {
            names,
            is_specific: given.is_specific,
            is_given: true,
        }));
    }
    if settings.explicit {
        return Ok(None);
    }
    Ok(Some(Names {
        names: vec![default_name(container, settings.compose_name)],
        is_specific: false,
        is_given: false,
    }))
}

fn default_name(container: &Container, compose_name: ComposeName) -> String {
    let label = |name: &str| container.labels.get(name).filter(|text| !text.is_empty());
    if let Some(service) = label(COMPOSE_SERVICE) {
        return match (compose_name, label(COMPOSE_PROJECT)) {
            (ComposeName::ProjectService, Some(project)) => format!("{project}-{service}"),
            (ComposeName::ProjectService, None) | (ComposeName::Service, _) => service.clone(),
        };
    }
    if let Some(service) = label(SWARM_SERVICE) {
        return service.clone();
    }
    image_base(&container.image).map_or_else(|| container.name.clone(), str::to_owned)
}

/// The last part of an image's name, without tag and digest; `None` for an image that is only
/// known by its content's address.
fn image_base(image: &str) -> Option<&str> {
    let (name, _digest) = image.split_once('@').unwrap_or((image, ""));
    let base = name.rsplit_once('/').map_or(name, |(_, base)| base);
    let (base, _tag) = base.split_once(':').unwrap_or((base, ""));
    let is_address = base == "sha256" || base.is_empty();
    (!is_address).then_some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_gives_its_base() {
        for (image, base) in [
            ("nginx", Some("nginx")),
            ("nginx:1.27", Some("nginx")),
            ("registry:5000/team/app:v2@sha256:00", Some("app")),
            ("registry:5000/app", Some("app")),
            ("sha256:0123", None),
            ("", None),
        ] {
            assert_eq!(image_base(image), base, "{image}");
        }
    }
}
