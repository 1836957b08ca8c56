#include <algorithm>
#include <numeric>

#include "base/random.hpp"
#include "loadtest/core/message.hpp"
#include "mqtt/framing.hpp"
#include "mqtt/properties.hpp"

namespace headgate::loadtest::core {

namespace {

constexpr std::size_t expiry_property_size = 5;

// Fisher and Yates, with numbers that are the same everywhere, which std::shuffle does not promise.
void shuffle(std::vector<std::uint32_t>& order, std::uint64_t seed) {
  base::random_source random(seed);
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[random.next() % left]);
}

}  // namespace

message_shape shape_of(const group& group, std::uint64_t seed, std::uint32_t run) {
  const publish_plan& plan = *group.publish;
  message_shape shape;
  shape.version = group.version;
  shape.qos = plan.qos;
  shape.retain = plan.retain;
  shape.expiry_s = plan.expiry_s.value_or(mqtt::no_expiry);
  shape.payload_least = plan.payload_least;
  shape.payload_most = plan.payload_most;
  shape.seed = seed;
  shape.run = run;
  shape.order.resize(plan.topics);
  std::iota(shape.order.begin(), shape.order.end(), 0U);
  shuffle(shape.order, seed);
  base::random_source random(seed);
  shape.padding.resize(plan.payload_most - least_payload);
  for (std::uint8_t& byte : shape.padding) byte = static_cast<std::uint8_t>(random.next());
  shape.padding_check = check_of(shape.padding);
  return shape;
}

message_source::message_source(const message_shape& shape, const text_template& topic, std::uint32_t publisher,
                               std::uint32_t client)
    : shape_(&shape), publisher_(publisher) {
  std::size_t longest = 0;
  topics_.reserve(shape.order.size());
  for (const std::uint32_t number : shape.order) {
    const std::size_t begin = text_.size();
    topic.expand(client, number, text_);
    const auto text = std::string_view(text_).substr(begin);
    topics_.push_back({static_cast<std::uint32_t>(begin), check_of(base::as_bytes(text))});
    longest = std::max(longest, text.size());
  }
  text_.shrink_to_fit();
  const std::size_t properties = shape.version == mqtt::version::v5 ? 1 + expiry_property_size : 0;
  most_bytes_ = mqtt::max_fixed_header_size + 2 + longest + 2 + properties + shape.payload_most;
}

std::string_view message_source::topic_at(std::size_t place) const {
  const std::size_t turn = place % topics_.size();
  const std::size_t end = turn + 1 < topics_.size() ? topics_[turn + 1].begin : text_.size();
  return std::string_view(text_).substr(topics_[turn].begin, end - topics_[turn].begin);
}

std::uint32_t message_source::payload_size_of(std::uint64_t sequence) const {
  const std::uint32_t sizes = shape_->payload_most - shape_->payload_least + 1;
  if (sizes == 1) return shape_->payload_most;
  base::random_source random(shape_->seed ^ (std::uint64_t{publisher_} << 40) ^ sequence);
  return shape_->payload_least + static_cast<std::uint32_t>(random.next() % sizes);
}

std::uint8_t* message_source::write(std::uint64_t sequence, std::uint64_t intended_ns, std::uint16_t packet_id,
                                    bool dup, std::uint8_t* out) const {
  const std::size_t turn = topics_.size() == 1 ? 0 : sequence % topics_.size();
  const std::string_view topic = topic_at(turn);
  const std::uint32_t payload_size = payload_size_of(sequence);
  const bool has_id = shape_->qos != mqtt::qos::at_most_once;
  const bool is_v5 = shape_->version == mqtt::version::v5;
  const bool expires = is_v5 && shape_->expiry_s != mqtt::no_expiry;
  const std::size_t properties_size = expires ? expiry_property_size : 0;
  const auto flags = static_cast<std::uint8_t>((dup ? 8 : 0) | static_cast<int>(shape_->qos) << 1 | shape_->retain);
  out =
      mqtt::write_fixed_header(out, mqtt::packet_type::publish, flags,
                               2 + topic.size() + (has_id ? 2 : 0) + (is_v5 ? 1 + properties_size : 0) + payload_size);
  out = mqtt::write_string(out, topic);
  if (has_id) out = mqtt::write_u16(out, packet_id);
  if (is_v5) *out++ = static_cast<std::uint8_t>(properties_size);
  if (expires) out = mqtt::write_property(out, mqtt::property_id::message_expiry_interval, shape_->expiry_s);

  const std::uint32_t padding_size = payload_size - least_payload;
  stamp mark{shape_->run,           publisher_, sequence, intended_ns, topics_[turn].hash, payload_size,
             shape_->padding_check, 0};
  if (padding_size != shape_->padding.size()) mark.body_check = check_of({shape_->padding.data(), padding_size});
  mark.check = check_of({reinterpret_cast<const std::uint8_t*>(&mark), offsetof(stamp, check)});
  std::memcpy(out, &mark, sizeof mark);
  if (padding_size != 0) std::memcpy(out + sizeof mark, shape_->padding.data(), padding_size);
  return out + payload_size;
}

}  // namespace headgate::loadtest::core
