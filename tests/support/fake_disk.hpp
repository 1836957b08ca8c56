#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "broker/log/background.hpp"
#include "broker/log/disk.hpp"

namespace headgate::broker::tests {

// A disk in memory that forgets what was not synced, tears writes, is full, is slow, or fails the nth call. The files
// of one directory; outlives all that open() gave.
class fake_disk {
 public:
  struct content {
    std::vector<std::uint8_t> bytes;   // as the system has them
    std::vector<std::uint8_t> synced;  // as the device has them
  };
  using files = std::map<std::string, std::shared_ptr<content>>;

  // What tests set, and look at.
  files names;                                 // as the system has them
  files synced_names;                          // as the device has them
  std::uint64_t capacity = ~std::uint64_t{0};  // bytes of all files
  bool is_cold = false;                        // nothing is in memory: who may not wait is told so
  bool is_dead = false;                        // the process was killed: whatever it still calls does nothing
  std::uint64_t calls = 0;
  std::optional<std::uint64_t> fails_at;  // the number of the call that fails, from 0
  log::errc fails_with = log::errc::failed;
  bool goes_on_failing = false;  // all calls from that one on
  std::uint64_t syncs = 0;
  std::function<void()> before_sync = [] {};
  std::function<void()> before_call = [] {};

  std::unique_ptr<log::directory> open() { return std::make_unique<fake_directory>(*this); }

  // The machine lost power: what was not synced is gone, or part of it is there, as `random` has it.
  void lose_power(base::random_source& random) {
    files left;
    for (auto& [name, content] : synced_names) {
      auto& after = *(left[name] = std::make_shared<struct content>());
      after.bytes = content->synced;
      // The device writes pages in any order: of those that differ some are there.
      const auto& written = content->bytes;
      for (std::size_t at = 0; at < written.size(); at += page) {
        if (random.next() % 2 == 0) continue;
        const auto end = std::min(written.size(), at + page);
        if (after.bytes.size() < end) after.bytes.resize(end);
        std::copy(written.begin() + static_cast<std::ptrdiff_t>(at), written.begin() + static_cast<std::ptrdiff_t>(end),
                  after.bytes.begin() + static_cast<std::ptrdiff_t>(at));
      }
      after.synced = after.bytes;
    }
    names = synced_names = std::move(left);
    is_dead = false;
  }
  // Another process looks at what this one left.
  void restart() {
    is_dead = false;
    fails_at.reset();
  }

  std::uint64_t used() const {
    std::uint64_t sum = 0;
    for (const auto& [name, content] : names) sum += content->bytes.size();
    return sum;
  }

 private:
  static constexpr std::size_t page = 512;

  std::optional<log::errc> call() {
    before_call();
    if (is_dead) return log::errc::failed;
    const auto number = calls++;
    if (fails_at && (number == *fails_at || (goes_on_failing && number > *fails_at))) return fails_with;
    return std::nullopt;
  }

  class fake_file final : public log::file {
   public:
    fake_file(fake_disk& disk, std::shared_ptr<content> content) : disk_(disk), content_(std::move(content)) {}

    log::result<log::nothing> write(std::uint64_t position, std::span<const base::bytes> parts) override {
      const auto error = disk_.call();
      if (disk_.is_dead) return log::errc::failed;
      std::vector<std::uint8_t> data;
      for (const auto& part : parts) data.insert(data.end(), part.begin(), part.end());
      if (error) data.resize(data.size() / 2);
      auto& bytes = content_->bytes;
      bool is_full = false;
      if (const auto end = position + data.size(); end > bytes.size()) {
        const auto room = disk_.capacity - std::min(disk_.capacity, disk_.used());
        is_full = end - bytes.size() > room;
        if (is_full) data.resize(data.size() - (end - bytes.size() - room));
        bytes.resize(std::max<std::size_t>(bytes.size(), position + data.size()));
      }
      std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(position));
      if (error) return *error;
      if (is_full) return log::errc::no_space;
      return log::nothing{};
    }

