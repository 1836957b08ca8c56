#include "net/poller.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace headgate::net {

namespace {

constexpr int events_per_wait = 1024;

bool try_control(int epoll, int operation, int fd, std::uint64_t key, std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.u64 = key;
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

void control(int epoll, int operation, int fd, std::uint64_t key, std::uint32_t interest) {
  if (try_control(epoll, operation, fd, key, interest)) return;
  throw std::system_error(errno, std::system_category(), "epoll_ctl");
}

}  // namespace

poller::poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), events_(events_per_wait * sizeof(epoll_event)) {
  if (!epoll_) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

void poller::add(int fd, std::uint64_t key) {
  control(epoll_.get(), EPOLL_CTL_ADD, fd, key, EPOLLIN);
}

bool poller::try_add(int fd, std::uint64_t key) {
  return try_control(epoll_.get(), EPOLL_CTL_ADD, fd, key, EPOLLIN);
}

void poller::set_interest(int fd, std::uint64_t key, bool read, bool write) {
  control(epoll_.get(), EPOLL_CTL_MOD, fd, key, (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U));
}

void poller::remove(int fd) {
  control(epoll_.get(), EPOLL_CTL_DEL, fd, 0, 0);
}

void poller::wait(int timeout_ms) {
  if (has_event()) return;
  auto* events = reinterpret_cast<epoll_event*>(events_.data());
  found(::epoll_wait(epoll_.get(), events, events_per_wait, timeout_ms), "epoll_wait");
}

void poller::wait_ns(std::uint64_t timeout_ns) {
  if (has_event()) return;
  constexpr std::uint64_t second = 1'000'000'000;
  const timespec timeout{static_cast<time_t>(timeout_ns / second), static_cast<long>(timeout_ns % second)};
  auto* events = reinterpret_cast<epoll_event*>(events_.data());
  found(::epoll_pwait2(epoll_.get(), events, events_per_wait, &timeout, nullptr), "epoll_pwait2");
}

void poller::found(int count, const char* call) {
  next_ = 0;
  count_ = count;
  if (count >= 0) return;
  count_ = 0;
  if (errno != EINTR) throw std::system_error(errno, std::system_category(), call);
}

bool poller::was_full() const {
  return count_ == events_per_wait;
}

poller::event poller::take() {
  const auto& event = reinterpret_cast<const epoll_event*>(events_.data())[next_++];
  const bool broken = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
  return {event.data.u64, broken || (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0, broken};
}

}  // namespace headgate::net
