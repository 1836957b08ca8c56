#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/unsuback.hpp"
#include "mqtt/unsubscribe.hpp"

namespace headgate::fuzz {

// All that connections with one client id ever asked for.
struct interest {
  struct asked {
    std::string filter;  // without $share/{name}/
    mqtt::qos qos{};
    std::uint32_t identifier = 0;
  };
  std::vector<asked> all;
};

// What the witnesses of one run know together.
struct common_knowledge {
  std::map<std::string, std::shared_ptr<interest>> interests;  // by client id
  std::set<std::string> published;                             // topic, 0, payload
  std::size_t max_inflight = 0;                                // the most that the server's limits ever allowed
};

// Sees what one connection says and hears, and ends the process when the server says what it must not. A client may say
// anything at all; the witness believes what could have been meant, so that it never blames the server wrongly.
class witness {
 public:
  using packet_type = mqtt::packet_type;

  explicit witness(common_knowledge& common) : common_(common), interest_(std::make_shared<interest>()) {}

  // Of its packets; as long as it has said no CONNECT, that of who is not known yet, as in session::session.
  mqtt::version version() const { return version_; }
  bool said_connect() const { return said_connect_; }
  // Deliveries and PUBRELs not answered yet, in the order in which they came.
  std::deque<std::pair<packet_type, std::uint16_t>>& unanswered() { return unanswered_; }

  // The server is about to be given the packet, if it reads so far.
  void says(const mqtt::frame& packet) {
    if (!std::exchange(said_something_, true)) {
      if (packet.type == packet_type::connect) says_connect(packet);
      return;
    }
    if (!said_connect_) return;
    switch (packet.type) {
      case packet_type::publish:
        return says_publish(packet);
      case packet_type::subscribe:
        return says_subscribe(packet);
      case packet_type::unsubscribe:
        if (const auto said = mqtt::decode_unsubscribe(packet, version_)) {
          unsubacks_.emplace(said->packet_id, said->filters.size());
        }
        return;
      case packet_type::pubrec:
        return owe(packet, packet_type::pubrel);
      case packet_type::pubrel:
        return owe(packet, packet_type::pubcomp);
      case packet_type::pingreq:
        ++pings_;
        return;
      default:
        return;
    }
  }

  // The server has read it.
  void was_read(const mqtt::frame& packet) {
    const bool ends = packet.type == packet_type::puback || packet.type == packet_type::pubcomp;
    if (!ends && packet.type != packet_type::pubrec) return;
    const auto said = mqtt::decode_acknowledgement(packet, version_);
    if (said && (ends || is_failure(said->reason))) inflight_.erase(said->packet_id);
  }

  // The server sends it.
  void hears(const mqtt::frame& packet, std::size_t size) {
    HEADGATE_ASSERT(said_connect_);
    HEADGATE_ASSERT(!over_);                                             // [MQTT-3.14.4-1], [MQTT-3.2.2-7]
    HEADGATE_ASSERT(size <= maximum_size_);                              // [MQTT-3.1.2-24]
    HEADGATE_ASSERT(greeted_ == (packet.type != packet_type::connack));  // [MQTT-3.2.0-1], [MQTT-3.2.0-2]
    switch (packet.type) {
      case packet_type::connack:
        return hears_connack(packet);
      case packet_type::publish:
        return hears_publish(packet);
      case packet_type::puback:
      case packet_type::pubrec:
      case packet_type::pubrel:
      case packet_type::pubcomp:
        return hears_acknowledgement(packet);
      case packet_type::suback: {
        const auto heard = mqtt::decode_suback(packet, version_);
        HEADGATE_ASSERT(heard);
        return settle(subacks_, heard->packet_id, heard->reasons.size());  // [MQTT-3.8.4-2], [MQTT-3.8.4-6]
      }
      case packet_type::unsuback: {
        const auto heard = mqtt::decode_unsuback(packet, version_);
        HEADGATE_ASSERT(heard);
        return settle(unsubacks_, heard->packet_id, heard->reasons.size());  // [MQTT-3.10.4-4], [MQTT-3.11.3-1]
      }
      case packet_type::pingresp:
        HEADGATE_ASSERT(packet.body.empty() && pings_ > 0);
        --pings_;
        return;
      case packet_type::disconnect:
        HEADGATE_ASSERT(version_ == mqtt::version::v5);
        HEADGATE_ASSERT(mqtt::decode_disconnect(packet, version_, mqtt::sender::server));
        over_ = true;
        return;
      default:
        HEADGATE_ASSERT(packet.type == packet_type::connack);  // the others only clients send
    }
  }

