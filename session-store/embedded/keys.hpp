#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::session_store::embedded {

// The keys of FORMAT.md. Numbers in them have their highest byte first, so that keys stand in the order of the numbers.
namespace key_kind {
inline constexpr char due = 'd';
inline constexpr char format = 'f';
inline constexpr char given_will = 'g';
inline constexpr char life = 'l';
inline constexpr char session = 's';
inline constexpr char will = 'w';
}  // namespace key_kind

inline constexpr std::string_view format_key = "f";
// Of all keys and values together; each value has a version of its own besides.
inline constexpr std::string_view format_value = "1";

std::string session_key(std::string_view client_id);
std::string will_key(std::string_view client_id);
std::string life_key(std::uint64_t life);
std::string given_will_key(std::uint64_t number, std::string_view client_id);
// `at_ms` in the measure of `life`, see stored_value.
std::string due_key(std::uint64_t life, std::uint64_t at_ms, std::string_view client_id);

// The first key behind all of a kind.
inline std::string end_of(char kind) {
  return std::string(1, static_cast<char>(kind + 1));
}

// Nothing for bytes that are no such key.
std::optional<std::string_view> client_id_of_session_key(std::string_view key);
std::optional<std::uint64_t> life_of_key(std::string_view key);
struct due_place {
  std::uint64_t life = 0;
  std::uint64_t at_ms = 0;
  std::string_view client_id;
};
std::optional<due_place> place_of_due_key(std::string_view key);
struct given_place {
  std::uint64_t number = 0;
  std::string_view client_id;
};
std::optional<given_place> place_of_given_will_key(std::string_view key);

}  // namespace headgate::session_store::embedded
