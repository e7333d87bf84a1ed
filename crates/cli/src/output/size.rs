//! Sizes in bytes.

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// `15.6 GiB`; `-` for none.
pub(crate) fn bytes(count: u64) -> String {
    if count == 0 {
        return "-".to_owned();
    }
    let mut unit = 0;
    let mut shift = 0;
    while unit + 1 < UNITS.len() && count >> (shift + 10) > 0 {
        unit += 1;
        shift += 10;
    }
    let whole = count >> shift;
    if unit == 0 || whole >= 100 {
        return format!("{whole} {}", UNITS[unit]);
    }
    let rest = count & ((1 << shift) - 1);
    let tenths = rest.saturating_mul(10) >> shift;
    format!("{whole}.{tenths} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_or_three_digits() {
        for (count, text) in [
            (0, "-"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (16_777_216_000, "15.6 GiB"),
            (128 << 30, "128 GiB"),
            (u64::MAX, "16777215 TiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
