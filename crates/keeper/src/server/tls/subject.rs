//! A certificate's subject as text, in the form of RFC 2253: the identity that an access control
//! list's scheme `x509` names. Java writes the same name for the same certificate.

use super::der::{Malformed, expect, take};
use std::fmt::Write;

const SET: u8 = 0x31;
const SEQUENCE: u8 = 0x30;
const OID: u8 = 0x06;

const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;

/// The attributes that RFC 2253, section 2.3, gives a short name. All others are written as
/// numbers, with their value as it is encoded.
const KEYWORDS: [(&[u8], &str); 9] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 9], "STREET"),
    (
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25],
        "DC",
    ),
    (
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1],
        "UID",
    ),
];

/// Writes the value of a name: the last part first, as the RFC demands.
pub(super) fn to_rfc2253(mut name: &[u8]) -> Result<String, Malformed> {
    let mut parts = Vec::new();
    while !name.is_empty() {
        let mut set = expect(&mut name, SET)?;
        let mut part = Vec::new();
        while !set.is_empty() {
            part.push(attribute(expect(&mut set, SEQUENCE)?)?);
        }
        parts.push(part.join("+"));
    }
    parts.reverse();
    Ok(parts.join(","))
}

fn attribute(mut attribute: &[u8]) -> Result<String, Malformed> {
    let oid = expect(&mut attribute, OID)?;
    let value = take(&mut attribute)?;
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == oid);
    let text = text(value.tag, value.value);
    Ok(match (keyword, text) {
        (Some((_, keyword)), Some(text)) => format!("{keyword}={}", escape(&text)),
        (Some((_, keyword)), None) => format!("{keyword}={}", hex(value.whole)),
        (None, _) => format!("{}={}", dotted(oid)?, hex(value.whole)),
    })
}

/// The text of a string type; `None` for what is none.
fn text(tag: u8, value: &[u8]) -> Option<String> {
    match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => String::from_utf8(value.to_vec()).ok(),
        TELETEX_STRING => Some(value.iter().copied().map(char::from).collect()),
        BMP_STRING => {
            let (units, []) = value.as_chunks::<2>() else {
                return None;
            };
            let units: Vec<_> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
            String::from_utf16(&units).ok()
        }
        UNIVERSAL_STRING => {
            let (units, []) = value.as_chunks::<4>() else {
                return None;
            };
            let units = units.iter().map(|unit| u32::from_be_bytes(*unit));
            units.map(char::from_u32).collect()
        }
        _ => None,
    }
}

/// RFC 2253, section 2.4. Java also escapes an equals sign, and a number sign wherever it stands;
/// so names are compared in one form.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let inner = text.trim_start_matches(' ');
    let leading = text.len() - inner.len();
    let trailing = inner.len() - inner.trim_end_matches(' ').len();
    let (inner, _) = inner.split_at(inner.len() - trailing);
    escaped.push_str(&"\\ ".repeat(leading));
    for letter in inner.chars() {
        match letter {
            '\0' => escaped.push_str("\\00"),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            other => escaped.push(other),
        }
    }
    escaped.push_str(&"\\ ".repeat(trailing));
    escaped
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::from("#");
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("a String takes everything");
    }
    hex
}

/// An object identifier's numbers with dots between them.
fn dotted(oid: &[u8]) -> Result<String, Malformed> {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in oid {
        let shifted = number.checked_mul(128).ok_or(Malformed)?;
        number = shifted | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    // The first two numbers share a place: the first is 0, 1 or 2.
    let first = *numbers.first().ok_or(Malformed)?;
    let top = (first / 40).min(2);
    let mut dotted = format!("{top}.{}", first - 40 * top);
    for number in &numbers[1..] {
        write!(dotted, ".{number}").expect("a String takes everything");
    }
    Ok(dotted)
}

#[cfg(test)]
mod tests {
    use super::super::der::subject;
    use super::*;
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair};

    fn name(parts: &[(DnType, DnValue)]) -> String {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in parts {
            params.distinguished_name.push(kind.clone(), value.clone());
        }
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        to_rfc2253(subject(certificate.der()).unwrap()).unwrap()
    }

    fn utf8(text: &str) -> DnValue {
        DnValue::Utf8String(text.to_owned())
    }

    #[test]
    fn the_last_part_comes_first() {
        let printable = DnValue::PrintableString("SE".try_into().unwrap());
        let shown = name(&[
            (DnType::CountryName, printable),
            (DnType::OrganizationName, utf8("Exämple")),
            (DnType::CommonName, utf8("client 1")),
        ]);
        assert_eq!(shown, "CN=client 1,O=Exämple,C=SE");
        assert_eq!(name(&[]), "");
    }

    #[test]
    fn special_letters_are_escaped() {
        // What Java's `X500Principal.getName` makes of them.
        for (plain, escaped) in [
            ("a,b", r"CN=a\,b"),
            (r#"+"\<>;="#, r#"CN=\+\"\\\<\>\;\="#),
            ("  a  ", r"CN=\ \ a\ \ "),
            ("#1#", r"CN=\#1\#"),
            ("x\0y", r"CN=x\00y"),
        ] {
            assert_eq!(name(&[(DnType::CommonName, utf8(plain))]), escaped);
        }
    }

    #[test]
    fn what_has_no_short_name_is_a_number() {
        let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
        let value = DnValue::Ia5String("a@b".try_into().unwrap());
        assert_eq!(name(&[(email, value)]), "1.2.840.113549.1.9.1=#1603614062");
        assert_eq!(dotted(&[0x88, 0x37]).unwrap(), "2.999");
    }

    #[test]
    fn wide_letters_are_read() {
        let wide = DnValue::BmpString("Ωx".try_into().unwrap());
        assert_eq!(name(&[(DnType::CommonName, wide)]), "CN=Ωx");
        assert_eq!(text(UNIVERSAL_STRING, &[0, 0, 3, 0xa9]).unwrap(), "Ω");
        assert_eq!(text(BMP_STRING, &[0]), None);
    }
}
