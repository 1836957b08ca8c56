// Virtual clients of a load test against a server that sends anything: bytes, cut anywhere, and ends of connections.
// Nothing may crash, and whoever is closed by the fleet hears no more.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "loadtest/core/fleet.hpp"
#include "loadtest/core/phases.hpp"

namespace {

using namespace headgate;
using namespace headgate::loadtest::core;

class deaf_wire final : public wire {
 public:
  std::vector<bool> is_open;
  std::vector<std::vector<std::uint8_t>> kept;  // of each client, what was no whole packet yet

  void connect(std::uint32_t client) override {
    if (is_open.size() <= client) {
      is_open.resize(client + 1);
      kept.resize(client + 1);
    }
    is_open[client] = true;
    kept[client].clear();
  }
  bool send(std::uint32_t client, base::bytes) override {
    if (!is_open[client]) std::abort();
    return true;
  }
  void close(std::uint32_t client) override { is_open[client] = false; }
};

group a_group(mqtt::version version, mqtt::qos qos, bool is_persistent) {
  group made;
  made.name = "g";
  made.version = version;
  made.client_id = std::get<text_template>(text_template::parse("g%c"));
  made.clean_start = !is_persistent;
  made.session_expiry_s = is_persistent ? 100 : 0;
  made.reconnect.first_ns = 1'000'000;
  made.publish.emplace();
  made.publish->topic = text_template::literal("t");
  made.publish->qos = qos;
  made.publish->window = 5;
  made.subscribe.emplace();
  made.subscribe->filters = {text_template::literal("t")};
  made.subscribe->qos = qos;
  return made;
}

}  // namespace

// The first byte chooses the plan. Then: a byte of two bits for what to do, one for the client, five for a length; the
// bytes themselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto version = static_cast<mqtt::version>(3 + data[0] % 3);
  plan plan;
  plan.groups = {a_group(version, static_cast<mqtt::qos>(data[0] / 3 % 3), (data[0] & 64) != 0)};
  plan.groups[0].clients = 2;
  plan.measuring.warm_up_ns = 0;
  deaf_wire wire;
  const auto fleet = make_fleet(plan, wire, 0);
  std::uint64_t now = second_ns;
  start(*fleet, now);
  on_turn(*fleet, now);
  for (const std::uint8_t* at = data + 1; at < data + size && fleet->phase != phase::over;) {
    const std::uint8_t step = *at++;
    const std::uint32_t client = step >> 2 & 1;
    now += 1'000'000;
    if (wire.is_open.size() > client && wire.is_open[client]) {
      if ((step & 3) == 0) {
        wire.is_open[client] = false;
        on_closed(*fleet, client, "lost", now);
      } else {
        const std::size_t length = std::min<std::size_t>(step >> 3, static_cast<std::size_t>(data + size - at));
        std::vector<std::uint8_t> bytes = std::move(wire.kept[client]);
        bytes.insert(bytes.end(), at, at + length);
        at += length;
        const std::size_t taken = on_bytes(*fleet, client, bytes, now);
        if (taken > bytes.size()) std::abort();
        if (wire.is_open[client]) {
          wire.kept[client].assign(bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
        }
      }
    }
    on_turn(*fleet, now);
  }
  fleet->is_stopped = true;
  for (int turns = 0; turns < 20 && fleet->phase != phase::over; ++turns) on_turn(*fleet, now += second_ns);
  if (fleet->phase != phase::over) std::abort();
  (void)take_results(*fleet, now);
  return 0;
}
