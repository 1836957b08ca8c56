#include "rocks/info_log.hpp"

#include <rocksdb/env.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "rocks/thread_sanitizer.hpp"  // for every program that uses RocksDB

namespace headgate::rocks {
namespace {

constexpr std::size_t info_log_bytes = 1UL << 20;

struct close_file {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

class info_log final : public rocksdb::Logger {
 public:
  explicit info_log(const std::string& directory) : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {
    const auto name = directory + "/LOG";
    static_cast<void>(std::rename(name.c_str(), (name + ".old").c_str()));
    file_.reset(std::fopen(name.c_str(), "we"));
  }

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 4096> line;
    const auto size = std::vsnprintf(line.data(), line.size(), format, arguments);
    if (!file_ || size <= 0 || (bytes_ += static_cast<std::size_t>(size)) > info_log_bytes) return;
    std::clearerr(file_.get());
    static_cast<void>(std::fprintf(file_.get(), "%s\n", line.data()));
    static_cast<void>(std::fflush(file_.get()));
  }

 private:
  std::unique_ptr<std::FILE, close_file> file_;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_info_log(const std::string& directory) {
  return std::make_shared<info_log>(directory);
}

}  // namespace headgate::rocks
