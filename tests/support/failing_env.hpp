#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace headgate::tests {

// The system as RocksDB sees it, on whose disk nothing more can be written while `broken` or `full`; what was written
// can be read. On a full disk files can still be made. Any thread.
class failing_env final : public rocksdb::EnvWrapper {
 public:
  failing_env() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}

  std::atomic<bool> broken = false;
  std::atomic<bool> full = false;
  std::atomic<int> files = 0;  // that were made
  std::atomic<int> syncs = 0;  // of files that were written

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    if (broken) return failure();
    ++files;
    auto status = target()->NewWritableFile(name, file, options);
    if (status.ok()) *file = std::make_unique<failing_file>(*this, std::move(*file));
    return status;
  }
  rocksdb::Status NewLogger(const std::string& name, std::shared_ptr<rocksdb::Logger>* logger) override {
    return rocksdb::NewEnvLogger(name, this, logger);
  }

 private:
  static rocksdb::Status failure() { return rocksdb::Status::IOError("the test has broken the disk"); }

  class failing_file final : public rocksdb::WritableFileWrapper {
   public:
    failing_file(failing_env& env, std::unique_ptr<rocksdb::WritableFile> file)
        : rocksdb::WritableFileWrapper(file.get()), env_(env), file_(std::move(file)) {}
    using rocksdb::WritableFileWrapper::Append;
    rocksdb::Status Append(const rocksdb::Slice& data) override {
      if (env_.full) return rocksdb::Status::NoSpace("the test has filled the disk");
      return env_.broken ? failure() : file_->Append(data);
    }
    rocksdb::Status Sync() override {
      ++env_.syncs;
      return env_.broken ? failure() : file_->Sync();
    }

   private:
    failing_env& env_;
    std::unique_ptr<rocksdb::WritableFile> file_;
  };
};

}  // namespace headgate::tests
