#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/acknowledgement.hpp"
#include "mqtt/topic.hpp"
#include "tests/unit/worker/conversation.hpp"

// Publishers and subscribers that do what a random test tells them, and a naive model of what each subscriber is to
// get.
namespace headgate::worker::testing {

// Events are numbered; `never` has not happened yet.
using moment = std::uint64_t;
inline constexpr moment never = ~moment{0};

struct sent_message {
  int publisher = 0;
  std::string topic;
  int qos = 0;
  moment published = never;
  moment acknowledged = never;
};

// A subscription's life. Granted anew with another QoS above 0 it goes on.
struct interval {
  std::string filter;
  int qos = 0;
  moment said = never;
  moment granted = never;
  moment ending = never;  // its UNSUBSCRIBE was said, or its session ended
  moment ended = never;   // that was answered
};

struct world {
  conversation& talk;
  headgate::tests::dice& dice;
  moment now = 0;
  std::vector<sent_message> messages;  // by number, which is their payload
};

// Publishes, and completes what it published. Its connection never breaks.
class publishing_device {
 public:
  publishing_device(world& world, int number, std::uint16_t worker)
      : world_(world),
        number_(number),
        client_(world.talk.join("publisher" + std::to_string(number), mqtt::version::v5, {}, worker)) {}

  void publish(const std::string& topic, int qos) {
    if (open_.size() >= 50) return;
    const auto message = world_.messages.size();
    world_.messages.push_back({number_, topic, qos, ++world_.now, never});
    next_id_ = static_cast<std::uint16_t>(next_id_ % 200 + 1);
    while (open_.contains(next_id_)) next_id_ = static_cast<std::uint16_t>(next_id_ % 200 + 1);
    if (qos > 0) open_[next_id_] = message;
    world_.talk.say(client_,
                    conversation::publish_packet(topic, std::to_string(message), qos, next_id_, mqtt::version::v5));
  }
  void hear() {
    take_frames(world_.talk.end(client_).to_client, [&](const mqtt::frame& packet) {
      const auto answer = mqtt::decode_acknowledgement(packet, mqtt::version::v5);
      ASSERT_TRUE(answer) << line_of(packet, mqtt::version::v5);
      ASSERT_TRUE(open_.contains(answer->packet_id)) << line_of(packet, mqtt::version::v5);
      auto& message = world_.messages[open_[answer->packet_id]];
      message.acknowledged = std::min(message.acknowledged, ++world_.now);
      if (answer->type == mqtt::packet_type::pubrec) {
        world_.talk.say(client_, conversation::pubrel(answer->packet_id));
      } else {
        open_.erase(answer->packet_id);
      }
    });
  }
  std::size_t open() const { return open_.size(); }

 private:
  world& world_;
  int number_;
  std::uint32_t client_;
  std::uint16_t next_id_ = 0;
  std::map<std::uint16_t, std::size_t> open_;  // packet id → message
};

// Subscribes, acknowledges late, blocks, breaks and comes back, and checks what it gets.
class subscribing_device {
 public:
  subscribing_device(world& world, int number, bool persistent)
      : world_(world), id_("subscriber" + std::to_string(number)), persistent_(persistent) {}

  bool is_connected() const { return client_ && greeted_; }
  bool has_connection() const { return client_.has_value(); }

  // A connection with the same client id, whether or not there is one already.
  void connect(std::uint16_t worker) {
    if (client_) break_off();
    client_ = world_.talk.open(worker);
    greeted_ = false;
    window_ = static_cast<std::uint16_t>(1 + world_.dice.below(8));
    world_.talk.say_connect(*client_, id_, mqtt::version::v5,
                            {.clean_start = !persistent_,
                             .session_expiry_interval_s = persistent_ ? 100'000U : 0U,
                             .receive_maximum = window_});
    // Another connection of the same id ends its session.
    if (!persistent_) end_all();
  }
  // The connection breaks, or ends with DISCONNECT; or another one takes its session over.
  void lose() {
    auto& end = world_.talk.end(*client_);
    end.to_server.clear();
    end.closed_by_client = true;
    break_off();
  }
  void disconnect() {
    world_.talk.say(*client_, hex({0xe0, 0}));
    break_off();
  }
  void take_only(std::size_t bytes) { world_.talk.end(*client_).takes = bytes; }

