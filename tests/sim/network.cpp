#include "tests/sim/network.hpp"

#include <algorithm>
#include <utility>

#include "base/time.hpp"

namespace headgate::sim {

connection* network::connect() {
  auto& made = all_.emplace_back();
  const auto free = std::find(by_number_.begin(), by_number_.end(), nullptr);
  made.number = static_cast<std::uint32_t>(free - by_number_.begin());
  if (free == by_number_.end()) {
    by_number_.push_back(&made);
  } else {
    *free = &made;
  }
  return &made;
}

// Each step may close the client, whose number then belongs to nobody.
bool network::read_clients(worker::client_events& events) {
  for (std::uint32_t client = 0; client < by_number_.size(); ++client) {
    auto* end = by_number_[client];
    if (end == nullptr) continue;
    if (!std::exchange(end->announced, true)) events.accepted(client);
    if (end->open && end->broken) report_closed(client, events);
    if (end->open && !end->pending.empty()) {
      const auto before = end->pending.size();
      take(*end);
      if (end->pending.size() < before) events.sent(client, static_cast<std::uint32_t>(end->pending.size()));
    }
    if (end->open && end->reading) read(client, *end, events);
    if (end->open && end->reading && end->shut && end->kept == end->to_server.size()) report_closed(client, events);
  }
  return false;
}

void network::read(std::uint32_t client, connection& end, worker::client_events& events) {
  auto size = end.to_server.size();
  if (size > end.kept && dice_.one_in(4)) size = end.kept + dice_.below(size - end.kept + 1);
  if (size <= end.kept) return;
  std::size_t packet_size = 0;
  const std::string data = end.to_server.substr(0, size);
  const auto done = events.received(client, base::as_bytes(data), &packet_size);
  end.to_server.erase(0, done);
  if (!end.open) end.said_goodbye = true;
  // What is kept while reading is stopped comes again when it goes on.
  end.kept = end.reading ? size - done : 0;
}

void network::report_closed(std::uint32_t client, worker::client_events& events) {
  events.closed(client);
  close(client);
}

std::uint32_t network::send(std::uint32_t client, std::span<const base::bytes> parts) {
  auto& end = at(client);
  if (end.broken || !life_.spend()) return 0;
  if (end.watch) show(end, parts);
  for (const auto part : parts) end.pending += base::as_text(part);
  take(end);
  return static_cast<std::uint32_t>(end.pending.size());
}

void network::show(connection& end, std::span<const base::bytes> parts) {
  for (const auto part : parts) end.unwatched += base::as_text(part);
  std::size_t done = 0;
  for (;;) {
    const auto found = mqtt::next_frame(base::as_bytes(end.unwatched).subspan(done), 1U << 24);
    if (found.what != mqtt::frame_outcome::kind::complete) break;
    done += found.size;
    end.watch(found.packet);
  }
  end.unwatched.erase(0, done);
}

void network::finish(std::uint32_t client) {
  auto& end = at(client);
  if (!end.finished) end.ended_ms = clock_.now().monotonic.value;
  end.finished = true;
}

void network::close(std::uint32_t client) {
  auto& end = at(client);
  end.open = false;
  if (!end.finished) end.ended_ms = clock_.now().monotonic.value;
  end.pending.clear();
  by_number_[client] = nullptr;
}

void network::set_reading(std::uint32_t client, bool reading) {
  auto& end = at(client);
  end.reading = reading;
  end.kept = 0;
}

bool network::has_input() const {
  return std::any_of(by_number_.begin(), by_number_.end(), [](const connection* end) {
    if (end == nullptr) return false;
    if (!end->announced || end->broken || (!end->pending.empty() && end->takes > 0)) return true;
    return end->reading && (end->shut || end->to_server.size() > end->kept);
  });
}

void network::give_up_abandoned() {
  for (auto* end : by_number_) {
    if (end != nullptr && end->abandoned) end->broken = true;
  }
}

void network::end_all() {
  for (auto*& end : by_number_) {
    if (end == nullptr) continue;
    if (!end->ended()) end->ended_ms = clock_.now().monotonic.value;
    end->open = false;
    end->pending.clear();
    if (dice_.one_in(2)) end->to_client.resize(dice_.below(end->to_client.size() + 1));
    end = nullptr;
  }
}

void network::take(connection& end) {
  const auto size = std::min(end.takes, end.pending.size());
  end.to_client.append(end.pending, 0, size);
  end.pending.erase(0, size);
  if (end.takes != connection::all) end.takes -= size;
}

}  // namespace headgate::sim
