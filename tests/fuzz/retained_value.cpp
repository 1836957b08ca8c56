#include "base/assert.hpp"
#include "broker/retained/keys.hpp"
#include "broker/retained/stored_value.hpp"

// Any bytes, as what stands in the database of retained messages: the first byte says how long the topic of the key is.
// Refused, or encoded to the same bytes, and a batch of one record that is whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::broker;
  namespace retained = headgate::broker::retained;
  const auto text = headgate::base::as_text({data, size});
  if (const auto shard = retained::decode_shard(text)) HEADGATE_ASSERT(retained::encode(*shard) == text);
  if (const auto place = retained::place_of_topic_key(text)) {
    HEADGATE_ASSERT(retained::topic_key(place->number, place->topic) == text);
  }
  if (size == 0 || size - 1 < data[0]) return 0;
  const auto topic = text.substr(1, data[0]);
  const auto stored = text.substr(1U + data[0]);
  const auto value = retained::decode_value(topic, stored);
  if (!value) return 0;
  const auto batch = retained::batch_of(*value, value->log_id);
  const auto& header = batch.header();
  HEADGATE_ASSERT(header.base_offset == value->place.value && header.count == 1);
  record::for_each_record(batch.header(), [&](const record::record_header& record) {
    HEADGATE_ASSERT(record.topic() == topic && !record.payload().empty());
    const retained::value_parts parts(value->log_id, value->place, value->timestamp_ms, record);
    std::string again;
    for (const auto part : parts.all()) again += part;
    HEADGATE_ASSERT(again == stored);
  });
  return 0;
}
