#pragma once

namespace headgate::rocks {

// The library of RocksDB is not built with ThreadSanitizer, which therefore sees what it does to memory through memcmp
// and free, and not the atomic counters by which its threads agree about that. What races with it inside is its own.
#ifdef __SANITIZE_THREAD__
extern "C" __attribute__((used)) inline const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n";
}
#endif

}  // namespace headgate::rocks
