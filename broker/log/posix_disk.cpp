#include "broker/log/posix_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace headgate::broker::log {

namespace {

// As many parts as the system takes in one call (IOV_MAX is 1,024 on Linux).
constexpr std::size_t parts_per_call = 1024;
// The system takes memory for a write in pieces as large as the write allows, and large pieces are those that nobody
// has used lately: at best cold, and in a virtual machine taken back by the host, which gives it again page by page. A
// megabyte at a time cost the worker three times as much as this.
constexpr std::size_t bytes_per_call = 128 * 1024;

errc errc_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return errc::no_space;
    case ENOENT:
      return errc::not_found;
    case EAGAIN:
      return errc::would_wait;
    case EACCES:
    case EPERM:
    case EROFS:
    case EMFILE:
    case ENFILE:
      return errc::not_allowed;
    default:
      return errc::failed;
  }
}

result<nothing> done_or_error(int answer) {
  if (answer == 0) return nothing{};
  return errc_of(errno);
}

class posix_file final : public file {
 public:
  explicit posix_file(int fd) : fd_(fd) {}
  ~posix_file() override { ::close(fd_); }
  posix_file(const posix_file&) = delete;
  posix_file& operator=(const posix_file&) = delete;

  result<nothing> write(std::uint64_t position, std::span<const base::bytes> parts) override {
    std::array<iovec, parts_per_call> vectors;
    std::size_t in_first = 0;  // of parts[0], what is written already
    while (!parts.empty()) {
      std::size_t count = 0;
      for (auto room = bytes_per_call; room > 0 && count < std::min(parts.size(), vectors.size()); ++count) {
        const auto whole = count == 0 ? parts[count].subspan(in_first) : parts[count];
        const auto part = whole.first(std::min(whole.size(), room));
        vectors[count] = {const_cast<std::uint8_t*>(part.data()), part.size()};
        room -= part.size();
      }
      const auto written = ::pwritev(fd_, vectors.data(), static_cast<int>(count), static_cast<off_t>(position));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errc_of(errno);
      position += static_cast<std::uint64_t>(written);
      auto left = static_cast<std::size_t>(written) + in_first;
      // A disk that is full ends a write in its middle: the rest is tried again, and tells why.
      while (!parts.empty() && left >= parts.front().size()) {
        left -= parts.front().size();
        parts = parts.subspan(1);
      }
      in_first = left;
    }
    return nothing{};
  }

  result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into, waiting wait) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      const iovec rest{into.data() + filled, into.size() - filled};
      const auto flags = wait == waiting::refused ? RWF_NOWAIT : 0;
      const auto got = ::preadv2(fd_, &rest, 1, static_cast<off_t>(position + filled), flags);
      if (got < 0 && errno == EINTR) continue;
      // File systems without RWF_NOWAIT leave all reading to the log thread.
      if (got < 0 && wait == waiting::refused && errno == EOPNOTSUPP) return errc::would_wait;
      if (got < 0) return errc_of(errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

  result<nothing> sync() override { return done_or_error(::fdatasync(fd_)); }
  result<nothing> truncate(std::uint64_t size) override {
    return done_or_error(::ftruncate(fd_, static_cast<off_t>(size)));
  }
  result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return errc_of(errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  int fd_;
};

class posix_directory final : public directory {
 public:
  posix_directory(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~posix_directory() override { ::close(fd_); }
  posix_directory(const posix_directory&) = delete;
  posix_directory& operator=(const posix_directory&) = delete;

  result<std::shared_ptr<file>> open(const std::string& name, opening how) override {
    const int flags = how == opening::to_read   ? O_RDONLY
                      : how == opening::created ? O_RDWR | O_CREAT | O_TRUNC
                                                : O_RDWR;
    const int fd = ::openat(fd_, name.c_str(), O_CLOEXEC | flags, 0600);
    if (fd < 0) return errc_of(errno);
    return std::shared_ptr<file>(std::make_shared<posix_file>(fd));
  }

  result<std::vector<std::string>> list() override {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(path_.c_str()), &::closedir);
    if (!entries) return errc_of(errno);
    std::vector<std::string> names;
    errno = 0;
    while (const auto* entry = ::readdir(entries.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) return errc_of(errno);
    return names;
  }

  result<nothing> rename(const std::string& from, const std::string& to) override {
    return done_or_error(::renameat(fd_, from.c_str(), fd_, to.c_str()));
  }
  result<nothing> remove(const std::string& name) override {
    if (::unlinkat(fd_, name.c_str(), 0) != 0 && errno != ENOENT) return errc_of(errno);
    return nothing{};
  }
  result<nothing> sync() override { return done_or_error(::fsync(fd_)); }

  result<disk_space> space() override {
    struct statvfs answer {};
    if (::fstatvfs(fd_, &answer) != 0) return errc_of(errno);
    return disk_space{answer.f_blocks * answer.f_frsize, answer.f_bavail * answer.f_frsize};
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace

result<std::unique_ptr<directory>> make_posix_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    // The new name is on the device before anything is in the directory that has to be.
    auto above = open_posix_directory(path + "/..");
    if (!above) return above.error();
    if (auto synced = (*above)->sync(); !synced) return synced.error();
  } else if (errno != EEXIST) {
    return errc_of(errno);
  }
  return open_posix_directory(path);
}

result<std::unique_ptr<directory>> open_posix_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errc_of(errno);
  return std::unique_ptr<directory>(std::make_unique<posix_directory>(path, fd));
}

}  // namespace headgate::broker::log
