use super::*;
use crate::output::{Format, Screen};
use dockeeper_model::ContainerRecord;

fn view(format: Format) -> View {
    View {
        format,
        screen: Screen {
            is_terminal: false,
            has_colour: false,
        },
        now_ms: 1_700_000_000_000,
    }
}

fn instance(service: &str, withheld: Option<&str>) -> InstanceStatus {
    InstanceStatus {
        service: service.parse().unwrap(),
        id: "1".parse().unwrap(),
        endpoint: "10.0.0.1:80".to_owned(),
        withheld: withheld.map(str::to_owned),
    }
}

fn containers() -> Vec<Container> {
    let record = ContainerRecord {
        name: "web-1".to_owned(),
        image: "nginx".to_owned(),
        state: "running".to_owned(),
        health: "none".to_owned(),
        started_ms: 1_699_999_700_000,
        ports: vec!["80/tcp".to_owned()],
        ..ContainerRecord::default()
    };
    let unwell = ContainerRecord {
        name: "api".to_owned(),
        health: "unhealthy".to_owned(),
        instances: vec![
            instance("api", Some("HEALTHCHECK: unhealthy")),
            instance("x", None),
        ],
        elections: vec![ElectionStatus::withheld("e".parse().unwrap(), "unwell")],
        ..record.clone()
    };
    let container = |id: &str, record| Container {
        id: id.repeat(64),
        node: "h1".parse().unwrap(),
        record,
    };
    vec![container("a", record), container("b", unwell)]
}

#[test]
fn a_table_of_containers() {
    let text = table(&containers(), &view(Format::Table)).render(view(Format::Table).screen);
    let expected = "\
CONTAINER ID   NODE   NAME    IMAGE   STATE     HEALTH      STARTED         SERVICES
aaaaaaaaaaaa   h1     web-1   nginx   running   -           5 minutes ago   -
bbbbbbbbbbbb   h1     api     nginx   running   unhealthy   5 minutes ago   api (withheld), x
";
    assert_eq!(text, expected);
}

#[test]
fn the_wide_table_says_why() {
    let text = table(&containers(), &view(Format::Wide)).render(view(Format::Wide).screen);
    let last = text.lines().last().unwrap();
    assert!(
        last.ends_with(
            "80/tcp   -          e: none (unwell)   api at 10.0.0.1:80: HEALTHCHECK: unhealthy   -"
        ),
        "{last}"
    );
}
