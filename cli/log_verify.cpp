#include "cli/log_verify.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "cli/admin_options.hpp"
#include "cli/command.hpp"
#include "cli/log_words.hpp"
#include "cli/segment_check.hpp"
#include "cli/table.hpp"

namespace headgate::cli {

namespace json = boost::json;

namespace {

json::array json_of(const std::vector<std::string>& sentences) {
  json::array array;
  for (const auto& sentence : sentences) array.emplace_back(sentence);
  return array;
}

// Checks logs one after the other, and says what was found as it goes.
class verifier {
 public:
  explicit verifier(bool as_json) : as_json_(as_json) {}

  void check(const stored_log& stored) {
    std::vector<std::string> of_log;
    if (!stored.identity()) {
      of_log.emplace_back(
          "its identity is lost or damaged: the next start makes it again, behind all offsets that it finds");
    }
    if (stored.segments().empty() && of_log.empty()) return;
    std::uint64_t end = 0;
    for (const auto& segment : stored.segments()) {
      auto found = check_segment(stored, segment);
      if (segment.first.value < end) {
        found.damage.emplace_back(
            "it begins before the segment before it ends: files of two states of the log are mixed");
      }
      end = segment.is_sealed() ? segment.index->segment.end.value : segment.first.value + found.records;
      if (!of_log.empty()) found.damage.insert(found.damage.begin(), of_log.begin(), of_log.end());
      of_log.clear();
      add(stored, segment, found);
    }
    // Of a log without segments there is no row.
    damaged_ += of_log.size();
    for (const auto& sentence : of_log) say("damaged", stored.name(), sentence);
  }

  // The exit status.
  int finish() {
    if (!as_json_) {
      print(rows_.text(output_is_terminal()) + sentences_);
      print(count_text(segments_, "segment") + ", " + count_text(batches_, "batch") + " and " + size_text(bytes_) +
            " checked: " + (damaged_ == 0 ? "nothing is damaged" : count_text(damaged_, "place") + " damaged") + "\n");
    }
    return damaged_ == 0 ? done : answer_is_no;
  }

 private:
  void add(const stored_log& stored, const stored_segment& segment, const segment_check& found) {
    ++segments_;
    batches_ += found.batches;
    bytes_ += found.bytes;
    const auto* const state = segment.is_sealed() ? "sealed" : segment.is_last ? "open" : "not sealed";
    const auto* const result = found.damage.empty() ? "good" : "DAMAGED";
    damaged_ += found.damage.size();
    if (as_json_) {
      print(json::serialize(json::object{{"log", stored.name()},
                                         {"file", segment.file},
                                         {"state", state},
                                         {"batches", found.batches},
                                         {"records", found.records},
                                         {"bytes", found.bytes},
                                         {"good", found.damage.empty()},
                                         {"damage", json_of(found.damage)},
                                         {"remarks", json_of(found.remarks)}}) +
            "\n");
      return;
    }
    rows_.add({stored.name(), segment.file, state, std::to_string(found.batches), std::to_string(found.records),
               output_is_terminal() ? size_text(found.bytes) : std::to_string(found.bytes), result});
    const auto where = stored.name() + "/" + segment.file;
    for (const auto& sentence : found.damage) say("damaged", where, sentence);
    for (const auto& sentence : found.remarks) say("remark", where, sentence);
  }

  void say(const char* what, const std::string& where, const std::string& sentence) {
    sentences_ += std::string(what) + ": " + printable(where) + ": " + printable(sentence) + "\n";
  }

  bool as_json_;
  table rows_{{"LOG", "FILE", "STATE", "BATCHES", "RECORDS", "SIZE", "RESULT"}};
  std::string sentences_;
  std::uint64_t segments_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t damaged_ = 0;
};

}  // namespace

int verify_logs(const log_verify_options& options) {
  verifier all(options.json);
  for (const auto& place : find_logs(options.path)) all.check(stored_log(place));
  return all.finish();
}

}  // namespace headgate::cli
