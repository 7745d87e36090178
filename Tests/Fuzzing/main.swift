import Glibc

// Feeds one reader of files with inputs that libFuzzer makes: `FUZZ_READER=NAME fuzz-readers [libFuzzer's arguments]`.
// scripts/fuzz builds and runs it.

exit(FuzzingRun.main())
