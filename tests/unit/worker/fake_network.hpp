#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log_sink.hpp"
#include "base/mailbox.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "proxy/gateway/client_port.hpp"
#include "worker/rim.hpp"

namespace headgate::worker::testing {

// A clock that a test moves by hand. The fine one moves with it, and may tick by itself each time it is read.
class manual_clock final : public base::clock {
 public:
  base::instant now() override { return now_; }
  std::uint64_t monotonic_ns() override {
    ++fine_reads;
    ticks_ns_ += ns_per_read;
    return now_.monotonic.value * 1'000'000 + ticks_ns_;
  }
  void advance_ms(std::uint64_t ms) {
    now_.monotonic.value += ms;
    now_.wall.value += ms;
  }
  // The fine clock alone.
  void advance_us(std::uint64_t us) { ticks_ns_ += us * 1000; }

  std::uint64_t ns_per_read = 0;
  std::uint64_t fine_reads = 0;

 private:
  std::uint64_t ticks_ns_ = 0;
  base::instant now_{base::monotonic_ms{1'000'000}, base::wall_ms{1'700'000'000'000}};
};

class silent_waker final : public base::waker {
 public:
  void wake() override {}
};

class recording_log final : public base::log_sink {
 public:
  struct entry {
    base::severity severity{};
    std::string event;
    std::string text;
    std::map<std::string, std::string> fields;
  };

  void write(const base::log_line& line) override {
    lines.push_back({line.severity, std::string(line.event), std::string(line.text), {}});
    for (const auto& field : line.fields) lines.back().fields.emplace(field.name, field.value);
  }
  // Those of one kind.
  std::vector<entry> of(std::string_view event) const {
    std::vector<entry> found;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
                 [&](const entry& each) { return each.event == event; });
    return found;
  }
  std::vector<entry> lines;
};

// Clients without sockets: what a test sends waits here until the worker reads, what the worker sends is kept for the
// test. How much a client takes before it blocks can be set.
class fake_network final : public rim, public proxy::gateway::client_port {
 public:
  struct end {
    bool open = false;
    bool announced = false;
    bool half_closed_by_server = false;
    bool closed_by_client = false;
    bool reading = true;
    bool kept = false;  // reading goes on, and something came before it was stopped
    std::string to_server;
    std::string to_client;
    std::string pending;                  // what the client did not take
    std::size_t takes = ~std::size_t{0};  // bytes that it takes until told otherwise
    std::uint64_t sends = 0;
  };

  std::uint32_t connect() {
    const auto client = numbers_.acquire();
    ends_[client] = {};
    ends_[client].open = true;
    return client;
  }
  end& operator[](std::uint32_t client) { return ends_[client]; }

  void poll(int timeout_ms) override { last_timeout_ms = timeout_ms; }

  bool read_clients(client_events& events) override {
    for (auto& [client, end] : ends_) {
      if (!end.open) continue;
      if (!std::exchange(end.announced, true)) events.accepted(client);
      drain(client, end, events);
      if (end.reading && !end.to_server.empty()) read(client, end, events);
      if (end.open && end.closed_by_client && end.to_server.empty()) {
        events.closed(client);
        close(client);
      }
    }
    return false;
  }
  void close_listeners() override { listening = false; }

  std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) override {
    auto& end = ends_[client];
    ++end.sends;
    for (const auto part : parts) end.pending += base::as_text(part);
    take(end);
    return static_cast<std::uint32_t>(end.pending.size());
  }
  void finish(std::uint32_t client) override { ends_[client].half_closed_by_server = true; }
  void close(std::uint32_t client) override {
    ends_[client].open = false;
    if (reuse_numbers) numbers_.release(client);
  }
  void set_reading(std::uint32_t client, bool reading) override {
    auto& end = ends_[client];
    if (!reading) ++stops_;
    end.reading = reading;
    end.kept = reading && !end.to_server.empty();
  }
  std::string peer_of(std::uint32_t client) const override { return "192.0.2.1:" + std::to_string(client); }
  proxy::gateway::entrance entrance_of(std::uint32_t) const override { return entrance; }

  // Whether the next read_clients() hands something over that was kept.
  bool has_kept() const {
    return std::any_of(ends_.begin(), ends_.end(),
                       [](const auto& each) { return each.second.open && each.second.kept; });
  }

  proxy::gateway::entrance entrance{"tcp", true, {}, {}};  // of all clients
  int last_timeout_ms = 0;
  bool listening = true;
  bool reuse_numbers = false;  // as real sockets do; tests that look at closed clients keep them apart

 private:
  static void take(end& end) {
    const auto size = std::min(end.takes, end.pending.size());
    end.to_client += end.pending.substr(0, size);
    end.pending.erase(0, size);
    if (end.takes != ~std::size_t{0}) end.takes -= size;
  }

  static void drain(std::uint32_t client, end& end, client_events& events) {
    if (end.pending.empty()) return;
    const auto before = end.pending.size();
    take(end);
    if (end.pending.size() < before) events.sent(client, static_cast<std::uint32_t>(end.pending.size()));
  }

  void read(std::uint32_t client, end& end, client_events& events) {
    end.kept = false;
    const auto data = std::exchange(end.to_server, {});
    std::size_t packet_size = 0;
    const auto stops = stops_;
    const auto done = events.received(client, base::as_bytes(data), &packet_size);
    if (!end.open || done == data.size()) return;
    end.to_server = data.substr(done) + end.to_server;
    end.kept = end.reading && stops_ != stops;  // stopped and gone on within the call
  }

  std::uint64_t stops_ = 0;
  base::slab<int> numbers_;
  std::map<std::uint32_t, end> ends_;
};

}  // namespace headgate::worker::testing