 private:
  static bool is_failure(mqtt::reason_code reason) { return static_cast<std::uint8_t>(reason) >= 0x80; }
  static std::string key_of(std::string_view topic, mqtt::bytes payload) {
    return std::string(topic) + '\0' + std::string(base::as_text(payload));
  }

  void says_connect(const mqtt::frame& packet) {
    said_connect_ = true;
    const auto said = mqtt::decode_connect(packet);
    if (!said) {
      version_ = mqtt::version_of_broken_connect(packet);
      return;
    }
    version_ = said->version;
    clean_start_ = said->clean_start;
    maximum_size_ = said->maximum_packet_size;
    alias_maximum_ = said->topic_alias_maximum;
    window_ = said->receive_maximum;
    has_id_ = !said->client_id.empty();
    if (has_id_) interest_ = common_.interests.try_emplace(std::string(said->client_id), interest_).first->second;
    if (said->will) common_.published.insert(key_of(said->will->topic, said->will->payload));
  }
  void says_publish(const mqtt::frame& packet) {
    const auto said = mqtt::decode_publish(packet, version_);
    if (!said) return;
    if (said->qos == mqtt::qos::at_least_once) ++owed_[{packet_type::puback, said->packet_id}];
    if (said->qos == mqtt::qos::exactly_once) ++owed_[{packet_type::pubrec, said->packet_id}];
    std::string topic(said->topic);
    if (said->topic_alias != 0) {
      auto& named = aliases_said_[said->topic_alias];
      if (topic.empty()) topic = named;
      named = topic;
    }
    common_.published.insert(key_of(topic, said->payload));
  }
  void says_subscribe(const mqtt::frame& packet) {
    const auto said = mqtt::decode_subscribe(packet, version_);
    if (!said) return;
    subacks_.emplace(said->packet_id, said->subscriptions.size());
    for (const auto& asked : said->subscriptions) {
      const auto shared = mqtt::split_shared_filter(asked.filter);
      const auto filter = shared ? shared->filter : asked.filter;
      interest_->all.push_back({std::string(filter), asked.maximum_qos, said->subscription_identifier});
    }
  }
  void owe(const mqtt::frame& packet, packet_type answer) {
    if (const auto said = mqtt::decode_acknowledgement(packet, version_)) ++owed_[{answer, said->packet_id}];
  }

  void hears_connack(const mqtt::frame& packet) {
    const auto heard = mqtt::decode_connack(packet, version_);
    HEADGATE_ASSERT(heard);
    HEADGATE_ASSERT(!(heard->session_present && clean_start_));  // [MQTT-3.2.2-2]
    HEADGATE_ASSERT(heard->assigned_client_id.empty() || !has_id_);
    if (!heard->assigned_client_id.empty()) common_.interests[std::string(heard->assigned_client_id)] = interest_;
    greeted_ = true;
    resumed_ = heard->session_present || (version_ == mqtt::version::v3_1 && !clean_start_);  // 3.1 does not say
    over_ = is_failure(heard->reason);
  }

