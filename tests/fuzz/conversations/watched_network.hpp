#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/assert.hpp"
#include "tests/fuzz/conversations/witness.hpp"
#include "tests/unit/worker/fake_network.hpp"

namespace headgate::fuzz {

// One connection, as the worker's side of the network sees it.
struct line {
  explicit line(common_knowledge& common) : seen_by(common) {}

  witness seen_by;
  bool open = true;
  bool finished = false;       // the server has said that it sends no more
  std::string unfinished;      // the beginning of a packet that the server sends
  std::size_t told_bytes = 0;  // of what waits for the server: the witness has heard of these
};

// The network of one worker, with a witness of each of its connections: what is said is told to it before the worker
// reads it, what is sent when it is handed to the socket, whether the client takes it or not. Numbers of connections
// are used again, as those of sockets are.
class watched_network final : public worker::rim, public proxy::gateway::client_port {
 public:
  explicit watched_network(common_knowledge& common) : common_(common) { inner_.reuse_numbers = true; }

  std::uint32_t connect() {
    const auto client = inner_.connect();
    lines_[client] = std::make_shared<line>(common_);
    return client;
  }
  const std::shared_ptr<line>& line_of(std::uint32_t client) { return lines_[client]; }
  worker::testing::fake_network::end& end(std::uint32_t client) { return inner_[client]; }

  // Every connection breaks, and takes all that it is sent until then.
  void break_all() {
    for (const auto& [client, line] : lines_) {
      if (!line->open) continue;
      auto& end = inner_[client];
      end.to_server.clear();
      end.closed_by_client = true;
      end.takes = ~std::size_t{0};
    }
  }

  // Between two turns: the server never hands over a part of a packet.
  void check_whole_packets() const {
    for (const auto& [client, line] : lines_) HEADGATE_ASSERT(line->unfinished.empty());
  }
  bool is_busy() const { return inner_.last_timeout_ms == 0 || inner_.has_kept(); }

  void poll(int timeout_ms) override { inner_.poll(timeout_ms); }
  bool read_clients(worker::client_events& events) override {
    watched_events watched(*this, events);
    return inner_.read_clients(watched);
  }
  void close_listeners() override { inner_.close_listeners(); }

  std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) override {
    auto& line = *lines_[client];
    HEADGATE_ASSERT(line.open && !line.finished);
    for (const auto part : parts) line.unfinished += base::as_text(part);
    const auto done = for_each_frame(line.unfinished, line.seen_by,
                                     [&](const auto& packet, std::size_t size) { line.seen_by.hears(packet, size); });
    line.unfinished.erase(0, done);
    const auto pending = inner_.send(client, parts);
    inner_[client].to_client.clear();
    return pending;
  }
  void finish(std::uint32_t client) override {
    HEADGATE_ASSERT(lines_[client]->open);
    lines_[client]->finished = true;
    inner_.finish(client);
  }
  void close(std::uint32_t client) override {
    HEADGATE_ASSERT(lines_[client]->open);
    lines_[client]->open = false;
    inner_.close(client);
  }
  void set_reading(std::uint32_t client, bool reading) override {
    HEADGATE_ASSERT(lines_[client]->open);
    inner_.set_reading(client, reading);
  }
  std::string peer_of(std::uint32_t client) const override { return inner_.peer_of(client); }
  proxy::gateway::entrance entrance_of(std::uint32_t client) const override { return inner_.entrance_of(client); }

 private:
  // Passes everything on, and tells the witnesses.
  class watched_events final : public worker::client_events {
   public:
    watched_events(watched_network& network, worker::client_events& inner) : network_(network), inner_(inner) {}

    void accepted(std::uint32_t client) override { inner_.accepted(client); }
    std::size_t received(std::uint32_t client, base::bytes data, std::size_t* packet_size) override {
      const auto line = network_.lines_[client];
      const auto text = base::as_text(data);
      auto& witness = line->seen_by;
      const auto told = line->told_bytes;
      line->told_bytes +=
          for_each_frame(text.substr(told), witness, [&](const auto& packet, std::size_t) { witness.says(packet); });
      const auto done = inner_.received(client, data, packet_size);
      HEADGATE_ASSERT(done <= data.size());
      for_each_frame(text.substr(0, done), witness, [&](const auto& packet, std::size_t) { witness.was_read(packet); });
      line->told_bytes -= std::min(line->told_bytes, done);
      return done;
    }
    void closed(std::uint32_t client) override { inner_.closed(client); }
    void sent(std::uint32_t client, std::uint32_t still_pending) override { inner_.sent(client, still_pending); }

   private:
    watched_network& network_;
    worker::client_events& inner_;
  };

  // The bytes of the whole packets at the start of the text. A visit may tell the version of the next ones.
  template <class Visit>
  static std::size_t for_each_frame(std::string_view text, const witness& witness, Visit visit) {
    std::size_t done = 0;
    for (;;) {
      const auto found = mqtt::next_frame(base::as_bytes(text).subspan(done), 0xffff'ffff, witness.version());
      if (found.what != mqtt::frame_outcome::kind::complete) return done;
      done += found.size;
      visit(found.packet, found.size);
    }
  }

  common_knowledge& common_;
  worker::testing::fake_network inner_;
  std::map<std::uint32_t, std::shared_ptr<line>> lines_;
};

}  // namespace headgate::fuzz
