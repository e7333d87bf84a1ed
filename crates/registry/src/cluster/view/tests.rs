use super::*;
use dockeeper_model::{
    ContainerRecord, NodeRecord,
    container::InstanceStatus,
    encode,
    instance::{Origin, Payload},
};

fn an_instance(service: &str, id: &str, tags: &[&str]) -> (String, Bytes) {
    let instance = Instance {
        service: service.parse().unwrap(),
        id: id.parse().unwrap(),
        address: "10.0.0.1".to_owned(),
        port: Some(80),
        weight: 10,
        registered_ms: 1,
        origin: Some(Origin {
            node: "h1".to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Origin::default()
        }),
    };
    let path = layout::instance(&instance.service, &instance.id);
    (path, instance.encode(Payload::None).into())
}

fn a_container(node: &str, id: &str, name: &str, service: &str) -> (String, Bytes) {
    let record = ContainerRecord {
        name: name.to_owned(),
        instances: vec![InstanceStatus {
            service: service.parse().unwrap(),
            id: "1".parse().unwrap(),
            endpoint: "10.0.0.1:80".to_owned(),
            withheld: None,
        }],
        ..ContainerRecord::default()
    };
    let path = layout::container(&node.parse().unwrap(), id);
    (path, encode(&record).into())
}

fn foreign(path: &str, content: &'static str) -> (String, Bytes) {
    (path.to_owned(), content.into())
}

#[test]
fn foreign_content_is_reported_and_left_out() {
    let snapshot: Snapshot = [
        foreign("/nodes", ""),
        (
            "/nodes/h1".to_owned(),
            encode(&NodeRecord::default()).into(),
        ),
        foreign("/nodes/broken", "{"),
        foreign("/nodes/empty", ""),
        foreign("/nodes/object", "{}"),
        foreign("/nodes/h1/deeper", "{}"),
        foreign("/nodes2/h1", "{}"),
        foreign("/nodes/\u{e000}", "{}"),
    ]
    .into_iter()
    .collect();
    let listing = snapshot.nodes();
    let names: Vec<_> = listing.items.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["h1"]);
    let skipped: Vec<_> = listing.skipped.iter().map(|s| s.path.as_str()).collect();
    assert_eq!(
        skipped,
        [
            "/nodes/broken",
            "/nodes/empty",
            "/nodes/object",
            "/nodes/\u{e000}"
        ]
    );
    assert!(listing.skipped[2].why.contains("missing field `address`"));
    assert!(listing.skipped[3].why.contains("not a name"));
}

#[test]
fn an_empty_object_is_no_container_and_disturbs_none() {
    let snapshot: Snapshot = [
        a_container("h1", "01", "web-1", "web"),
        foreign("/containers/h1/02", "{}"),
        foreign("/containers/h1/03", r#"{"name":"x"}"#),
    ]
    .into_iter()
    .collect();
    let listing = snapshot.containers(&ContainerFilter::default());
    let names = listing.items.iter().map(|c| c.record.name.as_str());
    assert!(names.eq(["web-1"]));
    let skipped = listing.skipped.iter().map(|s| s.path.as_str());
    assert!(skipped.eq(["/containers/h1/02", "/containers/h1/03"]));
}

#[test]
fn services_are_summed_up() {
    let snapshot: Snapshot = [
        an_instance("web", "2", &["b", "a"]),
        an_instance("web", "1", &["a"]),
        an_instance("web.x", "1", &[]),
        an_instance("web-x", "1", &[]),
        foreign("/services/gone", ""),
        foreign("/services/web/3", "[]"),
    ]
    .into_iter()
    .collect();
    let listing = snapshot.services();
    let found = listing.items.iter();
    let found: Vec<_> = found.map(|s| (s.name.as_str(), s.instances)).collect();
    assert_eq!(found, [("web", 2), ("web-x", 1), ("web.x", 1)]);
    assert!(listing.items[0].tags.iter().eq(["a", "b"]));
    assert!(listing.items[0].nodes.iter().eq(["h1"]));
    assert_eq!(listing.skipped.len(), 1);

    let ids = |tags: &[String]| {
        let items = snapshot.instances("web", tags).items.into_iter();
        items.map(|i| i.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["1", "2"]);
    assert_eq!(ids(&["a".to_owned(), "b".to_owned()]), ["2"]);
    assert!(ids(&["c".to_owned()]).is_empty());
}

#[test]
fn containers_are_filtered() {
    let snapshot: Snapshot = [
        a_container("h2", "02", "a", "web"),
        a_container("h1", "01", "z", "web"),
        a_container("h1", "03", "b", "api"),
    ]
    .into_iter()
    .collect();
    let names = |node: Option<&str>, service: Option<&str>| {
        let filter = ContainerFilter {
            node: node.map(str::to_owned),
            service: service.map(str::to_owned),
        };
        let items = snapshot.containers(&filter).items.into_iter();
        items.map(|c| c.record.name).collect::<Vec<_>>()
    };
    assert_eq!(names(None, None), ["b", "z", "a"]);
    assert_eq!(names(Some("h1"), None), ["b", "z"]);
    assert_eq!(names(None, Some("web")), ["z", "a"]);
    assert_eq!(names(Some("h2"), Some("api")), [""; 0]);
}

#[test]
fn a_mark_that_cannot_be_read_counts() {
    let snapshot: Snapshot = [
        foreign(
            "/maintenance/services/web",
            r#"{"reason":"deploy","by":"me"}"#,
        ),
        foreign("/maintenance/nodes/h1", ""),
        foreign("/maintenance/other/x", "{}"),
    ]
    .into_iter()
    .collect();
    let marks = snapshot.marks();
    let reasons: Vec<_> = marks
        .iter()
        .map(|m| m.maintenance.reason.as_str())
        .collect();
    assert_eq!(reasons, ["its znode has foreign content", "deploy"]);
    assert_eq!(marks[0].subject, Subject::Node("h1".to_owned()));
}
