#include "loadtest/report/json_text.hpp"

#include <boost/json.hpp>
#include <charconv>

namespace headgate::loadtest::report {

namespace {

namespace json = boost::json;

void append(std::string& text, const json::value& value, std::size_t depth);

void append_object(std::string& text, const json::object& object, std::size_t depth) {
  if (object.empty()) {
    text += "{}";
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  const char* separator = "{\n";
  for (const auto& member : object) {
    text += separator + indent + json::serialize(json::string(member.key())) + ": ";
    append(text, member.value(), depth + 1);
    separator = ",\n";
  }
  text += "\n" + std::string(2 * depth, ' ') + "}";
}

void append_array(std::string& text, const json::array& array, std::size_t depth) {
  text += "[";
  const char* separator = "";
  for (const auto& item : array) {
    // Objects in an array are short, and numbers in them whole: each is one line.
    text += separator + (item.is_object() ? "\n" + std::string(2 * (depth + 1), ' ') + json::serialize(item) : "");
    if (!item.is_object()) append(text, item, depth + 1);
    separator = item.is_object() ? "," : ", ";
  }
  text += "]";
}

void append(std::string& text, const json::value& value, std::size_t depth) {
  if (const auto* object = value.if_object()) {
    append_object(text, *object, depth);
  } else if (const auto* array = value.if_array()) {
    append_array(text, *array, depth);
  } else if (const auto* number = value.if_double()) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, *number).ptr;
    text.append(digits, end);
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::object& document) {
  std::string text;
  append_object(text, document, 0);
  return text + "\n";
}

}  // namespace headgate::loadtest::report