  void hears_publish(const mqtt::frame& packet) {
    const auto heard = mqtt::decode_publish(packet, version_, mqtt::sender::server);
    HEADGATE_ASSERT(heard);
    HEADGATE_ASSERT(!heard->dup || resumed_);  // [MQTT-4.4.0-1]
    if (heard->qos != mqtt::qos::at_most_once) {
      HEADGATE_ASSERT(inflight_.size() < std::min(window_, common_.max_inflight));  // [MQTT-3.3.4-9]
      HEADGATE_ASSERT(inflight_.insert(heard->packet_id).second);                   // [MQTT-2.2.1-4]
      unanswered_.emplace_back(heard->qos == mqtt::qos::at_least_once ? packet_type::puback : packet_type::pubrec,
                               heard->packet_id);
    }
    const auto topic = topic_of(*heard);
    HEADGATE_ASSERT(mqtt::check_topic_name(topic) == mqtt::topic_check::good);
    HEADGATE_ASSERT(common_.published.contains(key_of(topic, heard->payload)));
    bool asked_for = false;
    auto identifiers = mqtt::subscription_identifiers_of(heard->properties);
    for (const auto& asked : interest_->all) {
      if (!mqtt::matches(asked.filter, topic)) continue;
      asked_for |= asked.qos >= heard->qos;
      std::erase(identifiers, asked.identifier);
    }
    HEADGATE_ASSERT(asked_for);            // MQTT 5.0, 4.7, [MQTT-3.8.4-8]
    HEADGATE_ASSERT(identifiers.empty());  // [MQTT-3.3.4-3]
  }
  std::string topic_of(const mqtt::publish_view& heard) {
    if (heard.topic_alias == 0) return std::string(heard.topic);
    HEADGATE_ASSERT(heard.topic_alias <= alias_maximum_);  // [MQTT-3.1.2-26]
    auto& named = aliases_heard_[heard.topic_alias];
    if (!heard.topic.empty()) named = heard.topic;
    return named;
  }

  void hears_acknowledgement(const mqtt::frame& packet) {
    const auto heard = mqtt::decode_acknowledgement(packet, version_);
    HEADGATE_ASSERT(heard);
    if (heard->type == packet_type::pubrel) unanswered_.emplace_back(packet_type::pubcomp, heard->packet_id);
    auto& owed = owed_[{heard->type, heard->packet_id}];
    // A PUBREL goes out again to who comes back.
    HEADGATE_ASSERT(owed > 0 || (resumed_ && heard->type == packet_type::pubrel));
    if (owed > 0) --owed;
  }

  // An answer of so many reasons to a request with that packet id; before MQTT 5 an UNSUBACK has none.
  void settle(std::multimap<std::uint16_t, std::size_t>& open, std::uint16_t packet_id, std::size_t reasons) {
    const auto [first, last] = open.equal_range(packet_id);
    const bool counted = &open == &subacks_ || version_ == mqtt::version::v5;
    const auto found = std::find_if(first, last, [&](const auto& one) { return !counted || one.second == reasons; });
    HEADGATE_ASSERT(found != last);
    open.erase(found);
  }

  common_knowledge& common_;
  std::shared_ptr<interest> interest_;
  mqtt::version version_ = mqtt::version::v3_1_1;
  bool said_something_ = false;
  bool said_connect_ = false;
  bool clean_start_ = false;
  bool has_id_ = false;
  bool greeted_ = false;
  bool resumed_ = false;
  bool over_ = false;
  std::size_t maximum_size_ = ~std::size_t{0};
  std::size_t window_ = 0;
  std::uint16_t alias_maximum_ = 0;
  std::uint32_t pings_ = 0;
  std::map<std::pair<packet_type, std::uint16_t>, std::uint32_t> owed_;
  std::multimap<std::uint16_t, std::size_t> subacks_;  // packet id → filters
  std::multimap<std::uint16_t, std::size_t> unsubacks_;
  std::set<std::uint16_t> inflight_;
  std::map<std::uint16_t, std::string> aliases_said_;
  std::map<std::uint16_t, std::string> aliases_heard_;
  std::deque<std::pair<packet_type, std::uint16_t>> unanswered_;
};

}  // namespace headgate::fuzz
