#include "pairs.hpp"

#include <algorithm>

#include "clock.hpp"
#include "setup.hpp"

namespace headgate::bench {

namespace {

// Packet ids must not come around while one is unacknowledged.
constexpr std::uint64_t maximum_unacknowledged = 60'000;

}  // namespace

pairs::pairs(fleet& clients, const options& chosen)
    : clients_(clients),
      chosen_(chosen),
      reads_clock_(chosen.workload == "latency"),
      reader_(chosen.version, chosen.qos, chosen.payload_size) {
  connect_clients(clients, chosen, 2 * chosen.pairs);
  if (chosen.subscribes > 0) churn_ = std::make_unique<subscribe_churn>(clients, chosen);
  subscribe_clients(clients, chosen, {chosen.pairs, chosen.pairs, chosen.topics_per_pair, chosen.qos}, topic_of);
  watch_clients(clients);
  const message_writer::shape shape{chosen.version, chosen.qos, chosen.payload_size};
  for (std::uint32_t index = 0; index < chosen.pairs; ++index) {
    pairs_.push_back({{shape, index, index, chosen.topics_per_pair, chosen.seed}, {}, {}, true});
    ready_.push_back(index);
  }
  output_.resize(pairs_[0].writer.packet_size() * chosen.window);
}

void pairs::on_readable(std::uint32_t client) {
  if (churn_ && client == churn_->client()) {
    faults_.wrong += churn_->read_answers();
  } else if (client < pairs_.size()) {
    read_acknowledgements(client);
  } else {
    read_deliveries(client - static_cast<std::uint32_t>(pairs_.size()));
  }
}

void pairs::read_deliveries(std::uint32_t index) {
  pair& of = pairs_[index];
  const auto subscriber = index + static_cast<std::uint32_t>(pairs_.size());
  std::uint64_t received = 0;
  std::uint64_t received_ns = 0;
  clients_.receive(subscriber, [&](const packet& found) {
    const stamp delivered = reader_.read(found, faults_);
    if (delivered.publisher != index) {
      ++faults_.wrong;
      return;
    }
    of.position.take(delivered.sequence, faults_);
    ++received;
    if (reads_clock_) {
      if (received_ns == 0) received_ns = now_ns();
      on_delivery(delivered, received_ns);
    }
  });
  deliveries_ += received;
  if (const auto owed = reader_.take_acknowledgements(); !owed.empty()) clients_.send(subscriber, owed);
  if (!of.ready && received != 0) {
    of.ready = true;
    ready_.push_back(index);
  }
}

void pairs::read_acknowledgements(std::uint32_t index) {
  pair& of = pairs_[index];
  clients_.receive(index, [&](const packet& found) { of.acknowledged.take(found, faults_); });
}

void pairs::publish(std::uint64_t now_ns) {
  if (churn_) churn_->send_due(now_ns);
  std::size_t still_ready = 0;
  for (const std::uint32_t index : ready_) {
    pair& of = pairs_[index];
    const std::uint64_t published = of.writer.published();
    // What was lost in between does not hold the window closed: positions are sequence numbers, not counts.
    const std::uint64_t room = chosen_.window - std::min<std::uint64_t>(published - of.position.next, chosen_.window);
    const bool ids_left =
        chosen_.qos == mqtt::qos::at_most_once || published + room - of.acknowledged.count <= maximum_unacknowledged;
    if (!ids_left) {
      ready_[still_ready++] = index;
      continue;
    }
    of.ready = false;
    publish_some(index, room, 0);
  }
  ready_.resize(still_ready);
}

void pairs::publish_some(std::uint32_t index, std::uint64_t count, std::uint64_t intended_ns) {
  message_writer& writer = pairs_[index].writer;
  std::uint8_t* end = output_.data();
  for (std::uint64_t i = 0; i < count; ++i) end = writer.write_next(end, intended_ns);
  if (count != 0) clients_.send(index, {output_.data(), end});
  published_ += count;
}

void pairs::report(json_object& out) const {
  if (churn_) out.add("subscribes", churn_->subscribed());
}

bool pairs::drained() const {
  if (churn_ && !churn_->drained()) return false;
  return std::ranges::all_of(pairs_, [this](const pair& of) {
    const bool acknowledged = chosen_.qos == mqtt::qos::at_most_once || of.acknowledged.count >= of.writer.published();
    return acknowledged && of.position.next >= of.writer.published();
  });
}

faults pairs::final_faults() const {
  faults all = faults_;
  for (const pair& of : pairs_) {
    all.losses += of.writer.published() - of.position.next;
    if (chosen_.qos != mqtt::qos::at_most_once && of.acknowledged.count != of.writer.published()) ++all.wrong;
  }
  return all;
}

std::unique_ptr<workload> make_pairs(fleet& clients, const options& chosen) {
  return std::make_unique<pairs>(clients, chosen);
}

}  // namespace headgate::bench
