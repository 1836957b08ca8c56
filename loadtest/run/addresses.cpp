#include "loadtest/run/addresses.hpp"

#include <stdexcept>

#include "loadtest/run/clocks.hpp"
#include "net/socket_address.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr std::uint64_t fresh_ns = core::second_ns;

}  // namespace

addresses::addresses(const std::vector<core::target>& targets) {
  for (const core::target& target : targets) {
    known& added = targets_.emplace_back();
    added.target = target;
    added.is_name = !net::is_address(target.host);
    if (!added.is_name) {
      added.addresses = {target.host};
      continue;
    }
    resolver::answer found = resolver::look_up(target.host);
    if (!found.error.empty()) throw std::runtime_error(found.error);
    added.addresses = std::move(found.addresses);
    added.asked_ns = now_ns();
  }
}

addresses::place addresses::find(std::uint32_t client, std::uint32_t attempt, std::uint64_t now_ns) {
  const std::size_t number = (client + attempt) % targets_.size();
  known& of = targets_[number];
  if (of.is_name && (of.is_asked || now_ns - of.asked_ns > fresh_ns)) {
    if (!of.is_asked) resolver_.ask(of.target.host);
    of.is_asked = true;
    of.waiting.push_back(client);
    return {};
  }
  if (of.addresses.empty()) return {{}, of.target.port, number, of.error};
  return {of.addresses[of.turn++ % of.addresses.size()], of.target.port, number, {}};
}

std::vector<std::uint32_t> addresses::take(std::uint64_t now_ns) {
  std::vector<std::uint32_t> waited;
  for (resolver::answer& found : resolver_.take()) {
    for (known& of : targets_) {
      if (!of.is_asked || of.target.host != found.name) continue;
      of.is_asked = false;
      of.asked_ns = now_ns;
      of.addresses = found.addresses;
      of.error = found.error;
      waited.insert(waited.end(), of.waiting.begin(), of.waiting.end());
      of.waiting.clear();
    }
  }
  return waited;
}

}  // namespace headgate::loadtest::run
