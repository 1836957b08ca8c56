#include "loadtest/report/read_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>

namespace headgate::loadtest::report {

namespace {

namespace json = boost::json;

constexpr std::string_view what_measures_nothing[] = {"schema_version", "exit_status", "server.pid", "conditions",
                                                      "connections.reasons"};

// A document that is being read: its errors begin with its name.
class reader {
 public:
  explicit reader(const std::string& file) : file_(file) {}

  [[noreturn]] void fail(const std::string& sentence) const { throw std::runtime_error(file_ + ": " + sentence); }

  json::object parse(std::string_view text) const {
    json::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    const json::value document = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) fail("is no JSON: " + error.message() + "; 'headgate-loadtest … --json FILE' writes it");
    if (!document.is_object()) fail("is no report of headgate-loadtest: an object is expected");
    return document.get_object();
  }

  const json::value& member(const json::object& object, std::string_view name) const {
    const auto* value = object.if_contains({name.data(), name.size()});
    if (value == nullptr) fail("is no whole report of headgate-loadtest: it has no member " + std::string(name));
    return *value;
  }

  std::string text(const json::value& value, std::string_view name) const {
    if (!value.is_string()) fail(std::string(name) + " is not a string");
    return std::string(value.get_string());
  }

  bool truth(const json::value& value, std::string_view name) const {
    if (!value.is_bool()) fail(std::string(name) + " is neither true nor false");
    return value.get_bool();
  }

  const json::object& object(const json::value& value, std::string_view name) const {
    if (!value.is_object()) fail(std::string(name) + " is not an object");
    return value.get_object();
  }

  std::int64_t whole(const json::value& value, std::string_view name) const {
    if (!value.is_int64()) fail(std::string(name) + " is not a whole number");
    return value.get_int64();
  }

  std::vector<std::string> sentences(const json::value& value, std::string_view name) const {
    if (!value.is_array()) fail(std::string(name) + " is not an array");
    std::vector<std::string> all;
    for (const auto& item : value.get_array()) all.push_back(text(item, name));
    return all;
  }

 private:
  const std::string& file_;
};

void collect(const json::object& object, const std::string& prefix, report_file& report) {
  for (const auto& each : object) {
    const std::string name = prefix + std::string(each.key());
    if (std::find(std::begin(what_measures_nothing), std::end(what_measures_nothing), name) !=
        std::end(what_measures_nothing))
      continue;
    if (const auto* inner = each.value().if_object()) collect(*inner, name + ".", report);
    if (each.value().is_number()) report.metrics.emplace_back(name, each.value().to_number<double>());
  }
}

void check_version(const reader& from, const json::object& document) {
  const auto version = from.whole(from.member(document, "schema_version"), "schema_version");
  if (version == 1) return;
  from.fail("schema_version is " + std::to_string(version) +
            ", and this program reads 1: take the headgate-loadtest that wrote it, or a newer one");
}

}  // namespace

report_file read_json(const std::string& text, const std::string& file) {
  const reader from(file);
  const auto document = from.parse(text);
  check_version(from, document);
  report_file report;
  report.file = file;
  report.name = from.text(from.member(document, "name"), "name");
  report.started = from.text(from.member(document, "started"), "started");
  for (const auto& each : from.object(from.member(document, "conditions"), "conditions")) {
    report.conditions.emplace_back(each.key(), from.text(each.value(), "conditions." + std::string(each.key())));
  }
  report.exit_status = from.whole(from.member(document, "exit_status"), "exit_status") == 0 ? 0 : 1;
  report.interrupted = from.truth(from.member(document, "interrupted"), "interrupted");
  report.failures = from.sentences(from.member(document, "failures"), "failures");
  const auto& generator = from.object(from.member(document, "generator"), "generator");
  report.limited = from.sentences(from.member(generator, "limited"), "generator.limited");
  if (const auto* audit = document.if_contains("audit")) {
    report.audited = true;
    const auto& verdict = from.object(*audit, "audit");
    report.audit_complete = from.truth(from.member(verdict, "complete"), "audit.complete");
    from.member(verdict, "faults");
  }
  collect(document, "", report);
  return report;
}

}  // namespace headgate::loadtest::report
