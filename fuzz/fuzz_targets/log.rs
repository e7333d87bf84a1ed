//! See [`dockeeper_fuzz::log`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::log(data));
