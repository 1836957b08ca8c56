#include "cli/record_json.hpp"

#include <openssl/evp.h>

#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <string_view>

#include "cli/log_words.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/utf8.hpp"

namespace headgate::cli {

namespace json = boost::json;
namespace record = broker::record;

namespace {

std::string base64(base::bytes data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that is written behind it
  const auto size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data.data(), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Under its name when it is text, under its name with _base64 behind it otherwise.
void put(json::object& object, const std::string& name, base::bytes data) {
  if (mqtt::check_utf8(data) == mqtt::text_check::good) {
    object[name] = base::as_text(data);
  } else {
    object[name + "_base64"] = base64(data);
  }
}

// The properties that travel with a message.
constexpr auto travelling = mqtt::allow(mqtt::property_id::payload_format_indicator, mqtt::property_id::content_type,
                                        mqtt::property_id::response_topic, mqtt::property_id::correlation_data,
                                        mqtt::property_id::user_property);

void put(json::object& object, const mqtt::property& property) {
  switch (property.id) {
    case mqtt::property_id::payload_format_indicator:
      object["payload_format_indicator"] = property.number;
      return;
    case mqtt::property_id::content_type:
      return put(object, "content_type", property.data);
    case mqtt::property_id::response_topic:
      return put(object, "response_topic", property.data);
    case mqtt::property_id::correlation_data:
      return put(object, "correlation_data", property.data);
    case mqtt::property_id::user_property: {
      auto& all = object["user_properties"];
      if (!all.is_array()) all.emplace_array();
      all.get_array().push_back(json::array{base::as_text(property.data), base::as_text(property.value)});
      return;
    }
    default:  // not among those that travel
      return;
  }
}

// Nothing: they are not as MQTT has them.
std::optional<json::object> json_of_properties(base::bytes properties) {
  // As in a packet: behind their length, a Variable Byte Integer.
  std::string packet;
  for (auto left = properties.size(); packet.empty() || left > 0; left >>= 7U) {
    packet.push_back(static_cast<char>((left & 0x7fU) | (left > 0x7fU ? 0x80U : 0U)));
  }
  packet.append(base::as_text(properties));
  base::byte_cursor cursor(base::as_bytes(packet));
  mqtt::property_reader reader(cursor, travelling);
  json::object object;
  while (const auto property = reader.next()) put(object, *property);
  if (reader.error()) return std::nullopt;
  return object;
}

std::string_view name_of(record::kind kind) {
  switch (kind) {
    case record::kind::message:
      return "message";
    case record::kind::repeated:
      return "repeated";
    case record::kind::snapshot:
      return "snapshot";
    case record::kind::groups:
      return "groups";
  }
  return "unknown";
}

}  // namespace

json::object json_of(const std::string& log, const record::batch_header& batch, const record::record_header& record,
                     payload_form form) {
  json::object object;
  object["log"] = log;
  object["offset"] = batch.base_offset + record.offset_delta;
  object["time"] = utc_text(batch.timestamp_ms);
  object["kind"] = name_of(record.kind);
  put(object, "topic", base::as_bytes(record.topic()));
  object["qos"] = record.qos();
  object["retain"] = (record.flags & record::flag_retain) != 0;
  if (record.is_message() && record.expiry_s != mqtt::no_expiry)
    object["expires"] = utc_text(batch.timestamp_ms + std::uint64_t{record.expiry_s} * 1000);
  if (record.properties_size > 0) {
    if (auto properties = json_of_properties(record.properties())) {
      object["properties"] = std::move(*properties);
    } else {
      object["properties_base64"] = base64(record.properties());
    }
  }
  const auto payload = record.payload();
  object["payload_bytes"] = payload.size();
  if (form == payload_form::text) put(object, "payload", payload);
  if (form == payload_form::base64) object["payload_base64"] = base64(payload);
  return object;
}

}  // namespace headgate::cli
