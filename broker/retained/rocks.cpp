#include "broker/retained/rocks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/write_batch_with_index.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "broker/retained/tuning.hpp"
#include "rocks/info_log.hpp"

namespace headgate::broker::retained {

// What an iterator points to as long as it is there.
struct cursor_bound {
  rocksdb::Slice end;
  rocksdb::ReadOptions how;
};

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
  settings.wal_bytes_per_sync = log_bytes_per_sync;
  settings.allow_concurrent_memtable_write = false;  // one thread writes
  settings.max_open_files = max_open_files;
  settings.max_background_jobs = background_jobs;
  // Payloads are compressed by those who send them or not worth it; and no library that may be missing elsewhere.
  settings.compression = rocksdb::kNoCompression;
  // After a power cut the log may have holes where the system had not written it yet. What stands before the first one
  // is taken; the rest is read from the shard's log.
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  if (options.env != nullptr) settings.env = options.env;
  return settings;
}

std::string damaged_sentence(const std::string& directory, const std::string& what) {
  return "the retained messages in " + directory + " are damaged (" + what +
         "). Restore the directory from a backup, or move it away: Headgate then takes from the log the retained "
         "messages that it still has.";
}

std::string sentence(const std::string& directory, const rocksdb::Status& status) {
  const auto what = status.ToString();
  // By this process, or by another one.
  if (what.find("lock hold by current process") != std::string::npos ||
      what.find("While lock file") != std::string::npos) {
    return "the retained messages in " + directory +
           " are in use by another process. Stop that one, or give each its own data_dir.";
  }
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported()) {
    return damaged_sentence(directory, what);
  }
  return "the retained messages in " + directory + " cannot be opened (" + what +
         "). Headgate needs to read and write this directory, and room on its disk.";
}

// Copies the changes of a batch over those that are kept.
class keeper final : public rocksdb::WriteBatch::Handler {
 public:
  explicit keeper(rocksdb::WriteBatchWithIndex& to) : to_(to) {}
  void Put(const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    to_.Put(key, value).PermitUncheckedError();  // in memory, like those of `changes`
  }
  void Delete(const rocksdb::Slice& key) override { to_.Delete(key).PermitUncheckedError(); }

 private:
  rocksdb::WriteBatchWithIndex& to_;
};

}  // namespace

changes::changes() : batch_(std::make_unique<rocksdb::WriteBatch>()) {}
changes::~changes() = default;
changes::changes(changes&&) noexcept = default;
changes& changes::operator=(changes&&) noexcept = default;

// In memory; the only errors are of column families and save points, which there are none of.
void changes::put(std::string_view key, std::span<const std::string_view> parts) {
  std::array<rocksdb::Slice, 3> slices;
  std::size_t count = 0;
  for (const auto part : parts) slices.at(count++) = slice_of(part);
  const auto whole_key = slice_of(key);
  batch_->Put(rocksdb::SliceParts(&whole_key, 1), rocksdb::SliceParts(slices.data(), static_cast<int>(count)))
      .PermitUncheckedError();
}

void changes::erase(std::string_view key) {
  batch_->Delete(slice_of(key)).PermitUncheckedError();
}

// Memory of a burst is given back.
void changes::clear() {
  if (batch_->GetDataSize() > 4 * gather_bytes) {
    batch_ = std::make_unique<rocksdb::WriteBatch>();
  } else {
    batch_->Clear();
  }
}

bool changes::empty() const {
  return batch_->Count() == 0;
}

std::size_t changes::bytes() const {
  return empty() ? 0 : batch_->GetDataSize();
}

rocks::rocks(const options& options)
    : options_(options), settings_(std::make_unique<rocksdb::Options>(settings_of(options))) {}

rocks::~rocks() = default;

