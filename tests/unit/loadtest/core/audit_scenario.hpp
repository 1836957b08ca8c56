#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "tests/unit/loadtest/core/audit_model.hpp"
#include "tests/unit/property.hpp"

namespace headgate::loadtest::core {

// A random run with a server that mostly does what it should: the dice decide who there is and what happens, and the
// audit and the model hear the same.
class audit_scenario {
 public:
  audit_scenario(tests::dice& random, std::uint64_t memory_bytes) : dice(random), under_test(memory_bytes) {
    for (std::uint32_t left = 1 + dice.below(4); left > 0; --left) add_publisher();
    for (std::uint32_t left = 1 + dice.below(4); left > 0; --left) add_audience();
    faulty = dice.one_in(4) ? 1'000'000 : 6;
  }

  void step() {
    if (dice.one_in(8)) now_ns += dice.one_in(3) ? 3 * second_ns : second_ns / 10;
    switch (dice.below(10)) {
      case 0:
      case 1:
        return send();
      case 2:
      case 3:
        return settle();
      case 4:
        return come_or_go();
      default:
        return deliver();
    }
  }
  // What is not answered yet is acknowledged, and what is due comes.
  void drain() {
    for (std::uint32_t p = 0; p < sent.size(); ++p) {
      for (std::uint64_t n = 0; n < sent[p]; ++n) say_once(kind::acknowledged, p, n);
    }
    for (int left = 200; left > 0; --left) deliver();
  }

  tests::dice& dice;
  audit under_test;
  audit_model model;
  std::uint64_t now_ns = 100 * second_ns;

 private:
  using kind = audit_model::kind;
  enum class member : std::uint8_t { outside, subscribed, away, without_session };

  void add_publisher() {
    publisher_terms terms{static_cast<mqtt::qos>(dice.below(3)), mqtt::no_expiry, 1 + dice.below(3)};
    if (dice.one_in(3)) terms.expiry_s = dice.below(8);
    under_test.add_publisher(terms);
    model.publishers.push_back({terms});
    sent.push_back(0);
  }

  void add_audience() {
    const audience_terms terms{static_cast<mqtt::qos>(dice.below(3)), dice.one_in(3), dice.one_in(2)};
    const audience_index index = under_test.add_audience(terms);
    audit_model::audience made{terms, {}, {}};
    for (std::uint32_t p = 0; p < sent.size(); ++p) {
      topic_mask mask;
      const bool has_flow = !dice.one_in(5);
      for (std::uint32_t n = model.publishers[p].terms.topics; n > 0; --n) mask.wanted.push_back(!dice.one_in(3));
      made.has_flow.push_back(has_flow);
      made.wanted.push_back(mask);
      if (has_flow) under_test.add_flow(index, publisher_index(p), under_test.add_mask(mask));
    }
    model.audiences.push_back(made);
    members.emplace_back(terms.is_shared ? 1 + dice.below(3) : 1);
    position.emplace_back(sent.size());
  }

  void tell(audit_model::event event) {
    event.now_ns = now_ns;
    model.events.push_back(event);
    const publisher_index publisher(event.publisher);
    const audience_index audience(event.audience);
    switch (event.what) {
      case kind::sent:
        return under_test.on_sent(publisher, event.sequence, now_ns);
      case kind::acknowledged:
        return under_test.on_acknowledged(publisher, event.sequence);
      case kind::refused:
        return under_test.on_refused(publisher, event.sequence);
      case kind::abandoned:
        return under_test.on_abandoned(publisher, event.sequence);
      case kind::sent_again:
        return under_test.on_sent_again(publisher, event.sequence);
      case kind::wrong_acknowledgement:
        return under_test.on_wrong_acknowledgement(publisher);
      case kind::subscribed:
        return under_test.on_subscribed(audience);
      case kind::unsubscribed:
        return under_test.on_unsubscribed(audience);
      case kind::away:
        return under_test.on_away(audience, now_ns);
      case kind::back:
        return under_test.on_back(audience, event.flag, now_ns);
      case kind::delivery:
        return void(under_test.on_delivery(audience, event.message));
      case kind::unreadable:
        return under_test.on_unreadable(audience);
      case kind::stray:
        return under_test.on_stray(event.publisher, event.sequence);
    }
  }

