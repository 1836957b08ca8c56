#include "loadtest/plan/kind.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>
#include <variant>

namespace headgate::loadtest::plan {

namespace {

using config::describe_numbers;
using config::parse_number;

template <class Value>
using word_list = std::vector<std::pair<std::string, Value>>;

template <class Value>
kind<Value> choice(word_list<Value> words) {
  std::string accepts;
  for (const auto& [word, value] : words) {
    if (!accepts.empty()) accepts += &word == &words.back().first ? " or " : ", ";
    accepts += word;
  }
  const auto parse = [words](const std::string& text) -> std::optional<Value> {
    const auto found = std::ranges::find(words, text, &std::pair<std::string, Value>::first);
    return found == words.end() ? std::nullopt : std::optional(found->second);
  };
  const auto show = [words](const Value& value) {
    return std::ranges::find(words, value, &std::pair<std::string, Value>::second)->first;
  };
  return {accepts, parse, show};
}

std::optional<double> parse_decimal(std::string_view text, double least, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

std::string show_decimal(double value) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

std::optional<payload_sizes> parse_sizes(const std::string& text, config::range range) {
  const auto dots = text.find("..");
  const auto least = config::parse_size(text.substr(0, dots), range);
  const auto most = dots == std::string::npos ? least : config::parse_size(text.substr(dots + 2), range);
  if (!least || !most || *least > *most) return std::nullopt;
  return payload_sizes{static_cast<std::uint32_t>(*least), static_cast<std::uint32_t>(*most)};
}

bool is_host_letter(char letter, bool in_brackets) {
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  if (is_letter || (letter >= '0' && letter <= '9') || letter == '.') return true;
  return in_brackets ? letter == ':' || letter == '%' : letter == '-' || letter == '_';
}

std::optional<core::target> parse_target(const std::string& text) {
  const bool in_brackets = text.starts_with('[');
  const auto end = in_brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string::npos) return std::nullopt;
  core::target found;
  found.port = 0;
  found.host = in_brackets ? text.substr(1, end - 1) : text.substr(0, end);
  const bool is_host =
      std::ranges::all_of(found.host, [&](char letter) { return is_host_letter(letter, in_brackets); });
  if (found.host.empty() || found.host.size() > 255 || !is_host) return std::nullopt;
  const auto rest = text.substr(in_brackets ? end + 1 : end);
  if (rest.empty()) return found;
  const auto port = rest.front() == ':' ? parse_number(rest.substr(1), {1, 65'535}) : std::nullopt;
  if (!port) return std::nullopt;
  found.port = static_cast<std::uint16_t>(*port);
  return found;
}

std::string show_target(const core::target& target) {
  const bool needs_brackets = target.host.find(':') != std::string::npos;
  const auto host = needs_brackets ? "[" + target.host + "]" : target.host;
  return target.port == 0 ? host : host + ":" + std::to_string(target.port);
}

}  // namespace

kind<std::uint64_t> numbers(std::uint64_t least, std::uint64_t most) {
  const auto parse = [=](const std::string& text) { return parse_number(text, {least, most}); };
  const auto show = [](const std::uint64_t& value) { return std::to_string(value); };
  return {describe_numbers({least, most}), parse, show};
}

kind<std::uint64_t> byte_counts(std::uint64_t least, std::uint64_t most) {
  const auto parse = [=](const std::string& text) { return config::parse_size(text, {least, most}); };
  const auto show = [](const std::uint64_t& value) { return config::show_size(value); };
  return {config::describe_sizes({least, most}), parse, show};
}

kind<double> decimals(double least, double most) {
  const auto parse = [=](const std::string& text) { return parse_decimal(text, least, most); };
  return {"a number from " + show_decimal(least) + " to " + show_decimal(most), parse, show_decimal};
}

kind<double> percents() {
  const auto parse = [](const std::string& text) -> std::optional<double> {
    if (!text.ends_with('%')) return std::nullopt;
    const auto value = parse_decimal(std::string_view(text).substr(0, text.size() - 1), 0, 100);
    return value ? std::optional(*value / 100) : std::nullopt;
  };
  return {"a share from 0% to 100%, as in 100%", parse,
          [](const double& share) { return show_decimal(share * 100) + "%"; }};
}

kind<bool> truths() {
  return choice<bool>({{"true", true}, {"false", false}});
}

kind<payload_sizes> sizes_of_payload() {
  const config::range range{core::least_payload, 64U << 20};
  const auto parse = [=](const std::string& text) { return parse_sizes(text, range); };
  const auto show = [](const payload_sizes& sizes) {
    if (sizes.least == sizes.most) return config::show_size(sizes.least);
    return config::show_size(sizes.least) + ".." + config::show_size(sizes.most);
  };
  return {
      "a number of bytes from 40 (the stamp by which a message is recognised and checked) to 64MiB, or two as in "
      "64..512",
      parse, show};
}

kind<mqtt::qos> levels_of_qos() {
  return choice<mqtt::qos>(
      {{"0", mqtt::qos::at_most_once}, {"1", mqtt::qos::at_least_once}, {"2", mqtt::qos::exactly_once}});
}

kind<mqtt::version> versions() {
  return choice<mqtt::version>(
      {{"3.1", mqtt::version::v3_1}, {"3.1.1", mqtt::version::v3_1_1}, {"5", mqtt::version::v5}});
}

kind<bool> ways_to_disconnect() {
  return choice<bool>({{"cut", false}, {"clean", true}});
}

kind<core::tls_plan::version> tls_versions() {
  return choice<core::tls_plan::version>(
      {{"1.2", core::tls_plan::version::v1_2}, {"1.3", core::tls_plan::version::v1_3}});
}

kind<bool> expected_answers() {
  return choice<bool>({{"accepted", false}, {"refused", true}});
}

kind<core::target> targets() {
  return {"HOST or HOST:PORT, an IPv6 address in brackets as in [::1]:1883", parse_target, show_target};
}

kind<std::string> words(std::string accepts) {
  const auto parse = [](const std::string& text) {
    const bool is_good = !text.empty() && text.size() <= 65'535 && config::is_one_line(text);
    return is_good ? std::optional(text) : std::nullopt;
  };
  return {std::move(accepts), parse, [](const std::string& text) { return text; }};
}

kind<core::text_template> templates() {
  const auto parse = [](const std::string& text) -> std::optional<core::text_template> {
    auto parsed = core::text_template::parse(text);
    auto* found = std::get_if<core::text_template>(&parsed);
    return found != nullptr && !text.empty() ? std::optional(std::move(*found)) : std::nullopt;
  };
  return {
      "a text in which %c stands for the client's number, %n for the topic's, %8n for the same with eight digits, "
      "and %% for a percent sign",
      parse, [](const core::text_template& text) { return text.text(); }};
}

kind<core::text_template> client_templates() {
  auto made = templates();
  made.accepts =
      "a text in which %c stands for the client's number, %8c for the same with eight digits, and %% for a "
      "percent sign";
  return made;
}

std::string refusal(const std::string& name, const std::string& text, const std::string& accepts) {
  const auto what = text.empty() ? name + " is empty" : config::quoted(text) + " is no value for " + name;
  return what + ": it takes " + accepts;
}

}  // namespace headgate::loadtest::plan
