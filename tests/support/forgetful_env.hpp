#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace headgate::tests {

// The system as RocksDB sees it, on a disk that forgets what was not synced when the power is cut, and that takes only
// so many writes if a test says so; what was written can be read. Any thread.
class forgetful_env final : public rocksdb::EnvWrapper {
 public:
  forgetful_env() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}

  static constexpr int any_number = -1;
  std::atomic<int> writes_left = any_number;  // then all fail

  // When nobody has files open: each is as it was when it was synced last.
  void cut_power() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, size] : synced_) {
      std::error_code gone;
      if (std::filesystem::exists(name, gone)) std::filesystem::resize_file(name, size, gone);
    }
    synced_.clear();
  }

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    if (!may_write()) return failure();
    auto status = target()->NewWritableFile(name, file, options);
    if (!status.ok()) return status;
    note_synced(name, 0);
    *file = std::make_unique<forgetful_file>(*this, name, std::move(*file));
    return status;
  }
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = synced_.find(from); found != synced_.end()) {
        synced_[to] = found->second;
        synced_.erase(found);
      }
    }
    return target()->RenameFile(from, to);
  }

 private:
  static rocksdb::Status failure() { return rocksdb::Status::IOError("the test has broken the disk"); }
  bool may_write() {
    auto left = writes_left.load();
    while (left > 0 && !writes_left.compare_exchange_weak(left, left - 1)) continue;
    return left != 0;
  }
  void note_synced(const std::string& name, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    synced_[name] = size;
  }

  class forgetful_file final : public rocksdb::WritableFileWrapper {
   public:
    forgetful_file(forgetful_env& env, std::string name, std::unique_ptr<rocksdb::WritableFile> file)
        : rocksdb::WritableFileWrapper(file.get()), env_(env), name_(std::move(name)), file_(std::move(file)) {}
    using rocksdb::WritableFileWrapper::Append;
    rocksdb::Status Append(const rocksdb::Slice& data) override {
      if (!env_.may_write()) return failure();
      size_ += data.size();
      return file_->Append(data);
    }
    rocksdb::Status Sync() override {
      if (!env_.may_write()) return failure();
      const auto status = file_->Sync();
      if (status.ok()) env_.note_synced(name_, size_);
      return status;
    }

   private:
    forgetful_env& env_;
    std::string name_;
    std::unique_ptr<rocksdb::WritableFile> file_;
    std::uint64_t size_ = 0;
  };

  std::mutex mutex_;
  std::map<std::string, std::uint64_t> synced_;  // how much of each file
};

}  // namespace headgate::tests
