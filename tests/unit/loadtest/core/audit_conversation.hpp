#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "loadtest/core/audit.hpp"

namespace headgate::loadtest::core {

inline constexpr std::uint64_t plenty = 1 << 24;

// A publisher, an audience and the server between them, for tests that read as a conversation. Time stands still
// unless later() moves it.
class conversation {
 public:
  explicit conversation(mqtt::qos qos = mqtt::qos::at_least_once, std::uint64_t memory_bytes = plenty)
      : conversation({qos}, {qos}, memory_bytes) {}
  conversation(const publisher_terms& publisher, const audience_terms& audience, std::uint64_t memory_bytes = plenty,
               const topic_mask& mask = {})
      : under_test(memory_bytes),
        publisher(under_test.add_publisher(publisher)),
        audience(under_test.add_audience(audience)) {
    under_test.add_flow(this->audience, this->publisher, under_test.add_mask(mask));
  }

  conversation& subscribed() {
    under_test.on_subscribed(audience);
    return *this;
  }
  conversation& unsubscribed() {
    under_test.on_unsubscribed(audience);
    return *this;
  }
  conversation& away() {
    under_test.on_away(audience, now_ns);
    return *this;
  }
  conversation& back(bool session_present = true) {
    under_test.on_back(audience, session_present, now_ns);
    return *this;
  }
  conversation& later(std::uint64_t ns) {
    now_ns += ns;
    return *this;
  }
  conversation& sent(std::uint64_t count) {
    under_test.on_sent(publisher, count, now_ns);
    return *this;
  }
  conversation& acknowledged(std::initializer_list<std::uint64_t> sequences) {
    for (const std::uint64_t sequence : sequences) under_test.on_acknowledged(publisher, sequence);
    return *this;
  }
  // Sent and acknowledged: the next ones.
  conversation& published(std::uint64_t count) {
    for (; count > 0; --count) {
      const std::uint64_t sequence = under_test.sent(publisher);
      sent(1).acknowledged({sequence});
    }
    return *this;
  }
  conversation& came(std::initializer_list<std::uint64_t> sequences) {
    for (const std::uint64_t sequence : sequences) deliver({publisher.value, sequence});
    return *this;
  }
  audit::progress deliver(const audit::delivery& message) { return under_test.on_delivery(audience, message); }
  verdict judged() { return under_test.judge(now_ns); }
  std::uint64_t next() const { return under_test.flows_of(audience).front().next; }

  audit under_test;
  publisher_index publisher;
  audience_index audience;
  std::uint64_t now_ns = 1'000'000'000;
};

inline std::uint64_t count_of(const verdict& found, fault_kind kind) {
  return found.counts[static_cast<std::size_t>(kind)];
}

// All that a verdict counts, in words: "lost 2, qos0_dropped 1"; what is 0 is left out. Without `required`, `received`.
inline std::string faults_of(const verdict& found) {
  static constexpr const char* names[fault_kinds] = {
      "lost",         "duplicated",         "duplicated_at_qos_2",   "reordered",   "corrupted",
      "misdelivered", "never_acknowledged", "wrong_acknowledgement", "session_lost"};
  std::string text;
  const auto add = [&](const char* name, std::uint64_t count) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(count);
  };
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) add(names[kind], found.counts[kind]);
  add("qos0_dropped", found.qos0_dropped);
  add("duplicated_with_reason", found.duplicated_with_reason);
  add("in_doubt", found.in_doubt);
  add("refused", found.refused);
  add("expired", found.expired);
  add("foreign", found.foreign);
  return text;
}

// The ranges of one kind's findings: "3-5 9-10".
inline std::string ranges_of(const verdict& found, fault_kind kind) {
  std::string text;
  for (const finding& one : found.findings) {
    if (one.kind != kind) continue;
    text += (text.empty() ? "" : " ") + std::to_string(one.from) + "-" + std::to_string(one.to);
  }
  return text;
}

}  // namespace headgate::loadtest::core
