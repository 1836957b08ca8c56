#pragma once

#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::tests {

// A shard_bench with members of shared subscriptions.
struct group_bench : shard_bench {
  using shard_bench::shard_bench;

  void join(std::uint16_t worker, std::uint32_t id, const std::string& text, std::uint32_t expiry_s = 0) {
    // Filters of groups are no business of the model of streams; and the shard keeps its own text.
    shard::on_register_route(
        state, {base::worker_id{worker}, link::filter_id{id}, std::string_view(text), id, expiry_s}, inboxes);
  }
  void leave(std::uint16_t worker, std::uint32_t id, const std::string& text, std::uint32_t linger_s,
             std::uint64_t now_ms = 1'000'000) {
    shard::on_withdraw_route(state, {base::worker_id{worker}, link::filter_id{id}, text, linger_s},
                             base::wall_ms{now_ms}, inboxes);
  }
  void credit(std::uint16_t worker, std::uint32_t id, std::uint32_t places, bool asks_anew = false) {
    shard::on_group_credit(state, {base::worker_id{worker}, link::filter_id{id}, places, asks_anew});
  }
  void done(std::uint16_t worker, std::uint32_t id, std::uint64_t place) {
    shard::on_group_done(state, {base::worker_id{worker}, link::filter_id{id}, link::offset{place}});
  }
  void give_back(std::uint16_t worker, std::uint32_t id, std::uint64_t place,
                 link::group_refusal refusal = link::group_refusal::none, std::uint64_t now_ms = 1'000'000) {
    shard::on_group_return(state, {base::worker_id{worker}, link::filter_id{id}, link::offset{place}, refusal},
                           base::wall_ms{now_ms});
  }
  void away(std::uint16_t worker, std::uint32_t id, std::uint32_t linger_s, std::uint64_t now_ms = 1'000'000) {
    shard::on_group_away(state, {base::worker_id{worker}, link::filter_id{id}, linger_s}, base::wall_ms{now_ms});
  }
  void hold(std::uint16_t worker, std::uint32_t id, std::uint64_t place) {
    shard::on_group_held(state, {base::worker_id{worker}, link::filter_id{id}, link::offset{place}});
  }

  struct given_message {
    delivered record;
    std::uint8_t qos = 0;
    bool only_here = false;
  };
  std::vector<given_message> given_with_qos(std::uint16_t worker) const {
    std::vector<given_message> records;
    const auto& inbox = *inboxes[worker];
    for (const auto& message : inbox.messages) {
      const auto* one = std::get_if<link::group_message>(&message);
      if (one == nullptr) continue;
      const auto& entry = inbox.entries.at(one->entry);
      EXPECT_EQ(entry.id_count, 1U);
      EXPECT_EQ(one->shard, base::shard_id{4});
      EXPECT_EQ(one->timestamp_ms, inbox.batches.at(one->batch).header().timestamp_ms);
      records.push_back({{payload_of(*entry.record), entry.place.value, {inbox.ids.at(entry.first_id)}},
                         entry.record->qos(),
                         one->only_here});
    }
    return records;
  }
  // What the worker's inbox holds for members.
  std::vector<delivered> given(std::uint16_t worker) const {
    std::vector<delivered> records;
    for (const auto& message : given_with_qos(worker)) records.push_back(message.record);
    return records;
  }
};

}  // namespace headgate::broker::tests
