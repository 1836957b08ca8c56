#pragma once

#include <cstdint>

#include "broker/log/crc32c.hpp"
#include "broker/log/topics_file.hpp"

// The bytes of a topics file (FORMAT.md), for the one who writes it and the one who reads it.
namespace headgate::broker::log {

inline constexpr std::uint32_t topics_magic = 0x50544748;  // "HGTP"
inline constexpr std::uint32_t topics_version = 1;
// So many lists a part, about: a part of usual lists is less than a page.
inline constexpr std::uint64_t lists_per_part = 4;

struct stored_topics_head {
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  std::uint64_t hashes = 0;
  std::uint64_t size = 0;
  std::uint32_t bits = 0;
  std::uint32_t unused[2] = {};
  std::uint32_t crc32c = 0;  // of all before
};
static_assert(sizeof(stored_topics_head) == topics_head_bytes);

struct topics_part_head {
  std::uint32_t crc32c = 0;  // of the part behind this field
  std::uint32_t size = 0;    // with this head
  std::uint32_t lists = 0;
  std::uint32_t number = 0;  // of the part: a directory that leads elsewhere is found out
};
struct topics_list_head {
  std::uint64_t hash = 0;
  std::uint32_t entries = 0;
  std::uint16_t names = 0;
  std::uint16_t unused = 0;
};
static_assert(sizeof(topics_part_head) == 16 && sizeof(topics_list_head) == 16);

// The part in which the list of this hash stands, of 2^bits.
inline std::uint64_t topics_part_of(std::uint64_t hash, std::uint32_t bits) {
  return bits == 0 ? 0 : hash >> (64 - bits);
}

// Where the first part stands, behind head and directory.
inline std::uint64_t topics_lists_begin(std::uint32_t bits) {
  return topics_head_bytes + ((std::uint64_t{1} << bits) + 1) * sizeof(std::uint64_t);
}

inline std::uint32_t crc_of(base::bytes data) {
  crc32c crc;
  crc.add(data);
  return crc.value();
}

inline std::uint32_t crc_of(const stored_topics_head& head) {
  return crc_of({reinterpret_cast<const std::uint8_t*>(&head), offsetof(stored_topics_head, crc32c)});
}

}  // namespace headgate::broker::log
