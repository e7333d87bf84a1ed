//! See [`dockeeper_fuzz::records`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::records(data));
