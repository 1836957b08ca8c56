#include <algorithm>

#include "setup.hpp"
#include "workload.hpp"

namespace headgate::bench {

namespace {

// One publisher, client 0, and S subscribers of its one topic, clients 1 to S. The window is that of the slowest
// subscriber.
class fanout final : public workload {
 public:
  fanout(fleet& clients, const options& chosen)
      : clients_(clients),
        chosen_(chosen),
        writer_({chosen.version, chosen.qos, chosen.payload_size}, 0, 0, 1, chosen.seed),
        positions_(chosen.subscribers),
        passed_(chosen.window),
        output_(writer_.packet_size() * chosen.window),
        reader_(chosen.version, chosen.qos, chosen.payload_size) {
    connect_clients(clients, chosen, 1 + chosen.subscribers);
    subscribe_clients(clients, chosen, {1, chosen.subscribers, 1, chosen.qos},
                      [](std::uint32_t, std::uint32_t) { return topic_of(0, 0); });
    watch_clients(clients);
  }

  void on_readable(std::uint32_t client) override {
    if (client == 0) {
      clients_.receive(0, [&](const packet& found) { acknowledged_.take(found, faults_); });
      return;
    }
    delivery_position& position = positions_[client - 1];
    const std::uint64_t before = position.next;
    std::uint64_t received = 0;
    clients_.receive(client, [&](const packet& found) {
      position.take(reader_.read(found, faults_).sequence, faults_);
      ++received;
    });
    deliveries_ += received;
    for (std::uint64_t sequence = before; sequence < position.next; ++sequence) ++passed_[sequence % passed_.size()];
    if (const auto owed = reader_.take_acknowledgements(); !owed.empty()) clients_.send(client, owed);
  }

  void publish(std::uint64_t /*now_ns*/) override {
    while (slowest_ < published_ && passed_[slowest_ % passed_.size()] == positions_.size()) {
      passed_[slowest_++ % passed_.size()] = 0;
    }
    std::uint8_t* end = output_.data();
    for (; published_ - slowest_ < chosen_.window; ++published_) end = writer_.write_next(end, 0);
    if (end != output_.data()) clients_.send(0, {output_.data(), end});
  }

  bool drained() const override {
    const bool acknowledged = chosen_.qos == mqtt::qos::at_most_once || acknowledged_.count >= published_;
    return acknowledged &&
           std::ranges::all_of(positions_, [this](const delivery_position& of) { return of.next >= published_; });
  }

  faults final_faults() const override {
    faults all = faults_;
    for (const delivery_position& position : positions_) all.losses += published_ - position.next;
    if (chosen_.qos != mqtt::qos::at_most_once && acknowledged_.count != published_) ++all.wrong;
    return all;
  }

 private:
  fleet& clients_;
  const options& chosen_;
  message_writer writer_;
  acknowledged_position acknowledged_;
  std::vector<delivery_position> positions_;
  std::vector<std::uint64_t> passed_;  // for each sequence number within the window, how many subscribers are past it
  std::uint64_t slowest_ = 0;          // all subscribers are past every sequence number below
  std::vector<std::uint8_t> output_;
  delivery_reader reader_;
  faults faults_;
};

}  // namespace

std::unique_ptr<workload> make_fanout(fleet& clients, const options& chosen) {
  return std::make_unique<fanout>(clients, chosen);
}

}  // namespace headgate::bench
