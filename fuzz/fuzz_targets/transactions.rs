//! See [`dockeeper_fuzz::transactions`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockeeper_fuzz::transactions(data));
