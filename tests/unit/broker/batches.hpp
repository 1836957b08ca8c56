#pragma once

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "broker/record/batch_builder.hpp"
#include "tests/unit/property.hpp"

namespace headgate::broker::tests {

using namespace headgate::tests;  // NOLINT(google-build-using-namespace): these helpers and those are one set

// A message that owns its texts.
struct owned_message {
  std::string topic;
  std::uint8_t qos = 0;
  std::string payload;
  std::string properties = {};
  bool retain = false;
  std::uint32_t expiry_s = 0xffff'ffff;
  record::exchange exchange = {};
  std::uint64_t topic_hash = 0;  // 0: its own

  bool has_offset() const { return qos > 0 || retain; }

  record::message view() const {
    return {.topic = topic,
            .topic_hash = topic_hash != 0 ? topic_hash : base::hash_of(topic),
            .publisher_hash = 7,
            .flags = static_cast<std::uint8_t>(qos | (retain ? record::flag_retain : 0)),
            .expiry_s = expiry_s,
            .properties = base::as_bytes(properties),
            .payload = base::as_bytes(payload),
            .exchange = exchange};
  }
};

// One batch of all the messages, which must fit into a block.
inline record::batch_ref batch_of(record::batch_builder& builder, const std::vector<owned_message>& messages) {
  for (const auto& message : messages) {
    EXPECT_TRUE(builder.fits(record::batch_builder::size_of(message.view())));
    builder.add(message.view());
  }
  return builder.seal();
}

inline std::string payload_of(const record::record_header& record) {
  return std::string(base::as_text(record.payload()));
}

}  // namespace headgate::broker::tests
