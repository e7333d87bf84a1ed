//! From the client library's types to this crate's. What an engine leaves out becomes empty: an
//! older engine, or another that speaks the same API, is not an error.

mod container;
mod event;
mod health_check;
mod host;
mod ports;
mod summary;
mod time;

pub(super) use container::container;
pub(super) use event::event;
pub(super) use host::{ids, info, version};
pub(super) use summary::summaries;
pub(super) use time::nanoseconds;

/// An integer of the API that is 64 bits wide only because JSON's are.
pub(super) fn i32(wide: i64) -> i32 {
    i32::try_from(wide).unwrap_or(if wide < 0 { i32::MIN } else { i32::MAX })
}

/// The beginning of a text, at most `bytes_max` long, cut between characters.
pub(super) fn bounded(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// A text that the engine may have left out.
fn text(value: Option<String>) -> String {
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(bounded("naïve", 3), "na");
        assert_eq!(bounded("naïve", 4), "naï");
        assert_eq!(bounded("naïve", 400), "naïve");
    }

    #[test]
    fn integers_saturate() {
        assert_eq!(
            (i32(-1), i32(1 << 40), i32(-(1 << 40))),
            (-1, i32::MAX, i32::MIN)
        );
    }
}
