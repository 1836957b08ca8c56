#include "loadtest/relay/relay.hpp"

#include <algorithm>

#include "net/socket_address.hpp"
#include "net/tcp.hpp"

namespace headgate::loadtest::relay {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;  // from one side in one turn

// Keys of the poller. Connections: generation, from 1 on, above slot and side. Others: 0 is the listener, n the
// watched descriptor n - 1.
constexpr std::uint64_t first_connection_key = std::uint64_t{1} << 32;

}  // namespace

relay::relay(relay_options options)
    : options_(std::move(options)), plan_(options_.seed), log_(options_.on_fault), scratch_(read_bytes) {
  (void)net::parse_address(options_.target_address, options_.target_port);  // throws
  listener_ = net::listen_tcp(options_.listen_address, options_.listen_port);
  port_ = net::local_port(listener_.get());
  poller_.add(listener_.get(), 0);
  now_ns_ = clock_.monotonic_ns();
}

relay::~relay() = default;

std::uint64_t relay::key_of(const connection& at, const side& which) const {
  return std::uint64_t{at.generation} << 32 | std::uint64_t{at.slot} << 1 | (&which == &at.server ? 1U : 0U);
}

connection* relay::find(std::uint64_t key) {
  const auto slot = static_cast<std::uint32_t>(key) >> 1;
  if (key < first_connection_key || slot >= connections_.size()) return nullptr;
  auto* found = connections_[slot].get();
  return found != nullptr && found->generation == key >> 32 ? found : nullptr;
}

bool relay::watch(int fd, std::function<void()> readable) {
  if (!poller_.try_add(fd, watched_.size() + 1)) return false;
  watched_.push_back({fd, std::move(readable)});
  return true;
}

void relay::unwatch(int fd) {
  const auto found = std::ranges::find(watched_, fd, &watched::fd);
  if (found == watched_.end()) return;
  poller_.remove(fd);
  *found = {};
}

int relay::timeout_of(int timeout_ms) {
  auto next_ns = std::min(next_stall_ns_, listen_again_ns_);
  if (!timers_.empty()) next_ns = std::min(next_ns, timers_.top().at_ns);
  if (next_ns == for_ever) return timeout_ms;
  const auto now_ns = clock_.monotonic_ns();
  if (next_ns <= now_ns) return 0;
  constexpr std::uint64_t most_ms = 1'000'000;
  const auto wait_ms = static_cast<int>(std::min(most_ms, (next_ns - now_ns + 999'999) / 1'000'000));
  return timeout_ms < 0 ? wait_ms : std::min(timeout_ms, wait_ms);
}

void relay::step(int timeout_ms) {
  poller_.wait(timeout_of(timeout_ms));
  now_ns_ = clock_.monotonic_ns();
  while (poller_.has_event()) handle(poller_.take());
  run_timers();
}

void relay::run_timers() {
  if (next_stall_ns_ <= now_ns_) next_stall_ns_ = plan_.report_stalls(now_ns_, log_);
  if (listen_again_ns_ <= now_ns_) {
    listen_again_ns_ = for_ever;
    poller_.set_interest(listener_.get(), 0, true, false);
  }
  while (!timers_.empty() && timers_.top().at_ns <= now_ns_) {
    const auto due = timers_.top();
    timers_.pop();
    auto* at = find(due.key);
    if (at == nullptr) continue;
    const auto way = (due.key & 1) == 0 ? direction::up : direction::down;
    if (at->of(way).timer_ns != due.at_ns) continue;  // an earlier one was set
    at->of(way).timer_ns = for_ever;
    settle(*at);
  }
}

}  // namespace headgate::loadtest::relay
