#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace rocksdb {
class DB;
class Env;
class WriteBatch;
struct Options;
}  // namespace rocksdb

namespace headgate::session_store::embedded {

// Changes that are written together or not at all. One thread.
class changes {
 public:
  changes();
  ~changes();
  changes(changes&&) noexcept;
  changes& operator=(changes&&) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void clear();
  bool empty() const;

 private:
  friend class rocks;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
};

// A RocksDB database, as much of it as the store needs, set up as tuning.hpp says. One thread at a time; RocksDB has
// threads of its own behind it, which end with it.
class rocks {
 public:
  struct options {
    std::string directory;        // is made if it is not there
    bool sync = false;            // a write is on the disk when write() returns; otherwise the system has it
    rocksdb::Env* env = nullptr;  // of tests that fail; nullptr: the system
  };
  // Or a sentence that says what is wrong and what to do.
  static base::result<std::unique_ptr<rocks>, std::string> open(const options& options);
  ~rocks();

  enum class found : std::uint8_t { yes, no, failed };
  // `value` means something with `yes` only.
  found read(std::string_view key, std::string& value);
  // Whether all of it is written. After a failure nothing more is until recover(): what failed may be written or not.
  bool write(changes& changes);
  // Of every key from `from` on and before `to`, in order; until it returns false.
  using visitor = std::function<bool(std::string_view key, std::string_view value)>;
  // Whether nothing failed. `all`: reads ahead, and leaves the cache as it is.
  bool scan(std::string_view from, std::string_view to, const visitor& visitor, bool all = false);
  // Opens it again after a failure; whether that went well.
  bool recover();
  // That the files are damaged, and what to do.
  std::string damaged() const;
  // The latest failure.
  const std::string& problem() const { return problem_; }

 private:
  explicit rocks(const options& options);
  bool open_again();

  options options_;
  std::unique_ptr<rocksdb::Options> settings_;
  std::unique_ptr<rocksdb::DB> db_;  // nullptr: could not be opened again
  std::string problem_;
};

}  // namespace headgate::session_store::embedded
