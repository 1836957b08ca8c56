#include "session-store/embedded/keys.hpp"

namespace headgate::session_store::embedded {
namespace {

constexpr std::size_t number_bytes = 8;
constexpr std::size_t due_head_bytes = 1 + 2 * number_bytes;
constexpr std::size_t given_head_bytes = 1 + number_bytes;

void append(std::string& key, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
}

std::uint64_t number_at(std::string_view key, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t n = 0; n < number_bytes; ++n) number = number << 8 | static_cast<std::uint8_t>(key[at + n]);
  return number;
}

std::string with_id(char kind, std::string_view client_id) {
  std::string key;
  key.reserve(1 + client_id.size());
  key.push_back(kind);
  key += client_id;
  return key;
}

}  // namespace

std::string session_key(std::string_view client_id) {
  return with_id(key_kind::session, client_id);
}

std::string will_key(std::string_view client_id) {
  return with_id(key_kind::will, client_id);
}

std::string life_key(std::uint64_t life) {
  std::string key(1, key_kind::life);
  append(key, life);
  return key;
}

std::string given_will_key(std::uint64_t number, std::string_view client_id) {
  std::string key;
  key.reserve(given_head_bytes + client_id.size());
  key.push_back(key_kind::given_will);
  append(key, number);
  key += client_id;
  return key;
}

std::string due_key(std::uint64_t life, std::uint64_t at_ms, std::string_view client_id) {
  std::string key;
  key.reserve(due_head_bytes + client_id.size());
  key.push_back(key_kind::due);
  append(key, life);
  append(key, at_ms);
  key += client_id;
  return key;
}

std::optional<std::string_view> client_id_of_session_key(std::string_view key) {
  if (key.empty() || key.front() != key_kind::session) return std::nullopt;
  return key.substr(1);
}

std::optional<std::uint64_t> life_of_key(std::string_view key) {
  if (key.size() != 1 + number_bytes || key.front() != key_kind::life) return std::nullopt;
  return number_at(key, 1);
}

std::optional<due_place> place_of_due_key(std::string_view key) {
  if (key.size() < due_head_bytes || key.front() != key_kind::due) return std::nullopt;
  return due_place{number_at(key, 1), number_at(key, 1 + number_bytes), key.substr(due_head_bytes)};
}

std::optional<given_place> place_of_given_will_key(std::string_view key) {
  if (key.size() < given_head_bytes || key.front() != key_kind::given_will) return std::nullopt;
  return given_place{number_at(key, 1), key.substr(given_head_bytes)};
}

}  // namespace headgate::session_store::embedded
