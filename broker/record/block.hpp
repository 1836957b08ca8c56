#pragma once

#include <cstdint>
#include <memory>

#include "broker/record/layout.hpp"

namespace headgate::broker::record {

// Memory that holds whole batches one after the other. Written by its builder; bytes of a sealed batch are changed only
// by the shard that assigns its offsets, before it shows the batch to anyone.
struct block {
  explicit block(std::size_t size) : bytes(std::make_unique_for_overwrite<std::uint8_t[]>(size)), capacity(size) {}
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t capacity;
};

// A sealed batch. Copies share the block and keep it alive: one reference count a batch, never one a record.
struct batch_ref {
  std::shared_ptr<block> memory;
  std::uint32_t begin = 0;

  explicit operator bool() const { return memory != nullptr; }
  batch_header& header() const { return *reinterpret_cast<batch_header*>(memory->bytes.get() + begin); }
};

}  // namespace headgate::broker::record
