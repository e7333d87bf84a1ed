//! As much of DER as it takes to find the subject of a certificate.

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// A value with what stands before it: as it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// All of it: tag, length and value.
    pub(super) whole: &'a [u8],
}

/// The bytes are not what a certificate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate's subject cannot be read")]
pub(super) struct Malformed;

/// Takes the first element off `input`.
pub(super) fn take<'a>(input: &mut &'a [u8]) -> Result<Element<'a>, Malformed> {
    let all = *input;
    let (&tag, rest) = all.split_first().ok_or(Malformed)?;
    let (&first, rest) = rest.split_first().ok_or(Malformed)?;
    let (len, rest) = match first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // The number of bytes that hold the length; four are 4 GiB.
        long @ 0x81..=0x84 => {
            let (bytes, rest) = rest
                .split_at_checked(usize::from(long & 0x7f))
                .ok_or(Malformed)?;
            let len = bytes
                .iter()
                .fold(0, |len, byte| (len << 8) | usize::from(*byte));
            (len, rest)
        }
        0x80 | 0x85.. => return Err(Malformed),
    };
    let (value, rest) = rest.split_at_checked(len).ok_or(Malformed)?;
    *input = rest;
    Ok(Element {
        tag,
        value,
        whole: &all[..all.len() - rest.len()],
    })
}

/// Takes the first element off `input`, which has to have this tag, and returns its value.
pub(super) fn expect<'a>(input: &mut &'a [u8], tag: u8) -> Result<&'a [u8], Malformed> {
    let element = take(input)?;
    (element.tag == tag)
        .then_some(element.value)
        .ok_or(Malformed)
}

/// The value of the subject's name in a certificate (RFC 5280, section 4.1).
pub(super) fn subject(mut certificate: &[u8]) -> Result<&[u8], Malformed> {
    let mut certificate = expect(&mut certificate, SEQUENCE)?;
    let mut signed = expect(&mut certificate, SEQUENCE)?;
    let first = take(&mut signed)?;
    if first.tag == VERSION {
        expect(&mut signed, INTEGER)?;
    }
    let (_signature, _issuer) = (
        expect(&mut signed, SEQUENCE)?,
        expect(&mut signed, SEQUENCE)?,
    );
    let _validity = expect(&mut signed, SEQUENCE)?;
    expect(&mut signed, SEQUENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_or_long() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        let mut input = &[&[0x02, 0x01, 0x05][..], &long].concat()[..];
        assert_eq!(take(&mut input).unwrap().value, [5]);
        let element = take(&mut input).unwrap();
        assert_eq!((element.tag, element.value), (4, &[7; 128][..]));
        assert_eq!((element.whole, input), (&long[..], &[][..]));
    }

    #[test]
    fn what_is_cut_off_is_malformed() {
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let der = certificate.der();
        assert!(subject(der).is_ok());
        for end in 0..der.len() {
            assert_eq!(subject(&der[..end]), Err(Malformed), "{end}");
        }
        for bytes in [&[0x30, 0x80][..], &[0x30, 0x85, 1, 1, 1, 1, 1, 1], &[0x30]] {
            assert_eq!(subject(bytes), Err(Malformed));
        }
    }
}