base::result<std::unique_ptr<rocks>, std::string> rocks::open(const options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return "the directory " + options.directory + " of the retained messages cannot be made (" + error.message() +
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

bool rocks::note(const std::string& problem) {
  problem_ = problem;
  return false;
}

rocks::found rocks::read(std::string_view key, std::string& value) {
  if (!db_) return found::failed;
  const rocksdb::ReadOptions how;
  const auto status =
      kept_ ? kept_->GetFromBatchAndDB(db_.get(), how, slice_of(key), &value) : db_->Get(how, slice_of(key), &value);
  if (status.ok()) return found::yes;
  if (status.IsNotFound()) return found::no;
  note(status.ToString());
  return found::failed;
}

bool rocks::write(changes& changes) {
  if (!db_) return false;
  const auto status = db_->Write(rocksdb::WriteOptions(), changes.batch_.get());
  return status.ok() || note(status.ToString());
}

void rocks::keep(changes& changes) {
  if (!kept_) kept_ = std::make_unique<rocksdb::WriteBatchWithIndex>(rocksdb::BytewiseComparator(), 0, true);
  keeper keeper(*kept_);
  changes.batch_->Iterate(&keeper).PermitUncheckedError();
}

// A database that has failed still reads, and opening it anew needs a disk that can be written: so it is left alone
// until there is one.
bool rocks::recover() {
  if (!db_ || !db_->Resume().ok()) {
    if (!disk_takes_files()) return false;
    db_.reset();
    if (!open_again()) return false;
  }
  if (!kept_) return true;
  const auto status = db_->Write(rocksdb::WriteOptions(), kept_->GetWriteBatch());
  if (!status.ok()) return note(status.ToString());
  kept_.reset();
  return true;
}

bool rocks::disk_takes_files() {
  const auto name = options_.directory + "/disk-check";
  auto& env = *settings_->env;
  std::unique_ptr<rocksdb::WritableFile> file;
  auto status = env.NewWritableFile(name, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Append("can be written");
  if (status.ok()) status = file->Sync();
  if (file) file->Close().PermitUncheckedError();
  env.DeleteFile(name).PermitUncheckedError();
  return status.ok() || note(status.ToString());
}

bool rocks::has_any_key() {
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions()));
  at->SeekToFirst();
  return at->Valid() || !at->status().ok();
}

std::uint64_t rocks::bytes_of(const key_prefix& one, const key_prefix& other) const {
  if (!db_) return 0;
  const std::array ends{one.end(), other.end()};
  const std::array<rocksdb::Range, 2> ranges{rocksdb::Range(slice_of(one.view()), ends[0]),
                                             rocksdb::Range(slice_of(other.view()), ends[1])};
  std::array<std::uint64_t, 2> sizes{};
  rocksdb::SizeApproximationOptions how;
  how.include_memtables = true;
  const auto status = db_->GetApproximateSizes(how, db_->DefaultColumnFamily(), ranges.data(), 2, sizes.data());
  return status.ok() ? sizes[0] + sizes[1] : 0;
}

std::string rocks::damaged() const {
  return damaged_sentence(options_.directory, problem_);
}

rocks::cursor::cursor(rocks& rocks, std::string_view prefix, std::string end, bool all)
    : rocks_(rocks), key_(prefix), prefix_size_(prefix.size()), end_(std::move(end)), all_(all) {}

// Only when it is used: most walks for new subscriptions find no topic, and need no values.
void rocks::cursor::begin() {
  bound_ = std::make_unique<cursor_bound>();
  bound_->end = end_;
  bound_->how.iterate_upper_bound = &bound_->end;
  bound_->how.fill_cache = !all_;
  if (all_) bound_->how.readahead_size = scan_ahead_bytes;
  at_.reset(rocks_.db_->NewIterator(bound_->how));
  if (!rocks_.kept_) return;
  at_.reset(rocks_.kept_->NewIteratorWithBase(rocks_.db_->DefaultColumnFamily(), at_.release(), &bound_->how));
}

rocks::cursor::~cursor() = default;

bool rocks::cursor::seek(std::string_view rest) {
  if (!at_) begin();
  key_.resize(prefix_size_);
  key_ += rest;
  at_->Seek(key_);
  return valid();
}

bool rocks::cursor::next() {
  at_->Next();
  return valid();
}

// Changes that are kept know of no bound.
bool rocks::cursor::valid() const {
  return at_ && at_->Valid() && view_of(at_->key()).starts_with(std::string_view(key_).substr(0, prefix_size_));
}

std::string_view rocks::cursor::key() const {
  return view_of(at_->key());
}

std::string_view rocks::cursor::rest() const {
  return key().substr(prefix_size_);
}

std::string_view rocks::cursor::value() const {
  return view_of(at_->value());
}

bool rocks::cursor::failed() const {
  return at_ && !at_->status().ok();
}

}  // namespace headgate::broker::retained
