#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "broker/record/block.hpp"
#include "tests/sim/topics.hpp"

namespace headgate::sim {

// A message of a run. Numbers begin at 1.
struct message {
  std::uint16_t publisher = 0;  // a device
  std::uint8_t topic = 0;
  std::uint8_t qos = 0;
  bool retain = false;
  bool is_will = false;
  bool clears = false;           // RETAIN without payload: it cannot be recognised where it arrives
  std::uint32_t connection = 0;  // of the publisher, when it was sent first
  std::uint32_t first_step = 0;  // when it was sent first
  std::uint32_t sends = 0;
  std::uint32_t acked_step = 0;   // PUBACK or PUBREC; 0: none
  std::uint32_t logged = 0;       // times that a log took it
  std::uint32_t logged_step = 0;  // the last of these
  bool was_refused = false;       // by a log, at least once
};

// One change of a topic's retained message, in the order of its log; 0: it was cleared.
struct retained_change {
  std::uint32_t message = 0;
  std::uint8_t qos = 0;
  base::shard_id shard;
  std::uint64_t offset = 0;
};

// A message in a log.
struct logged_message {
  std::uint64_t offset = 0;
  std::uint32_t message = 0;
  std::uint8_t topic = 0;
  std::uint8_t qos = 0;
  bool is_retained = false;
  std::uint32_t step = 0;  // when the log took it
};

// All messages, and what is seen of them in the logs: the one place where the model looks inside the server, since
// which of two publishers came last is decided there.
class book {
 public:
  std::uint32_t step = 0;

  std::uint32_t add(const message& made) {
    all_.push_back(made);
    return static_cast<std::uint32_t>(all_.size() - 1);
  }
  message& operator[](std::uint32_t number) { return all_[number]; }
  const message& operator[](std::uint32_t number) const { return all_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(all_.size()); }

  static std::string payload_of(std::uint32_t number, std::size_t padding) {
    std::string text = "msg:0000";
    for (int n = 0; n < 4; ++n) text[4 + n] = static_cast<char>(number >> (8 * n) & 0xff);
    return text.append(padding, '.');
  }
  // 0: not one of ours.
  std::uint32_t number_in(base::bytes payload) const {
    if (payload.size() < 8 || !base::as_text(payload).starts_with("msg:")) return 0;
    std::uint32_t number = 0;
    for (int n = 0; n < 4; ++n) number |= std::uint32_t{payload[4 + n]} << (8 * n);
    return number < all_.size() ? number : 0;
  }

  // What stands in a batch: one that came again is not taken again.
  template <class Visit>
  void for_each_message(broker::record::batch_header& batch, Visit visit) const {
    broker::record::for_each_record(batch, [&](const broker::record::record_header& record) {
      if (!record.has_offset() || !record.is_message()) return;
      visit(logged_message{batch.base_offset + record.offset_delta, number_in(record.payload()),
                           static_cast<std::uint8_t>(topic_of(record.topic())), record.qos(), record.is_retained(),
                           step});
    });
  }
  // A log takes a batch.
  void logged(base::shard_id shard, broker::record::batch_header& batch) {
    for_each_message(batch, [&](const logged_message& one) { enter(shard, one); });
  }
  // A log takes nothing of what came from this offset on.
  void taken_back(base::shard_id shard, std::uint64_t end);
  // After a death: what the log has. Returns what it had had, and has not; throws if something of it was committed.
  std::vector<std::uint32_t> found(base::shard_id shard, const std::vector<logged_message>& there);
  // A shard hears how much of its log is committed, and delivers that.
  void told(base::shard_id shard, broker::record::offset committed) { told_[shard.value] = committed.value; }
  const std::vector<retained_change>& retained(std::size_t topic) const { return retained_[topic]; }

  // How many of these were delivered: committed, and the shard has heard of it.
  std::size_t retained_delivered(std::size_t topic) const {
    auto count = retained_[topic].size();
    for (; count > 0; --count) {
      const auto& last = retained_[topic][count - 1];
      const auto heard = told_.find(last.shard.value);
      if (heard != told_.end() && last.offset < heard->second) break;
    }
    return count;
  }

  static std::size_t topic_of(std::string_view text) {
    for (std::size_t n = 0; n < topics.size(); ++n) {
      if (topics[n] == text) return n;
    }
    return topics.size();
  }

 private:
  void enter(base::shard_id shard, const logged_message& one) {
    logs_[shard.value].push_back(one);
    if (one.message != 0) {
      ++all_[one.message].logged;
      all_[one.message].logged_step = one.step;
    }
    if (one.is_retained) retained_[one.topic].push_back({one.message, one.qos, shard, one.offset});
  }
  void strike_last(const logged_message& one) {
    if (one.message != 0) --all_[one.message].logged;
    if (one.is_retained) retained_[one.topic].pop_back();
  }

  std::vector<message> all_{1};
  std::array<std::vector<retained_change>, topics.size() + 1> retained_;
  std::unordered_map<std::uint16_t, std::uint64_t> told_;                // by shard
  std::unordered_map<std::uint16_t, std::vector<logged_message>> logs_;  // by shard
};

}  // namespace headgate::sim
