#include "loadtest/run/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace headgate::loadtest::run {

resolver::resolver() : thread_([this] { run(); }) {}

resolver::~resolver() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void resolver::ask(std::string name) {
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back(std::move(name));
  }
  asked_.notify_one();
}

std::vector<resolver::answer> resolver::take() {
  answered_.clear();
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

resolver::answer resolver::look_up(const std::string& name) {
  answer found{name, {}, {}};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    found.error = "the name '" + name + "' cannot be resolved: " + ::gai_strerror(error);
    return found;
  }
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    if (std::ranges::find(found.addresses, text.data()) == found.addresses.end())
      found.addresses.emplace_back(text.data());
  }
  ::freeaddrinfo(list);
  if (found.addresses.empty()) found.error = "the name '" + name + "' has no address";
  return found;
}

void resolver::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return ends_ || !questions_.empty(); });
    if (ends_) return;
    const std::string name = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    answer found = look_up(name);
    lock.lock();
    answers_.push_back(std::move(found));
    answered_.wake();
  }
}

}  // namespace headgate::loadtest::run
