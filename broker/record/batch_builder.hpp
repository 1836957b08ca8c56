#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/ring_queue.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::record {

// What goes into one record. The properties hold neither what the record itself carries (expiry) nor what ends with the
// connection (topic alias).
struct message {
  std::string_view topic;
  std::uint64_t topic_hash = 0;
  std::uint64_t publisher_hash = 0;
  std::uint8_t flags = 0;
  std::uint32_t expiry_s = 0;
  base::bytes properties;
  base::bytes payload;
  record::exchange exchange{};
  record::kind kind = kind::message;

  std::size_t exchange_size() const { return exchange.nonce != 0 ? sizeof(exchange) : 0; }
};

// Writes the records of one worker for one shard, turn after turn, into blocks that are used again when nobody refers
// to their batches any more. One thread. Invariants: 1. at most one batch is open; 2. a block is written again only
// when this builder alone holds it;
// 3. sequences are given to records with an offset only, each once.
class batch_builder {
 public:
  explicit batch_builder(producer_id producer) : producer_(producer) {}

  // Opens a batch for records of so many bytes together, each aligned; no batch is open. Otherwise add() opens one, for
  // what usual records fill.
  void open(std::size_t record_bytes);
  // Whether the record goes into the open batch; if not, seal() first. With no batch open it always does.
  bool fits(std::size_t record_size) const {
    return open_ == nullptr || used_ + aligned(record_size) <= block_->capacity;
  }
  static std::size_t size_of(const message& message) {
    return sizeof(record_header) + message.topic.size() + message.properties.size() + message.payload.size() +
           message.exchange_size();
  }

  // Adds a record; fits() must hold. Returns its sequence, 0 when the record takes no offset.
  sequence add(const message& message);

  bool is_open() const { return open_ != nullptr; }
  // Ends the open batch and hands it over.
  batch_ref seal();

 private:
  block_ref take_block(std::size_t size);

  producer_id producer_;
  sequence next_{1};
  block_ref block_;  // the one being written
  std::size_t used_ = 0;
  batch_header* open_ = nullptr;
  base::ring_queue<block_ref> written_;  // full blocks, about the oldest first
};

}  // namespace headgate::broker::record
