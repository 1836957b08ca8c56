#include "cli/log_list.hpp"

#include <boost/json/serialize.hpp>

#include "cli/admin_options.hpp"
#include "cli/command.hpp"
#include "cli/log_words.hpp"
#include "cli/stored_log.hpp"
#include "cli/table.hpp"

namespace headgate::cli {

namespace json = boost::json;
namespace log = broker::log;

namespace {

// A segment as a row of any of the outputs.
struct segment_row {
  std::string log;
  std::uint32_t log_id = 0;
  std::string file;
  std::string state;
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t records = 0;
  std::uint64_t batches_bytes = 0;  // whole batches
  std::uint64_t first_time_ms = 0;
  std::uint64_t last_time_ms = 0;
};

// Of a sealed segment by its index, of another one by reading it through.
segment_row row_of(const stored_log& stored, const stored_segment& segment) {
  segment_row row{stored.name(), stored.id(), segment.file, "", segment.first.value, segment.first.value, 0, 0, 0, 0};
  if (segment.is_sealed()) {
    const auto& known = segment.index->segment;
    row.state = segment.file_bytes < known.size ? "too short" : "sealed";
    row.end = known.end.value;
    row.records = known.end.value - known.first.value;
    row.batches_bytes = known.size;
    row.first_time_ms = known.first_time_ms;
    row.last_time_ms = known.last_time_ms;
    return row;
  }
  row.state = segment.is_last ? "open" : "not sealed";
  stored.visit(segment, segment.is_last ? log::damage::ends : log::damage::is_skipped,
               [&](const auto& batch, std::uint64_t) {
                 if (row.records == 0) row.first_time_ms = batch.timestamp_ms;
                 row.last_time_ms = batch.timestamp_ms;
                 row.records += batch.count;
                 row.batches_bytes += batch.size;
                 row.end = batch.base_offset + batch.count;
                 return true;
               });
  return row;
}

json::object json_of(const segment_row& row) {
  json::object object{{"log", row.log},         {"log_id", row.log_id},      {"file", row.file},
                      {"state", row.state},     {"first", row.first},        {"end", row.end},
                      {"records", row.records}, {"bytes", row.batches_bytes}};
  if (row.records > 0) {
    object["first_time"] = utc_text(row.first_time_ms);
    object["last_time"] = utc_text(row.last_time_ms);
  }
  return object;
}

// For people in words and units, for programs in digits alone.
std::vector<std::string> cells_of(const segment_row& row, bool for_people) {
  const auto number = [&](std::uint64_t value) { return for_people ? digits_text(value) : std::to_string(value); };
  return {row.log,
          row.file,
          row.state,
          std::to_string(row.first),
          std::to_string(row.end),
          number(row.records),
          for_people ? size_text(row.batches_bytes) : std::to_string(row.batches_bytes),
          row.records > 0 ? utc_text(row.first_time_ms) : "-",
          row.records > 0 ? utc_text(row.last_time_ms) : "-"};
}

std::string state_of(const stored_log& stored) {
  if (!stored.identity()) return "identity lost";
  return stored.identity()->closed ? "closed in order" : "in use, or its server was killed";
}

// "log main/0: id 4711, 3 segments, 520.1 MiB, offsets 0 to 4096000, closed in order"
std::string sentence_of(const stored_log& stored, const std::vector<segment_row>& rows) {
  std::uint64_t bytes = 0;
  for (const auto& row : rows) bytes += row.batches_bytes;
  std::string sentence = "log " + printable(stored.name()) + ": id " + std::to_string(stored.id()) + ", " +
                         count_text(rows.size(), "segment") + ", " + size_text(bytes);
  if (!rows.empty()) {
    sentence += ", offsets " + std::to_string(rows.front().first) + " to " + std::to_string(rows.back().end);
  }
  sentence += ", " + state_of(stored) + "\n";
  for (const auto& name : stored.put_aside()) {
    sentence += "  " + printable(name) + " was put aside by a start: no batch of it can be read\n";
  }
  return sentence;
}

}  // namespace

int list_logs(const log_list_options& options) {
  const bool for_people = output_is_terminal();
  table segments({"LOG", "FILE", "STATE", "FIRST", "END", "RECORDS", "SIZE", "FIRST TIME", "LAST TIME"});
  std::string sentences;
  for (const auto& place : find_logs(options.path)) {
    const stored_log stored(place);
    std::vector<segment_row> rows;
    for (const auto& segment : stored.segments()) rows.push_back(row_of(stored, segment));
    sentences += sentence_of(stored, rows);
    for (const auto& row : rows) {
      if (options.json) {
        print(json::serialize(json_of(row)) + "\n");
      } else {
        segments.add(cells_of(row, for_people));
      }
    }
  }
  if (options.json) return done;
  print((for_people ? sentences + "\n" : "") + segments.text(for_people));
  return done;
}

}  // namespace headgate::cli
