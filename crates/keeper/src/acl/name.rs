//! The names of certificates' subjects, as RFC 2253 writes them.

/// Whether `name` is a distinguished name: `type=value` parts between commas, semicolons or plus
/// signs; a backslash or quotes take the meaning from those. No parts at all are a name too.
pub(super) fn is_valid(name: &str) -> bool {
    if name.trim().is_empty() {
        return true;
    }
    let mut part_start = 0;
    let mut is_quoted = false;
    let mut characters = name.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' if characters.next().is_none() => return false,
            '"' => is_quoted = !is_quoted,
            ',' | ';' | '+' if !is_quoted => {
                if !is_part(&name[part_start..index]) {
                    return false;
                }
                part_start = index + 1;
            }
            _ => {}
        }
    }
    !is_quoted && is_part(&name[part_start..])
}

fn is_part(part: &str) -> bool {
    let Some((kind, _)) = part.split_once('=') else {
        return false;
    };
    let kind = kind.trim();
    !kind.is_empty()
        && kind
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn takes_names_apart() {
        for name in [
            "",
            "CN=keeper",
            "CN=a, OU=b ; O=c+L=d",
            "CN=a\\,b,O=c",
            "CN=\"a, b\",O=c",
            "2.5.4.3=a",
            "CN=",
        ] {
            assert!(is_valid(name), "{name}");
        }
        for name in [
            "keeper", "CN=a,", ",CN=a", "CN=a,b", "=a", "CN=a\\", "CN=\"a", "C N=a",
        ] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
