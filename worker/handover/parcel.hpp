#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/ids.hpp"
#include "broker/link/messages.hpp"
#include "session-store/session_store.hpp"
#include "session-store/takeover_bus.hpp"

namespace headgate::worker::handover {

// What the sender has for one shard of the receiver.
struct shard_part {
  base::shard_id shard;
  broker::link::shard_inbox inbox;
};

// What one worker has for another in one turn: a plain struct, used again and again, whose lists keep their capacity.
// Batches and texts in it are released where it is cleared, by the receiver. Texts and records that it only points to
// live as long as broker/link/messages.hpp says.
struct parcel {
  std::vector<shard_part> shard_parts;  // the first `parts_in_use`; the others wait, empty, with their capacity
  std::size_t parts_in_use = 0;
  broker::link::worker_inbox inbox;  // answers and streams of the sender's shards for the receiver's clients
  std::vector<session_store::request> store_requests;
  std::vector<session_store::answer> store_answers;
  std::vector<session_store::takeover_ask> asks;
  std::vector<session_store::takeover_answer> answers;

  std::span<shard_part> shards() { return {shard_parts.data(), parts_in_use}; }
  // The inbox of a shard of the receiver, which has few. The reference lasts until the next call.
  broker::link::shard_inbox& shard(base::shard_id shard) {
    for (auto& part : shards()) {
      if (part.shard == shard) return part.inbox;
    }
    if (parts_in_use == shard_parts.size()) shard_parts.emplace_back();
    auto& part = shard_parts[parts_in_use++];
    part.shard = shard;
    return part.inbox;
  }

  bool empty() const {
    return parts_in_use == 0 && inbox.empty() && store_requests.empty() && store_answers.empty() && asks.empty() &&
           answers.empty();
  }
  void clear() {
    for (auto& part : shards()) part.inbox.clear();
    parts_in_use = 0;
    inbox.clear();
    store_requests.clear();
    store_answers.clear();
    asks.clear();
    answers.clear();
  }
};

}  // namespace headgate::worker::handover
