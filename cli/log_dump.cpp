#include "cli/log_dump.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <deque>
#include <stdexcept>

#include "broker/log/stored_batch.hpp"
#include "cli/admin_options.hpp"
#include "cli/command.hpp"
#include "cli/log_words.hpp"
#include "cli/stored_log.hpp"
#include "mqtt/topic.hpp"

namespace headgate::cli {

namespace json = boost::json;
namespace log = broker::log;
namespace record = broker::record;

namespace {

// So much is collected before it is printed.
constexpr std::size_t bytes_per_print = 256 * 1024;

std::uint64_t time_of(const char* option, const std::string& text, std::uint64_t otherwise) {
  if (text.empty()) return otherwise;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const auto time = parse_time(text, static_cast<std::uint64_t>(now_ms));
  if (time) return *time;
  throw std::runtime_error(std::string(option) + " '" + text +
                           "' is no time: give one in UTC, such as 2026-11-27T08:20, or how long ago, such as 15m");
}

// Which records are wanted.
class choice {
 public:
  explicit choice(const log_dump_options& options)
      : options_(options),
        since_ms_(time_of("--since", options.since, 0)),
        until_ms_(time_of("--until", options.until, ~std::uint64_t{0})) {
    if (!options.filter.empty() && !mqtt::is_valid_topic_filter(options.filter)) {
      throw std::runtime_error("'" + options.filter +
                               "' is no topic filter: + stands for a level, # for all that follow");
    }
  }

  // Whether it may have any of them.
  bool takes(const stored_segment& segment) const {
    if (segment.first.value >= options_.to) return false;
    if (!segment.is_sealed()) return true;
    const auto& known = segment.index->segment;
    return known.end.value > options_.from && known.last_time_ms >= since_ms_ && known.first_time_ms < until_ms_;
  }
  bool takes(const record::batch_header& batch) const {
    return batch.base_offset + batch.count > options_.from && batch.timestamp_ms >= since_ms_ &&
           batch.timestamp_ms < until_ms_;
  }
  bool takes(const record::batch_header& batch, const record::record_header& record) const {
    const auto offset = batch.base_offset + record.offset_delta;
    if (offset < options_.from || offset >= options_.to) return false;
    if (!record.is_message() && !options_.all_kinds) return false;
    return options_.filter.empty() || mqtt::matches(options_.filter, record.topic());
  }
  // Whether nothing behind it is wanted: offsets and times ascend.
  bool ends_at(const record::batch_header& batch) const {
    return batch.base_offset >= options_.to || batch.timestamp_ms >= until_ms_;
  }

 private:
  const log_dump_options& options_;
  std::uint64_t since_ms_;
  std::uint64_t until_ms_;
};

// Calls show(line) for the chosen records of a segment, in order, until it answers false; returns whether it never did.
template <class Show>
bool for_each_chosen(const stored_log& stored, const stored_segment& segment, const log_dump_options& options,
                     const choice& chosen, Show show) {
  bool goes_on = true;
  // What is damaged is stepped over, as the server does; `headgate log verify` tells of it.
  const auto on_damage = segment.is_last && !segment.is_sealed() ? log::damage::ends : log::damage::is_skipped;
  stored.visit(segment, on_damage, [&](const record::batch_header& batch, std::uint64_t) {
    if (chosen.ends_at(batch)) return false;
    if (!chosen.takes(batch)) return true;
    record::for_each_record_while(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
      if (chosen.takes(batch, record)) {
        goes_on = show(json::serialize(json_of(stored.name(), batch, record, options.payload)) + "\n");
      }
      return goes_on;
    });
    return goes_on;
  });
  return goes_on;
}

// The last lines of a log, found from its end on.
std::string last_lines(const stored_log& stored, const log_dump_options& options, const choice& chosen) {
  std::string lines;
  auto left = options.last;
  for (auto segment = stored.segments().rbegin(); segment != stored.segments().rend() && left > 0; ++segment) {
    if (!chosen.takes(*segment)) continue;
    std::deque<std::string> found;
    for_each_chosen(stored, *segment, options, chosen, [&](std::string line) {
      found.push_back(std::move(line));
      if (found.size() > left) found.pop_front();
      return true;
    });
    std::string of_segment;
    for (const auto& line : found) of_segment += line;
    lines = of_segment + lines;
    left -= found.size();
  }
  return lines;
}

// Prints lines until there have been as many as are wanted.
class printer {
 public:
  explicit printer(std::uint64_t count) : left_(count == 0 ? ~std::uint64_t{0} : count) {}

  // Whether another one is wanted.
  bool add(const std::string& line) {
    text_ += line;
    if (text_.size() >= bytes_per_print) flush();
    return --left_ > 0;
  }
  void flush() {
    print(text_);
    text_.clear();
  }

 private:
  std::uint64_t left_;
  std::string text_;
};

std::vector<log_place> places_of(const log_dump_options& options) {
  auto places = find_logs(options.path);
  if (options.log.empty()) return places;
  std::string names;
  for (const auto& place : places) names += (names.empty() ? "" : ", ") + place.name;
  std::erase_if(places, [&](const log_place& place) { return place.name != options.log; });
  if (places.empty()) throw std::runtime_error("there is no log '" + options.log + "'; there are: " + names);
  return places;
}

}  // namespace

int dump_logs(const log_dump_options& options) {
  const choice chosen(options);
  printer out(options.count);
  bool goes_on = true;
  for (const auto& place : places_of(options)) {
    const stored_log stored(place);
    if (options.last > 0) {
      print(last_lines(stored, options, chosen));
      continue;
    }
    for (const auto& segment : stored.segments()) {
      if (!goes_on) break;
      if (!chosen.takes(segment)) continue;
      goes_on =
          for_each_chosen(stored, segment, options, chosen, [&](const std::string& line) { return out.add(line); });
    }
  }
  out.flush();
  return done;
}

}  // namespace headgate::cli
