#include "session-store/embedded/rocks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "rocks/info_log.hpp"
#include "session-store/embedded/tuning.hpp"

namespace headgate::session_store::embedded {
namespace {

rocksdb::Slice slice_of(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view_of(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

rocksdb::Options settings_of(const rocks::options& options) {
  rocksdb::BlockBasedTableOptions table;
  // One shard: one thread reads, and of many small ones each would hold next to nothing.
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes, 0, false, high_priority_share);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(filter_bits_per_key));
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;

  rocksdb::Options settings;
  settings.create_if_missing = true;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  settings.write_buffer_size = write_buffer_bytes;
  settings.max_write_buffer_number = write_buffers;
  settings.max_total_wal_size = max_log_bytes;
  settings.max_open_files = max_open_files;
  settings.max_background_jobs = background_jobs;
  // Values of tens of bytes, written once: nothing to gain, and no library that may be missing elsewhere.
  settings.compression = rocksdb::kNoCompression;
  // After a power cut the log may have holes where the system had not written it yet. What stands before the first one
  // is taken, which are the promised "last seconds"; refusing to start would help nobody.
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  if (options.env != nullptr) settings.env = options.env;
  return settings;
}

std::string damaged_sentence(const std::string& directory, const std::string& what) {
  return "the session store in " + directory + " is damaged (" + what +
         "). Restore the directory from a backup, or move it away: Headgate then starts with an empty one, and clients "
         "that come back begin new sessions.";
}

std::string sentence(const std::string& directory, const rocksdb::Status& status) {
  const auto what = status.ToString();
  // By this process, or by another one.
  if (what.find("lock hold by current process") != std::string::npos ||
      what.find("While lock file") != std::string::npos) {
    return "the session store in " + directory +
           " is in use by another process. Stop that one, or give each its own data_dir.";
  }
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported()) {
    return damaged_sentence(directory, what);
  }
  return "the session store in " + directory + " cannot be opened (" + what +
         "). Headgate needs to read and write this directory, and room on its disk.";
}

}  // namespace

changes::changes() : batch_(std::make_unique<rocksdb::WriteBatch>()) {}
changes::~changes() = default;
changes::changes(changes&&) noexcept = default;
changes& changes::operator=(changes&&) noexcept = default;

// In memory; the only errors are of column families and save points, which there are none of.
void changes::put(std::string_view key, std::string_view value) {
  batch_->Put(slice_of(key), slice_of(value)).PermitUncheckedError();
}

void changes::erase(std::string_view key) {
  batch_->Delete(slice_of(key)).PermitUncheckedError();
}

void changes::clear() {
  batch_->Clear();
}

bool changes::empty() const {
  return batch_->Count() == 0;
}

rocks::rocks(const options& options)
    : options_(options), settings_(std::make_unique<rocksdb::Options>(settings_of(options))) {}

rocks::~rocks() = default;

base::result<std::unique_ptr<rocks>, std::string> rocks::open(const options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return "the directory " + options.directory + " of the session store cannot be made (" + error.message() +
           "). Set data_dir to one that Headgate may write to.";
  }
  std::unique_ptr<rocks> opened(new rocks(options));
  if (!opened->open_again()) return opened->problem_;
  return opened;
}

bool rocks::open_again() {
  settings_->info_log = headgate::rocks::make_info_log(options_.directory);
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(*settings_, options_.directory, &db);
  db_.reset(db);
  if (!status.ok()) problem_ = sentence(options_.directory, status);
  return status.ok();
}

bool rocks::recover() {
  db_.reset();
  return open_again();
}

std::string rocks::damaged() const {
  return damaged_sentence(options_.directory, problem_);
}

rocks::found rocks::read(std::string_view key, std::string& value) {
  if (!db_) return found::failed;
  const auto status = db_->Get(rocksdb::ReadOptions(), slice_of(key), &value);
  if (status.ok()) return found::yes;
  if (status.IsNotFound()) return found::no;
  problem_ = status.ToString();
  return found::failed;
}

bool rocks::write(changes& changes) {
  if (!db_) return false;
  rocksdb::WriteOptions how;
  how.sync = options_.sync;
  const auto status = db_->Write(how, changes.batch_.get());
  if (!status.ok()) problem_ = status.ToString();
  return status.ok();
}

bool rocks::scan(std::string_view from, std::string_view to, const visitor& visitor, bool all) {
  if (!db_) return false;
  const auto end = slice_of(to);
  rocksdb::ReadOptions how;
  how.iterate_upper_bound = &end;
  how.fill_cache = !all;
  if (all) how.readahead_size = scan_ahead_bytes;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(how));
  for (at->Seek(slice_of(from)); at->Valid(); at->Next()) {
    if (!visitor(view_of(at->key()), view_of(at->value()))) break;
  }
  if (!at->status().ok()) problem_ = at->status().ToString();
  return at->status().ok();
}

}  // namespace headgate::session_store::embedded
