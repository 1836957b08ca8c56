#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::broker::retained {

// The keys of FORMAT.md.
namespace key_kind {
inline constexpr char format = 'f';
inline constexpr char shard = 's';
inline constexpr char topic = 't';
inline constexpr char value = 'v';
}  // namespace key_kind

inline constexpr std::string_view format_key = "f";
// Of all keys and values together; each value has a version of its own besides.
inline constexpr std::string_view format_value = "1";

// What all keys of one kind and shard begin with: the kind and the shard's number, the highest byte first.
class key_prefix {
 public:
  key_prefix(char kind, std::uint32_t number)
      : bytes_{kind, static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
               static_cast<char>(number)} {}
  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  // Behind all that begins with it.
  std::string end() const;

 private:
  std::array<char, 5> bytes_;
};

std::string shard_key(std::string_view name);
std::string topic_key(std::uint32_t number, std::string_view topic);
std::string value_key(std::uint32_t number, std::string_view topic);

// Nothing for bytes that are no such key.
struct topic_place {
  std::uint32_t number = 0;
  std::string_view topic;
};
std::optional<topic_place> place_of_topic_key(std::string_view key);

}  // namespace headgate::broker::retained