  void send() {
    const std::uint32_t publisher = dice.below(sent.size());
    const std::uint64_t count = 1 + dice.below(4);
    sent[publisher] += count;
    tell({.what = kind::sent, .publisher = publisher, .sequence = count});
  }

  void settle() {
    const std::uint32_t publisher = dice.below(sent.size());
    if (dice.one_in(20)) return tell({.what = kind::wrong_acknowledgement, .publisher = publisher});
    if (sent[publisher] == 0) return;
    for (std::uint64_t n = dice.below(sent[publisher]); n < sent[publisher] && !dice.one_in(6); ++n) {
      if (dice.one_in(10)) tell({.what = kind::sent_again, .publisher = publisher, .sequence = n});
      const kind given_up = dice.one_in(2) ? kind::refused : kind::abandoned;
      say_once(dice.one_in(6) ? given_up : kind::acknowledged, publisher, n);
    }
  }
  void say_once(kind what, std::uint32_t publisher, std::uint64_t sequence) {
    const bool is_at_qos_0 = model.publishers[publisher].terms.qos == mqtt::qos::at_most_once;
    if ((is_at_qos_0 && what == kind::acknowledged) || !said.emplace(publisher, sequence).second) return;
    tell({.what = what, .publisher = publisher, .sequence = sequence});
  }

  void come_or_go() {
    const std::uint32_t audience = dice.below(members.size());
    const bool is_persistent = model.audiences[audience].terms.is_persistent;
    const std::size_t chosen = dice.below(members[audience].size());
    // Who subscribes next is one whose session was lost, if there is one: the audit cannot tell.
    const auto lost = std::ranges::find(members[audience], member::without_session);
    const bool is_lost = members[audience][chosen] == member::outside && lost != members[audience].end();
    member& one = is_lost ? *lost : members[audience][chosen];
    switch (one) {
      case member::outside:
        one = member::subscribed;
        return tell({.what = kind::subscribed, .audience = audience, .flag = true});
      case member::without_session:
        one = member::subscribed;
        return tell({.what = kind::subscribed, .audience = audience});
      case member::subscribed:
        if (dice.one_in(4)) {
          one = member::outside;
          return tell({.what = kind::unsubscribed, .audience = audience});
        }
        one = is_persistent ? member::away : member::outside;
        return tell({.what = kind::away, .audience = audience});
      case member::away:
        const bool is_kept = !dice.one_in(4);
        one = is_kept ? member::subscribed : member::without_session;
        return tell({.what = kind::back, .audience = audience, .flag = is_kept});
    }
  }

  // The next one as a rule; else anything.
  void deliver() {
    const std::uint32_t audience = dice.below(members.size());
    const std::uint32_t publisher = dice.below(sent.size());
    std::uint64_t& next = position[audience][publisher];
    audit::delivery message{.publisher = publisher, .sequence = next};
    if (!dice.one_in(faulty)) {
      if (next == sent[publisher] || !is_wanted(audience, publisher, next++)) return;
      return tell({.what = kind::delivery, .audience = audience, .message = message});
    }
    switch (dice.below(6)) {
      case 0:
        next = dice.below(sent[publisher] + 1);
        return;
      case 1:
        return tell({.what = kind::unreadable, .audience = audience});
      case 2:
        return tell({.what = kind::stray, .publisher = publisher});
      default:
        break;
    }
    message.publisher = dice.one_in(20) ? 99 : publisher;
    message.sequence = dice.below(sent[publisher] + 2);
    message.dup = dice.one_in(4);
    message.retain = dice.one_in(8);
    message.is_whole = !dice.one_in(8);
    message.has_own_topic = !dice.one_in(8);
    tell({.what = kind::delivery, .audience = audience, .message = message});
  }

  bool is_wanted(std::uint32_t audience, std::uint32_t publisher, std::uint64_t sequence) const {
    const auto& mask = model.audiences[audience].wanted[publisher].wanted;
    return model.audiences[audience].has_flow[publisher] && mask[sequence % mask.size()];
  }

  std::uint32_t faulty = 6;  // one in so many deliveries is not the next one
  std::vector<std::uint64_t> sent;
  std::vector<std::vector<member>> members;                // by audience
  std::vector<std::vector<std::uint64_t>> position;        // by audience and publisher
  std::set<std::pair<std::uint32_t, std::uint64_t>> said;  // what became of these
};

}  // namespace headgate::loadtest::core