  void subscribe(const std::string& filter, int qos) {
    if (asked_) return;
    auto* held = find(filter);
    if (held != nullptr && held->qos > 0 && qos > 0) {
      held->qos = std::min(held->qos, qos);
    } else {
      if (held != nullptr) held->ending = ++world_.now;
      intervals_.push_back({filter, qos, ++world_.now, never, never, never});
    }
    asked_ = filter;
    asked_qos_ = qos;
    world_.talk.say(*client_, world_.talk.subscribe_packet(*client_, filter, qos));
  }
  void unsubscribe(const std::string& filter) {
    auto* held = find(filter);
    if (asked_ || held == nullptr) return;
    held->ending = ++world_.now;
    asked_ = filter;
    world_.talk.say(*client_, world_.talk.unsubscribe_packet(*client_, filter));
  }
  // Says the oldest `count` acknowledgements that it owes.
  void acknowledge(std::size_t count) {
    for (; count > 0 && !owed_.empty(); --count) {
      const auto [qos, packet_id] = owed_.front();
      owed_.pop_front();
      if (qos == 1) unacknowledged_.erase(packet_id);
      world_.talk.say(*client_, qos == 1 ? conversation::puback(packet_id) : conversation::pubrec(packet_id));
    }
  }
  std::size_t owes() const { return owed_.size(); }
  bool is_idle() const { return is_connected() && owed_.empty() && unacknowledged_.empty(); }

  void hear() {
    if (!client_) return;
    take_frames(world_.talk.end(*client_).to_client, [&](const mqtt::frame& packet) { on_packet(packet); });
  }

  // What was published above QoS 0 between a SUBACK and an UNSUBSCRIBE has come.
  void check_complete() const {
    for (std::size_t n = 0; n < world_.messages.size(); ++n) {
      if (got_.contains(n)) continue;
      const auto& message = world_.messages[n];
      for (const auto& held : intervals_) {
        const bool required = held.qos > 0 && message.qos > 0 && held.granted < message.published &&
                              held.ending == never && mqtt::matches(held.filter, message.topic);
        ASSERT_FALSE(required) << id_ << " did not get " << n << " of " << message.topic << " at QoS " << message.qos
                               << " by " << held.filter << ": " << intervals_of(message);
      }
    }
  }

 private:
  struct receipt {
    int qos = 0;
    std::uint64_t connection = 0;
  };

  interval* find(const std::string& filter) {
    for (auto& held : intervals_) {
      if (held.filter == filter && held.ending == never) return &held;
    }
    return nullptr;
  }
  void end_all() {
    for (auto& held : intervals_) {
      if (held.ending == never) held.ending = ++world_.now;
      if (held.ended == never) held.ended = ++world_.now;
    }
    held_ids_.clear();
  }
  void break_off() {
    client_.reset();
    greeted_ = false;
    owed_.clear();
    unacknowledged_.clear();
    ++connection_;
    // Whether it was granted is not known to the device: it may have been, or not, for ever.
    if (asked_) {
      for (auto& held : intervals_) {
        if (held.filter == *asked_ && held.granted == never) held.ending = ++world_.now;
        if (held.filter == *asked_ && held.ending == never) held.ending = ++world_.now;
      }
      asked_.reset();
    }
    if (!persistent_) end_all();
  }

  void on_packet(const mqtt::frame& packet) {
    const auto line = line_of(packet, mqtt::version::v5);
    switch (packet.type) {
      case mqtt::packet_type::connack:
        greeted_ = true;
        ASSERT_TRUE(line == "connack 00" || (persistent_ && line == "connack present 00")) << line;
        if (line == "connack 00") {
          ASSERT_FALSE(persistent_ && existed_) << id_ << " has lost its session";
          end_all();
        }
        existed_ = true;
        return;
      case mqtt::packet_type::suback: {
        ASSERT_TRUE(asked_) << line;
        auto* held = find(*asked_);
        ASSERT_NE(held, nullptr);
        held->granted = std::min(held->granted, ++world_.now);
        held->qos = asked_qos_;
        for (auto& other : intervals_) {
          if (&other != held && other.filter == *asked_ && other.ended == never) other.ended = ++world_.now;
        }
        asked_.reset();
        return;
      }
      case mqtt::packet_type::unsuback:
        for (auto& held : intervals_) {
          if (held.filter == *asked_ && held.ended == never) held.ended = ++world_.now;
        }
        asked_.reset();
        return;
      case mqtt::packet_type::publish:
        return on_publish(*mqtt::decode_publish(packet, mqtt::version::v5, mqtt::sender::server));
      case mqtt::packet_type::pubrel: {
        const auto packet_id = mqtt::decode_acknowledgement(packet, mqtt::version::v5)->packet_id;
        held_ids_.erase(packet_id);
        unacknowledged_.erase(packet_id);
        world_.talk.say(*client_, conversation::pubcomp(packet_id));
        return;
      }
      default:
        FAIL() << id_ << " heard " << line;
    }
  }

