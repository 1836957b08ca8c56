#include "broker/retained/answering.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "broker/retained/filter_walk.hpp"
#include "broker/retained/stored_value.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::retained {
namespace {

// Puts together one answer.
class finding {
 public:
  finding(const question& question, std::uint32_t log_id, std::uint64_t& unreadable)
      : question_(question), log_id_(log_id), unreadable_(unreadable) {
    found.number = question.number;
  }

  void take(std::string_view topic, std::string_view data) {
    const auto value = decode_value(topic, data);
    if (!value) return pass_over();
    if (has_expired(*value, question_.now_ms)) return found.expired.emplace_back(topic), void();
    if (value->log_id == log_id_ && value->place >= question_.below) return;
    found.answer.values.push_back(batch_of(*value, log_id_));
    bytes_ += found.answer.values.back().header().size;
  }
  void pass_over() { ++unreadable_; }
  bool is_enough() const {
    const auto& values = found.answer.values;
    return !values.empty() && (values.size() >= question_.places || bytes_ >= question_.max_bytes);
  }

  found_values found;

 private:
  const question& question_;
  std::uint32_t log_id_;
  std::uint64_t& unreadable_;
  std::uint64_t bytes_ = 0;
};

void look_up(rocks& store, std::uint32_t number, const question& question, finding& finding) {
  finding.found.answer.done = true;
  if (question.after >= question.filter) return;
  std::string data;
  switch (store.read(value_key(number, question.filter), data)) {
    case rocks::found::yes:
      return finding.take(question.filter, data);
    case rocks::found::failed:
      return finding.pass_over();
    case rocks::found::no:
      return;
  }
}

// The values of topics that come one behind the other, as most do that a filter matches, are read as they stand.
void take_value(rocks::cursor& values, std::string_view topic, finding& finding) {
  const bool is_there =
      (values.valid() && values.next() && values.rest() == topic) || (values.seek(topic) && values.rest() == topic);
  if (is_there) return finding.take(topic, values.value());
  finding.pass_over();
}

void walk(rocks& store, std::uint32_t number, const question& question, finding& finding) {
  auto topics = store.walk(key_prefix(key_kind::topic, number));
  auto values = store.walk(key_prefix(key_kind::value, number));
  auto& answer = finding.found.answer;
  std::string target;
  std::string last;  // looked at
  auto step = next_step::seek;
  if (question.after.empty()) {
    target = first_place(question.filter);
  } else {
    step = step_behind(question.filter, question.after, target);
    if (step == next_step::next) {
      step = next_step::seek;
      target = question.after + '\0';
    }
  }
  for (std::size_t steps = 0; step != next_step::none; ++steps) {
    const bool more = step == next_step::seek ? topics.seek(target) : topics.next();
    if (!more) break;
    if (steps == base::retained_scan_steps || finding.is_enough()) {
      answer.cursor = std::move(last);
      return;
    }
    last = topics.rest();
    if (mqtt::matches(question.filter, last)) take_value(values, last, finding);
    step = step_behind(question.filter, last, target);
  }
  if (topics.failed()) finding.pass_over();
  answer.done = true;
}

}  // namespace

found_values answer(rocks& store, std::uint32_t number, std::uint32_t log_id, const question& question,
                    std::uint64_t& unreadable) {
  finding finding(question, log_id, unreadable);
  if (mqtt::has_wildcard(question.filter)) {
    walk(store, number, question, finding);
  } else {
    look_up(store, number, question, finding);
  }
  return std::move(finding.found);
}

}  // namespace headgate::broker::retained
