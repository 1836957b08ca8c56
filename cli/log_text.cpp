#include "cli/log_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "base/assert.hpp"
#include "base/utf8_character.hpp"

namespace headgate::cli {

namespace {

constexpr std::string_view end_of_cut_line = ",\"cut\":true}\n";
constexpr std::size_t most_name_bytes = 64;

std::string_view name_of(base::severity severity) {
  switch (severity) {
    case base::severity::info:
      return "info";
    case base::severity::warning:
      return "warning";
    case base::severity::error:
      return "error";
  }
  return "";
}

// "2026-11-26T01:02:03.456"
std::string clock_text(log_time time, bool utc) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03d", static_cast<int>(milliseconds));
  return text.data();
}

// A character as it stands in a JSON string.
std::string escaped(std::string_view character) {
  if (character.size() > 1) return std::string(character);
  const auto byte = static_cast<unsigned char>(character.front());
  if (byte == '"') return "\\\"";
  if (byte == '\\') return "\\\\";
  if (byte == '\n') return "\\n";
  if (byte >= 0x20) return std::string(character);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", byte);
  return text.data();
}

// A JSON object that grows member by member and stays within its bound.
class bounded_object {
 public:
  explicit bounded_object(std::size_t most_bytes) : most_bytes_(most_bytes - end_of_cut_line.size()) {}

  // The value as far as there is room for it, at most `most_value_bytes`.
  void add(std::string_view name, std::string_view value, std::size_t most_value_bytes) {
    const auto start = text_.size();
    text_ += text_.empty() ? "{\"" : ",\"";
    append(name, text_.size() + most_name_bytes);
    text_ += "\":\"";
    if (text_.size() + 1 > most_bytes_) {
      text_.resize(start);
      cut_ = true;
      return;
    }
    append(value, std::min(most_bytes_ - 1, text_.size() + most_value_bytes));
    text_ += '"';
  }

  std::string line() && {
    text_ += cut_ ? end_of_cut_line : "}\n";
    return std::move(text_);
  }

 private:
  void append(std::string_view value, std::size_t end) {
    while (!value.empty()) {
      const auto size = base::utf8_character_bytes(value);
      const auto character = size == 0 ? std::string("\xef\xbf\xbd") : escaped(value.substr(0, size));
      if (text_.size() + character.size() > end) {
        cut_ = true;
        return;
      }
      text_ += character;
      value.remove_prefix(std::max<std::size_t>(size, 1));
    }
  }

  std::size_t most_bytes_;
  std::string text_;
  bool cut_ = false;
};

bool is_taken(std::string_view name) {
  constexpr std::array<std::string_view, 5> own = {"time", "level", "event", "text", "cut"};
  return std::ranges::find(own, name) != own.end();
}

}  // namespace

std::string text_line(const base::log_line& line, log_time time, std::size_t most_bytes) {
  HEADGATE_ASSERT(most_bytes >= 64);
  auto text = clock_text(time, false) + " " + std::string(name_of(line.severity)) + " ";
  for (auto rest = line.text; !rest.empty();) {
    const auto size = std::max<std::size_t>(base::utf8_character_bytes(rest), 1);
    if (text.size() + size + 1 > most_bytes) break;
    const auto first = static_cast<unsigned char>(rest.front());
    if (first < 0x20 || first == 0x7f) {
      text += '?';
    } else {
      text += rest.substr(0, size);
    }
    rest.remove_prefix(size);
  }
  return text + "\n";
}

std::string json_line(const base::log_line& line, log_time time, std::size_t most_bytes) {
  HEADGATE_ASSERT(most_bytes >= 512);
  const auto half = most_bytes / 2;
  bounded_object object(most_bytes);
  object.add("time", clock_text(time, true) + "Z", half);
  object.add("level", name_of(line.severity), half);
  object.add("event", line.event, most_name_bytes);
  object.add("text", line.text, half);
  for (const auto& field : line.fields)
    object.add(is_taken(field.name) ? std::string(field.name) + "_" : field.name, field.value, half);
  return std::move(object).line();
}

}  // namespace headgate::cli
