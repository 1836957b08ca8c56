#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/plan.hpp"

namespace headgate::loadtest::core {

// The audit as one would write it without a thought for memory and time: it keeps every event, and in the end goes
// through them with a state for each message at each audience.
class audit_model {
 public:
  enum class kind : std::uint8_t {
    sent,
    acknowledged,
    refused,
    abandoned,
    sent_again,
    wrong_acknowledgement,
    subscribed,
    unsubscribed,
    away,
    back,
    delivery,
    unreadable,
    stray,
  };
  struct event {
    kind what{};
    std::uint32_t publisher = 0;
    std::uint32_t audience = 0;
    std::uint64_t sequence = 0;
    std::uint64_t now_ns = 0;
    bool flag = false;  // subscribed: a new member; back: the session was kept
    audit::delivery message{};
  };
  struct publisher {
    publisher_terms terms;
  };
  struct audience {
    audience_terms terms;
    std::vector<bool> has_flow;      // by publisher
    std::vector<topic_mask> wanted;  // by publisher; empty: all
  };

  std::vector<publisher> publishers;
  std::vector<audience> audiences;
  std::vector<event> events;

  verdict judge(std::uint64_t now_ns) const {
    replay at(*this);
    at.judge(now_ns);
    return at.found;
  }
  bool is_settled() const {
    replay at(*this);
    return at.is_settled();
  }

 private:
  enum class fate : std::uint8_t { open, acknowledged, refused, abandoned };
  struct message {
    std::uint64_t sent_ns = 0;
    fate became = fate::open;
    bool again = false;
  };
  struct delivery_state {
    bool wanted = false;
    bool due = false;
    bool received = false;
    bool expirable = false;
  };
  struct audience_state {
    std::vector<std::vector<delivery_state>> of;  // by publisher, by message
    std::uint32_t members = 0;
    std::uint32_t away = 0;
    std::uint64_t away_since_ns = 0;
    std::uint64_t unreadable = 0;
    bool is_active = false;
    bool has_ended = false;
  };

  struct replay {
    explicit replay(const audit_model& of) : model(of), messages(of.publishers.size()), states(of.audiences.size()) {
      for (audience_state& state : states) state.of.resize(of.publishers.size());
      for (const event& next : of.events) apply(next);
    }

    mqtt::qos qos_of(std::uint32_t audience, std::uint32_t publisher) const {
      return mqtt::lower(model.audiences[audience].terms.qos, model.publishers[publisher].terms.qos);
    }
    void count(fault_kind kind, std::uint64_t more = 1) { found.counts[static_cast<std::size_t>(kind)] += more; }

    void apply(const event& next) {
      switch (next.what) {
        case kind::sent:
          return send(next);
        case kind::acknowledged:
          return become(next, fate::acknowledged);
        case kind::refused:
          return become(next, fate::refused);
        case kind::abandoned:
          return become(next, fate::abandoned);
        case kind::sent_again:
          messages[next.publisher][next.sequence].again = true;
          return;
        case kind::wrong_acknowledgement:
          return count(fault_kind::wrong_acknowledgement);
        case kind::subscribed:
          return subscribe(next);
        case kind::unsubscribed:
          return leave(next.audience);
        case kind::away:
          return go_away(next);
        case kind::back:
          return come_back(next);
        case kind::delivery:
          return deliver(next);
        case kind::unreadable:
          ++states[next.audience].unreadable;
          return count(fault_kind::corrupted);
        case kind::stray:
          return count(fault_kind::misdelivered);
      }
    }

    void send(const event& next) {
      for (std::uint64_t n = 0; n < next.sequence; ++n) {
        const std::uint64_t sequence = messages[next.publisher].size();
        messages[next.publisher].push_back({next.now_ns});
        for (std::size_t a = 0; a < states.size(); ++a) {
          const auto& mask = model.audiences[a].wanted[next.publisher].wanted;
          const bool wanted =
              model.audiences[a].has_flow[next.publisher] && (mask.empty() || mask[sequence % mask.size()]);
          states[a].of[next.publisher].push_back({wanted, states[a].is_active});
        }
      }
    }

    void become(const event& next, fate became) {
      message& one = messages[next.publisher][next.sequence];
      if (one.became != fate::open) return;
      one.became = became;
      if (became == fate::refused) ++found.refused;
      if (became == fate::abandoned) ++found.in_doubt;
    }

    void subscribe(const event& next) {
      audience_state& state = states[next.audience];
      if (next.flag) ++state.members;
      state.is_active = true;
    }

    // Calls use(publisher, sequence, state) of all that the audience has not received.
    template <class Use>
    void for_each_missing(std::uint32_t audience, Use use) {
      for (std::uint32_t p = 0; p < messages.size(); ++p) {
        for (std::uint64_t n = 0; n < messages[p].size(); ++n) {
          delivery_state& state = states[audience].of[p][n];
          if (state.wanted && !state.received) use(p, n, state);
        }
      }
    }
    bool is_passed(std::uint32_t audience, std::uint32_t publisher, std::uint64_t sequence) const {
      const auto& of = states[audience].of[publisher];
      return std::any_of(of.begin() + static_cast<std::ptrdiff_t>(sequence), of.end(),
                         [](const delivery_state& later) { return later.received; });
    }

    void leave(std::uint32_t audience) {
      if (--states[audience].members > 0) return;
      const bool is_shared = model.audiences[audience].terms.is_shared;
      for_each_missing(audience, [&](std::uint32_t p, std::uint64_t n, delivery_state& state) {
        if (is_shared || !is_passed(audience, p, n)) state.due = false;
      });
      states[audience].is_active = false;
    }

