#include "broker/retained/keys.hpp"

namespace headgate::broker::retained {
namespace {

std::string joined(std::string_view prefix, std::string_view rest) {
  std::string key(prefix);
  key += rest;
  return key;
}

}  // namespace

std::string key_prefix::end() const {
  std::string end(view());
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  end.back() = static_cast<char>(end.back() + 1);  // the kind is never 0xff
  return end;
}

std::string shard_key(std::string_view name) {
  return joined({&key_kind::shard, 1}, name);
}

std::string topic_key(std::uint32_t number, std::string_view topic) {
  return joined(key_prefix(key_kind::topic, number).view(), topic);
}

std::string value_key(std::uint32_t number, std::string_view topic) {
  return joined(key_prefix(key_kind::value, number).view(), topic);
}

std::optional<topic_place> place_of_topic_key(std::string_view key) {
  const auto size = key_prefix(key_kind::topic, 0).view().size();
  if (key.size() < size || key.front() != key_kind::topic) return std::nullopt;
  std::uint32_t number = 0;
  for (const char byte : key.substr(1, size - 1)) number = number << 8 | static_cast<std::uint8_t>(byte);
  return topic_place{number, key.substr(size)};
}

}  // namespace headgate::broker::retained
