#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headgate::bench {

// One JSON object, written member by member. Names and texts are our own: they need no escaping.
class json_object {
 public:
  void add(std::string_view name, std::uint64_t value) { add_raw(name, std::to_string(value)); }
  void add(std::string_view name, double value);
  void add(std::string_view name, std::string_view text) { add_raw(name, '"' + std::string{text} + '"'); }
  void add(std::string_view name, const json_object& value) { add_raw(name, value.text()); }
  std::string text() const { return '{' + members_ + '}'; }

 private:
  void add_raw(std::string_view name, const std::string& value) {
    if (!members_.empty()) members_ += ", ";
    members_ += '"' + std::string{name} + "\": " + value;
  }

  std::string members_;
};

}  // namespace headgate::bench
