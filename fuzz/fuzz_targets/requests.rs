//! See [`dockeeper_fuzz::requests`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::requests(data));
