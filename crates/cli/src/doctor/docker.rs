//! The Docker Engine of this machine.

use super::{
    finding::Finding,
    report::{DOCKER, Report},
};
use crate::output::text;
use dockeeper_engine::{Docker, Engine, Error, Scope, docker::Config};

/// The version of the API that everything is tested with.
const API_MIN: (u32, u32) = (1, 41);

const WITHOUT_DOCKER: &str = "on a machine that is to have no Docker, give --no-docker";

/// Tests the engine of these settings.
pub(super) async fn examine(
    config: Result<Config, Error>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let findings = match config.and_then(|config| Docker::new(&config)) {
        Ok(docker) => findings(&docker).await,
        Err(error) => Err(error),
    };
    match findings {
        Ok(findings) => findings.into_iter().try_for_each(|f| report.add(DOCKER, f)),
        Err(error) => report.add(
            DOCKER,
            Finding::fail("connect", error.to_string(), WITHOUT_DOCKER),
        ),
    }
}

async fn findings(docker: &Docker) -> Result<Vec<Finding>, Error> {
    docker.ping().await?;
    let version = docker.version().await?;
    let (running, all) = (
        docker.list(Scope::Running).await?,
        docker.list(Scope::All).await?,
    );
    let containers = text::count(all.len(), "container");
    Ok(vec![
        Finding::ok("connect", "the engine answers"),
        judge(&version.engine, &version.api),
        Finding::ok(
            "containers",
            format!("{containers}, {} running", running.len()),
        ),
    ])
}

fn judge(engine: &str, api: &str) -> Finding {
    let found = format!("{engine}, API {api}");
    let numbers = api
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    match numbers {
        Some(version) if version >= API_MIN => Finding::ok("version", found),
        _ => Finding::warn(
            "version",
            found,
            "Dockeeper is tested with API 1.41 and later, that is Docker 20.10: upgrade it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn api_versions_are_compared_as_numbers() {
        for (api, status) in [
            ("1.41", Status::Ok),
            ("1.100", Status::Ok),
            ("2.0", Status::Ok),
            ("1.9", Status::Warn),
            ("new", Status::Warn),
        ] {
            assert_eq!(judge("20.10", api).status, status, "{api}");
        }
    }
}
