use super::*;
use dockeeper_model::{Instance, instance::WEIGHT_DEFAULT};
use proptest::prelude::*;

/// What may happen to a question.
#[derive(Clone, Debug)]
enum Happening {
    /// So many instances were read.
    Read(u8),
    Refused,
    /// So many instances, or nothing, were found on disk.
    Recalled(Option<u8>),
    Linked(Link),
}

/// What is known, kept in the most obvious way.
#[derive(Debug, Default)]
struct Reference {
    happened: Vec<Happening>,
}

// === impl Reference ===

impl Reference {
    /// The answer that is right, if there is one.
    fn answer(&self) -> Option<Answer> {
        let mut backwards = self.happened.iter().rev();
        let last = backwards.find_map(|happening| match happening {
            Happening::Read(count) => Some(Some(answer(*count))),
            Happening::Refused => Some(None),
            _ => None,
        });
        if let Some(told) = last {
            return told;
        }
        let mut backwards = self.happened.iter().rev();
        let link = backwards.find_map(|happening| match happening {
            Happening::Linked(link) => Some(*link),
            _ => None,
        });
        let mut backwards = self.happened.iter().rev();
        let kept = backwards.find_map(|happening| match happening {
            Happening::Recalled(kept) => Some(kept.map(answer)),
            _ => None,
        });
        kept.flatten().filter(|_| link == Some(Link::Away))
    }
}

fn answer(count: u8) -> Answer {
    let instance = |number: u8| Instance {
        service: "web".parse().unwrap(),
        id: number.to_string().parse().unwrap(),
        address: "10.0.0.1".to_owned(),
        port: Some(80),
        weight: WEIGHT_DEFAULT,
        registered_ms: 0,
        origin: None,
    };
    Answer::Service((0..count).map(instance).collect())
}

fn happening() -> impl Strategy<Value = Happening> {
    let link = prop_oneof![Just(Link::Seeking), Just(Link::Up), Just(Link::Away)];
    prop_oneof![
        (0..3_u8).prop_map(Happening::Read),
        Just(Happening::Refused),
        prop::option::of(0..3_u8).prop_map(Happening::Recalled),
        link.prop_map(Happening::Linked),
    ]
}

proptest! {
    #[test]
    fn no_answer_but_what_was_read(happenings in prop::collection::vec(happening(), 0..12)) {
        let (mut topic, mut reference) = (Topic::default(), Reference::default());
        for happening in happenings {
            let before = (topic.version(), topic.answer().ok().cloned());
            match happening.clone() {
                Happening::Read(count) => topic.known(answer(count)),
                Happening::Refused => topic.refused("no".to_owned()),
                Happening::Recalled(kept) => topic.recalled(kept.map(answer)),
                Happening::Linked(link) => topic.linked(link),
            }
            reference.happened.push(happening);
            let found = topic.answer().ok().cloned();
            let expected = reference.answer();
            prop_assert_eq!(found.as_deref(), expected.as_ref());
            // Each other answer is told of.
            prop_assert!(topic.version() > before.0 || found == before.1);
            prop_assert!(topic.is_settled() || found.is_none());
        }
    }
}

#[test]
fn the_same_again_is_no_change() {
    let mut topic = Topic::default();
    topic.linked(Link::Up);
    assert!(topic.answer().unwrap_err().contains("being read"));
    topic.known(answer(2));
    let version = topic.version();
    topic.known(answer(2));
    for link in [Link::Seeking, Link::Away, Link::Up] {
        topic.linked(link);
    }
    topic.recalled(Some(answer(1)));
    assert_eq!(topic.version(), version);
    topic.known(answer(0));
    assert_eq!(topic.version(), version + 1);
}
