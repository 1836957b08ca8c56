#include "message.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

#include "mqtt/publish.hpp"

namespace headgate::bench {

std::string topic_of(std::uint32_t group, std::uint32_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "bench/%04u/%08u", group % 10'000, number % 100'000'000);
  return text;
}

message_writer::message_writer(const shape& form, std::uint32_t publisher, std::uint32_t group, std::uint32_t topics,
                               std::uint64_t seed) {
  for (std::uint32_t number = 0; number < topics; ++number) {
    const std::string topic = topic_of(group, number);
    std::uint64_t characters = 0;
    std::memcpy(&characters, topic.data() + topic.size() - topic_number_size, topic_number_size);
    order_.push_back(characters);
  }
  std::mt19937_64 random{seed + publisher};
  std::shuffle(order_.begin(), order_.end(), random);

  const std::string topic = topic_of(group, 0);
  mqtt::publish_head head;
  head.version = form.version;
  head.qos = form.qos;
  head.packet_id = form.qos == mqtt::qos::at_most_once ? 0 : 1;
  head.topic = topic;
  head.payload_size = form.payload_size;
  payload_at_ = mqtt::encoded_size(head);
  packet_.assign(payload_at_ + form.payload_size, 'x');
  mqtt::encode(head, packet_.data());

  const auto found = std::search(packet_.begin(), packet_.end(), topic.begin(), topic.end());
  const auto topic_end = static_cast<std::size_t>(found - packet_.begin()) + topic.size();
  topic_number_at_ = topic_end - topic_number_size;
  if (form.qos != mqtt::qos::at_most_once) packet_id_at_ = topic_end;
  stamp_.publisher = publisher;
}

}  // namespace headgate::bench
