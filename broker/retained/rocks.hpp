#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "broker/retained/keys.hpp"

namespace rocksdb {
class DB;
class Env;
class Iterator;
class WriteBatch;
class WriteBatchWithIndex;
struct Options;
}  // namespace rocksdb

namespace headgate::broker::retained {

struct cursor_bound;

// Changes that are written together or not at all, the later ones over the earlier ones. One thread at a time.
class changes {
 public:
  changes();
  ~changes();
  changes(changes&&) noexcept;
  changes& operator=(changes&&) noexcept;

  // The value in parts, one behind the other.
  void put(std::string_view key, std::span<const std::string_view> parts);
  void put(std::string_view key, std::string_view value) { put(key, {&value, 1}); }
  void erase(std::string_view key);
  void clear();
  bool empty() const;
  std::size_t bytes() const;

 private:
  friend class rocks;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
};

// A RocksDB database, as much of it as retained messages need, set up as tuning.hpp says. Changes that could not be
// written may be kept over it, in memory: reads see them, until recover() has written them. One thread at a time;
// RocksDB has threads of its own behind it, which end with it.
//
// Writes go to the write-ahead log and are never synced. When the process is killed the system has all of them; a power
// cut takes the newest, whole batches, and with each the place in the shard's log that it says. What is missing is read
// from there again, as safe as the policy of that log makes it. So much of the log has to be there: it loses its oldest
// segments hours or days after they were written, the system writes files out within seconds.
class rocks {
 public:
  struct options {
    std::string directory;        // is made if it is not there
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
  void keep(changes& changes);
  // After a failure: whether the database can be written again, and all that was kept is.
  bool recover();
  // Not between a failure and its end, sometimes: then nothing can be read.
  bool is_open() const { return db_ != nullptr; }

  // Goes through the keys that begin with a prefix, in order. No writes while there is one.
  class cursor {
   public:
    ~cursor();
    // The first whose rest is at `rest` or behind; then on. Whether there is one.
    bool seek(std::string_view rest);
    bool next();
    bool valid() const;
    std::string_view key() const;
    std::string_view rest() const;  // of the key, behind the prefix
    std::string_view value() const;
    // Whether it ended because something cannot be read.
    bool failed() const;

   private:
    friend class rocks;
    cursor(rocks& rocks, std::string_view prefix, std::string end, bool all);
    void begin();

    rocks& rocks_;
    std::string key_;  // kept, so that seeking does not allocate
    std::size_t prefix_size_;
    std::string end_;
    bool all_;
    std::unique_ptr<cursor_bound> bound_;
    std::unique_ptr<rocksdb::Iterator> at_;
  };
  // `all`: reads ahead, and leaves the cache as it is.
  cursor walk(const key_prefix& prefix, bool all = false) { return {*this, prefix.view(), prefix.end(), all}; }
  cursor walk(char kind, bool all = false) {
    return {*this, {&kind, 1}, std::string(1, static_cast<char>(kind + 1)), all};
  }
  bool has_any_key();
  // About what stands on the disk and in memory under these prefixes, in bytes.
  std::uint64_t bytes_of(const key_prefix& one, const key_prefix& other) const;

  // That the files are damaged, and what to do.
  std::string damaged() const;
  // The latest failure.
  const std::string& problem() const { return problem_; }

 private:
  explicit rocks(const options& options);
  bool open_again();
  bool disk_takes_files();
  bool note(const std::string& problem);

  options options_;
  std::unique_ptr<rocksdb::Options> settings_;
  std::unique_ptr<rocksdb::WriteBatchWithIndex> kept_;  // nullptr: nothing
  std::unique_ptr<rocksdb::DB> db_;                     // nullptr: could not be opened again
  std::string problem_;
};

}  // namespace headgate::broker::retained