    log::result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into, log::waiting wait) override {
      if (wait == log::waiting::refused && disk_.is_cold) return log::errc::would_wait;
      if (const auto error = disk_.call()) return *error;
      const auto& bytes = content_->bytes;
      if (position >= bytes.size()) return std::size_t{0};
      const auto size = std::min<std::size_t>(into.size(), bytes.size() - position);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), size, into.begin());
      return size;
    }

    log::result<log::nothing> sync() override {
      if (const auto error = disk_.call()) {
        // As kernels do: what could not be written is taken for written, and is gone.
        if (!disk_.is_dead) content_->bytes = content_->synced;
        return *error;
      }
      disk_.before_sync();
      ++disk_.syncs;
      content_->synced = content_->bytes;
      return log::nothing{};
    }
    log::result<log::nothing> truncate(std::uint64_t size) override {
      if (const auto error = disk_.call()) return *error;
      content_->bytes.resize(size);
      return log::nothing{};
    }
    log::result<std::uint64_t> size() override {
      if (const auto error = disk_.call()) return *error;
      return std::uint64_t{content_->bytes.size()};
    }

   private:
    fake_disk& disk_;
    std::shared_ptr<content> content_;
  };

  class fake_directory final : public log::directory {
   public:
    explicit fake_directory(fake_disk& disk) : disk_(disk) {}

    log::result<std::shared_ptr<log::file>> open(const std::string& name, log::opening how) override {
      if (const auto error = disk_.call()) return *error;
      auto found = disk_.names.find(name);
      if (found == disk_.names.end() && how != log::opening::created) return log::errc::not_found;
      if (found == disk_.names.end()) found = disk_.names.emplace(name, std::make_shared<content>()).first;
      if (how == log::opening::created) found->second->bytes.clear();
      return std::shared_ptr<log::file>(std::make_shared<fake_file>(disk_, found->second));
    }
    log::result<std::vector<std::string>> list() override {
      if (const auto error = disk_.call()) return *error;
      std::vector<std::string> all;
      for (const auto& [name, content] : disk_.names) all.push_back(name);
      return all;
    }
    log::result<log::nothing> rename(const std::string& from, const std::string& to) override {
      if (const auto error = disk_.call()) return *error;
      const auto found = disk_.names.find(from);
      if (found == disk_.names.end()) return log::errc::not_found;
      auto content = found->second;
      disk_.names.erase(found);
      disk_.names[to] = std::move(content);
      return log::nothing{};
    }
    log::result<log::nothing> remove(const std::string& name) override {
      if (const auto error = disk_.call()) return *error;
      disk_.names.erase(name);
      return log::nothing{};
    }
    log::result<log::nothing> sync() override {
      if (const auto error = disk_.call()) return *error;
      disk_.synced_names = disk_.names;
      return log::nothing{};
    }
    log::result<log::disk_space> space() override {
      if (const auto error = disk_.call()) return *error;
      return log::disk_space{disk_.capacity, disk_.capacity - std::min(disk_.capacity, disk_.used())};
    }

   private:
    fake_disk& disk_;
  };
};

// A log thread whose work a test does by hand.
class manual_background final : public log::background {
 public:
  void post(log::urgency urgency, std::function<void()> work) override {
    (urgency == log::urgency::awaited ? awaited_ : idle_).push_back(std::move(work));
  }
  void wait() override { run_all(); }

  bool run_one() {
    auto& works = awaited_.empty() ? idle_ : awaited_;
    if (works.empty()) return false;
    const auto work = std::move(works.front());
    works.pop_front();
    work();
    return true;
  }
  void run_all() {
    while (run_one()) {
    }
  }

 private:
  std::deque<std::function<void()>> awaited_;
  std::deque<std::function<void()>> idle_;
};

}  // namespace headgate::broker::tests