    void go_away(const event& next) {
      audience_state& state = states[next.audience];
      const audience_terms& terms = model.audiences[next.audience].terms;
      state.has_ended = true;
      if (terms.is_persistent) {
        if (state.away++ == 0) state.away_since_ns = next.now_ns;
        return;
      }
      if (terms.is_shared) {
        for_each_missing(next.audience, [&](std::uint32_t p, std::uint64_t, delivery_state& missing) {
          if (qos_of(next.audience, p) == mqtt::qos::exactly_once) missing.due = false;
        });
      }
      leave(next.audience);
    }

    void expire(std::uint32_t audience, std::uint64_t now_ns) {
      for_each_missing(audience, [&](std::uint32_t p, std::uint64_t n, delivery_state& state) {
        const std::uint32_t expiry_s = model.publishers[p].terms.expiry_s;
        if (expiry_s == mqtt::no_expiry) return;
        const std::uint64_t end = messages[p][n].sent_ns + expiry_s * second_ns;
        if (end + second_ns >= states[audience].away_since_ns && end <= now_ns + second_ns) state.expirable = true;
      });
    }
    void come_back(const event& next) {
      expire(next.audience, next.now_ns);
      --states[next.audience].away;
      if (!next.flag) count(fault_kind::session_lost);
    }

    void deliver(const event& next) {
      const audit::delivery& one = next.message;
      audience_state& to = states[next.audience];
      if (!one.is_whole) count(fault_kind::corrupted);
      const bool is_expected = one.publisher < messages.size() && one.sequence < messages[one.publisher].size() &&
                               to.of[one.publisher][one.sequence].wanted;
      if (!is_expected || !one.has_own_topic) count(fault_kind::misdelivered);
      if (!is_expected || one.retain) return;
      const bool is_shared = model.audiences[next.audience].terms.is_shared;
      const bool has_reason = one.dup || to.has_ended || messages[one.publisher][one.sequence].again;
      auto& of = to.of[one.publisher];
      if (!of[one.sequence].received) {
        of[one.sequence].received = true;
        ++found.received;
        bool came_later = false;
        const std::uint32_t topics = model.publishers[one.publisher].terms.topics;
        for (std::uint64_t n = one.sequence + topics; n < of.size(); n += topics) came_later |= of[n].received;
        if (came_later && !is_shared && !has_reason) count(fault_kind::reordered);
      } else if (qos_of(next.audience, one.publisher) == mqtt::qos::exactly_once) {
        is_shared&& to.has_ended ? void(++found.duplicated_with_reason) : count(fault_kind::duplicated_at_qos_2);
      } else {
        has_reason ? void(++found.duplicated_with_reason) : count(fault_kind::duplicated);
      }
    }

    bool is_expected(std::uint32_t publisher, std::uint64_t sequence) const {
      const fate became = messages[publisher][sequence].became;
      return became == fate::acknowledged ||
             (became == fate::open && model.publishers[publisher].terms.qos == mqtt::qos::at_most_once);
    }

    bool is_settled() {
      bool settled = true;
      for (std::uint32_t p = 0; p < messages.size(); ++p) {
        if (model.publishers[p].terms.qos == mqtt::qos::at_most_once) continue;
        for (const message& one : messages[p]) settled &= one.became != fate::open;
      }
      for (std::uint32_t a = 0; a < states.size(); ++a) {
        for_each_missing(a, [&](std::uint32_t p, std::uint64_t n, delivery_state& state) {
          const bool is_expired = state.expirable && qos_of(a, p) != mqtt::qos::at_most_once;
          if (state.due && !is_expired && is_expected(p, n)) settled = false;
        });
      }
      return settled;
    }

    void judge(std::uint64_t now_ns) {
      for (std::uint32_t p = 0; p < messages.size(); ++p) {
        if (model.publishers[p].terms.qos == mqtt::qos::at_most_once) continue;
        for (const message& one : messages[p]) count(fault_kind::never_acknowledged, one.became == fate::open);
      }
      for (std::uint32_t a = 0; a < states.size(); ++a) {
        if (states[a].away > 0) expire(a, now_ns);
        judge_audience(a);
      }
    }

    void judge_audience(std::uint32_t audience) {
      std::uint64_t lost = 0;
      std::uint64_t dropped = 0;
      for (std::uint32_t p = 0; p < messages.size(); ++p) {
        const bool is_at_qos_0 = qos_of(audience, p) == mqtt::qos::at_most_once;
        for (std::uint64_t n = 0; n < messages[p].size(); ++n) {
          const delivery_state& state = states[audience].of[p][n];
          if (!state.wanted || !state.due || !is_expected(p, n)) continue;
          if (is_at_qos_0) {
            dropped += !state.received;
          } else if (!state.received && state.expirable) {
            ++found.expired;
          } else {
            ++found.required;
            lost += !state.received;
          }
        }
      }
      const std::uint64_t unreadable = states[audience].unreadable;
      const std::uint64_t for_lost = std::min(lost, unreadable);
      count(fault_kind::lost, lost - for_lost);
      found.qos0_dropped += dropped - std::min(dropped, unreadable - for_lost);
    }

    const audit_model& model;
    std::vector<std::vector<message>> messages;
    std::vector<audience_state> states;
    verdict found;
  };
};

}  // namespace headgate::loadtest::core
