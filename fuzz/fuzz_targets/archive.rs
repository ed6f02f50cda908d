#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| icepath_fuzz::archive(data));
