#include "subscribe_churn.hpp"

#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"
#include "setup.hpp"

namespace headgate::bench {

namespace {

constexpr std::uint8_t type_suback = 0x90;
constexpr std::uint8_t type_unsuback = 0xb0;
// What a stalled run catches up on at once.
constexpr int most_at_once = 100;

std::string churned_topic(std::uint64_t number) {
  return topic_of(9'999, static_cast<std::uint32_t>(number % 100'000'000));
}

template <class Packet>
void append(std::vector<std::uint8_t>& out, const Packet& packet, mqtt::version version) {
  const auto before = out.size();
  out.resize(before + encoded_size(packet, version));
  encode(packet, version, out.data() + before);
}

}  // namespace

subscribe_churn::subscribe_churn(fleet& clients, const options& chosen)
    : clients_(clients),
      chosen_(chosen),
      client_(static_cast<std::uint32_t>(clients.size())),
      interval_ns_(1'000'000'000 / chosen.subscribes) {
  connect_clients(clients, chosen, 1);
}

void subscribe_churn::add_packets() {
  const auto topic = churned_topic(sent_);
  mqtt::subscribe subscribe;
  subscribe.packet_id = packet_id_ = id_after(packet_id_);
  subscribe.subscriptions.push_back({topic, chosen_.qos, false, false, 0});
  append(output_, subscribe, chosen_.version);
  const auto before = churned_topic(sent_ == 0 ? 99'999'999 : sent_ - 1);
  mqtt::unsubscribe unsubscribe;
  unsubscribe.packet_id = packet_id_ = id_after(packet_id_);
  unsubscribe.filters.push_back(before);
  append(output_, unsubscribe, chosen_.version);
  ++sent_;
}

void subscribe_churn::send_due(std::uint64_t now_ns) {
  if (next_due_ns_ == 1) next_due_ns_ = now_ns;
  output_.clear();
  for (int left = most_at_once; left > 0 && next_due_ns_ <= now_ns; --left) {
    add_packets();
    next_due_ns_ += interval_ns_;
  }
  if (!output_.empty()) clients_.send(client_, output_);
}

std::uint64_t subscribe_churn::read_answers() {
  std::uint64_t wrong = 0;
  clients_.receive(client_, [&](const packet& found) {
    ++answers_;
    const bool granted = type_of(found) == type_suback && found.end()[-1] <= 2;
    if (!granted && type_of(found) != type_unsuback) ++wrong;
  });
  return wrong;
}

}  // namespace headgate::bench
