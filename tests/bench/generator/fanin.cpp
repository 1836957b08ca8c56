#include <algorithm>

#include "setup.hpp"
#include "workload.hpp"

namespace headgate::bench {

namespace {

// P publishers, clients 1 to P, with one message in flight each, and one subscriber, client 0. A publisher sends its
// next message when the one before has arrived at the subscriber and, at QoS 1, is acknowledged.
class fanin final : public workload {
 public:
  fanin(fleet& clients, const options& chosen)
      : clients_(clients), chosen_(chosen), reader_(chosen.version, chosen.qos, chosen.payload_size) {
    connect_clients(clients, chosen, 1 + chosen.publishers);
    subscribe_clients(clients, chosen, {0, 1, 1, chosen.qos}, [&](std::uint32_t, std::uint32_t) {
      return chosen.own_topics ? std::string{"bench/#"} : topic_of(0, 0);
    });
    watch_clients(clients);
    const message_writer::shape shape{chosen.version, chosen.qos, chosen.payload_size};
    for (std::uint32_t index = 0; index < chosen.publishers; ++index) {
      const std::uint32_t group = chosen.own_topics ? index : 0;
      publishers_.push_back({{shape, index, group, 1, chosen.seed}, {}, {}});
      ready_.push_back(index);
    }
    output_.resize(publishers_[0].writer.packet_size());
  }

  void on_readable(std::uint32_t client) override {
    if (client != 0) {
      publisher& of = publishers_[client - 1];
      clients_.receive(client, [&](const packet& found) { of.acknowledged.take(found, faults_); });
      mark_if_ready(client - 1);
      return;
    }
    clients_.receive(0, [&](const packet& found) {
      const stamp delivered = reader_.read(found, faults_);
      if (delivered.publisher >= publishers_.size()) {
        ++faults_.wrong;
        return;
      }
      publishers_[delivered.publisher].position.take(delivered.sequence, faults_);
      ++deliveries_;
      mark_if_ready(delivered.publisher);
    });
    if (const auto owed = reader_.take_acknowledgements(); !owed.empty()) clients_.send(0, owed);
  }

  void publish(std::uint64_t /*now_ns*/) override {
    for (const std::uint32_t index : ready_) {
      publisher& of = publishers_[index];
      if (!is_idle(of)) continue;
      clients_.send(index + 1, {output_.data(), of.writer.write_next(output_.data(), 0)});
      ++published_;
    }
    ready_.clear();
  }

  bool drained() const override {
    return std::ranges::all_of(publishers_, [this](const publisher& of) { return is_idle(of); });
  }

  faults final_faults() const override {
    faults all = faults_;
    for (const publisher& of : publishers_) {
      all.losses += of.writer.published() - of.position.next;
      if (acknowledges() && of.acknowledged.count != of.writer.published()) ++all.wrong;
    }
    return all;
  }

 private:
  struct publisher {
    message_writer writer;
    delivery_position position;
    acknowledged_position acknowledged;
  };

  bool acknowledges() const { return chosen_.qos != mqtt::qos::at_most_once; }
  bool is_idle(const publisher& of) const {
    return of.position.next >= of.writer.published() &&
           (!acknowledges() || of.acknowledged.count >= of.writer.published());
  }
  void mark_if_ready(std::uint32_t index) {
    if (is_idle(publishers_[index])) ready_.push_back(index);
  }

  fleet& clients_;
  const options& chosen_;
  std::vector<publisher> publishers_;
  std::vector<std::uint32_t> ready_;
  std::vector<std::uint8_t> output_;
  delivery_reader reader_;
  faults faults_;
};

}  // namespace

std::unique_ptr<workload> make_fanin(fleet& clients, const options& chosen) {
  return std::make_unique<fanin>(clients, chosen);
}

}  // namespace headgate::bench
