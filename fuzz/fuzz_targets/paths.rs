//! See [`dockeeper_fuzz::paths`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::paths(data));