  void on_publish(const mqtt::publish_view& packet) {
    const std::size_t number = std::stoul(std::string(base::as_text(packet.payload)));
    const auto qos = static_cast<int>(packet.qos);
    ASSERT_LT(number, world_.messages.size());
    check_allowed(number);
    if (qos == 0) return;
    ASSERT_TRUE(unacknowledged_.insert(packet.packet_id).second) << id_ << ": packet id twice on one connection";
    ASSERT_LE(unacknowledged_.size(), window_) << id_;
    owed_.push_back({qos, packet.packet_id});
    // A QoS 2 message that is sent again under its packet id is one that it has.
    if (qos == 2 && !held_ids_.insert(packet.packet_id).second) {
      ASSERT_TRUE(packet.dup) << id_ << " #" << packet.packet_id;
      ASSERT_TRUE(got_.contains(number)) << id_ << ": another message under a packet id of QoS 2";
      return;
    }
    take(number, qos, packet.dup);
  }
  void take(std::size_t number, int qos, bool dup) {
    const auto known = got_.find(number);
    if (known != got_.end()) {
      ASSERT_EQ(qos, 1) << id_ << " got " << number << " twice at QoS 2";
      ASSERT_EQ(known->second.qos, 1) << id_ << " got " << number << " at QoS 2 and again";
      ASSERT_NE(known->second.connection, connection_) << id_ << " got " << number << " twice on one connection";
      ASSERT_TRUE(dup) << id_ << " got " << number << " again without DUP";
      return;
    }
    got_[number] = {qos, connection_};
    const auto& message = world_.messages[number];
    auto& last = last_of_[{message.publisher, message.topic}];
    ASSERT_GE(number + 1, last) << id_ << " got " << number << " behind " << last - 1;
    last = number + 1;
  }
  void check_allowed(std::size_t number) const {
    const auto& message = world_.messages[number];
    const bool allowed = std::any_of(intervals_.begin(), intervals_.end(), [&](const interval& held) {
      return held.said < message.acknowledged && held.ended > message.published &&
             mqtt::matches(held.filter, message.topic);
    });
    ASSERT_TRUE(allowed) << id_ << " got " << number << " of " << message.topic
                         << ", which it did not ask for: " << intervals_of(message);
  }

  std::string intervals_of(const sent_message& message) const {
    std::string text = std::to_string(message.published) + ".." + std::to_string(message.acknowledged) + " in";
    for (const auto& held : intervals_) {
      text += " " + held.filter + ":" + std::to_string(held.said) + ".." + std::to_string(held.ended);
    }
    return text;
  }

  world& world_;
  std::string id_;
  bool persistent_;
  bool existed_ = false;
  std::optional<std::uint32_t> client_;
  bool greeted_ = false;
  std::uint16_t window_ = 0;
  std::uint64_t connection_ = 0;
  std::optional<std::string> asked_;  // SUBSCRIBE or UNSUBSCRIBE without an answer
  int asked_qos_ = 0;
  std::vector<interval> intervals_;
  std::deque<std::pair<int, std::uint16_t>> owed_;
  std::set<std::uint16_t> unacknowledged_;
  std::set<std::uint16_t> held_ids_;  // QoS 2, up to PUBREL
  std::map<std::size_t, receipt> got_;
  std::map<std::pair<int, std::string>, std::size_t> last_of_;
};

}  // namespace headgate::worker::testing
