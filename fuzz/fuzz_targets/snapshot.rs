//! See [`dockeeper_fuzz::snapshot`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::snapshot(data));
