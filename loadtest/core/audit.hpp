#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/strong.hpp"
#include "loadtest/core/audit_records.hpp"
#include "loadtest/core/memory_budget.hpp"
#include "loadtest/core/topic_mask.hpp"
#include "mqtt/types.hpp"

namespace headgate::loadtest::core {

using publisher_index = base::strong<struct publisher_index_tag, std::uint32_t>;
// Who is to receive: one subscriber, or all members of a shared subscription together.
using audience_index = base::strong<struct audience_index_tag, std::uint32_t>;

// One kind of fault; verdict.counts has a number for each.
enum class fault_kind : std::uint8_t {
  lost,                   // acknowledged to its publisher, due to a subscriber above QoS 0, and never received
  duplicated,             // received again without a reason
  duplicated_at_qos_2,    // received again, reason or not, where exactly once was promised
  reordered,              // received after a later message of the same publisher and topic
  corrupted,              // its checksums are wrong, or it is shorter or longer than it was
  misdelivered,           // to a client without a filter for it, or under a topic that is not its own
  never_acknowledged,     // the connection is still there and QoS 1 or 2 was not answered until the end
  wrong_acknowledgement,  // for a packet id that was not in flight
  session_lost,           // a session that was to be kept was gone when its client came back
};
inline constexpr std::size_t fault_kinds = 9;

// Stands in a finding for the publisher or the audience that it does not concern.
inline constexpr std::uint32_t nobody = ~std::uint32_t{0};

// One fault, for people who look for its cause.
struct finding {
  fault_kind kind{};
  std::uint32_t publisher = 0;
  std::uint32_t audience = 0;
  std::uint64_t from = 0;  // sequence numbers from … to, to excluded
  std::uint64_t to = 0;    // (those among them that the audience is to get)
};

struct verdict {
  std::uint64_t counts[fault_kinds] = {};
  // No faults, each a line of its own.
  std::uint64_t qos0_dropped = 0;  // did not come, at QoS 0: permitted
  std::uint64_t duplicated_with_reason =
      0;                          // at QoS 1: with DUP, or after a connection had ended, or sent again by its publisher
  std::uint64_t in_doubt = 0;     // neither acknowledged nor refused when the connection ended: may have come or not
  std::uint64_t refused = 0;      // the server said so to the publisher
  std::uint64_t expired = 0;      // its expiry passed while the subscriber was away
  std::uint64_t foreign = 0;      // messages of others
  std::uint64_t required = 0;     // deliveries that had to come
  std::uint64_t received = 0;     // deliveries that came for the first time
  std::vector<finding> findings;  // the first of each kind, at most 5 each
  std::uint64_t memory_bytes = 0;  // what the audit held at most
  std::uint64_t memory_limit = 0;
  bool complete = true;  // false: its memory did not suffice, and so it may have missed faults

  std::uint64_t faults() const {  // sum of counts
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    return sum;
  }
};

struct publisher_terms {
  mqtt::qos qos = mqtt::qos::at_most_once;
  std::uint32_t expiry_s = mqtt::no_expiry;
  // Message n goes to topic number order[n % topics]. A server keeps the order of the messages of one topic
  // [MQTT-4.6.0-6], and not among topics.
  std::uint32_t topics = 1;
};

// The position of one audience in the messages of one publisher.
struct flow {
  std::uint64_t next = 0;  // the first sequence number not yet received nor passed over; never beyond what was sent
  std::uint32_t publisher = 0;
  std::uint32_t mask = 0;  // number of its topic_mask; 0: all
  struct details;          // what is out of the ordinary: with the first of it
  std::unique_ptr<details> more;

  flow();
  ~flow();
  flow(flow&&) noexcept;
  flow& operator=(flow&&) noexcept;
};

struct audience_terms {
  mqtt::qos qos = mqtt::qos::at_most_once;  // the most that its subscription grants
  bool is_shared = false;                   // several members; no order among them
  bool is_persistent = false;               // the server keeps what comes while its clients are away
};

// Compares what publishers sent and the server acknowledged with what every audience received.
//
// 1. One thread. Every `sequence` below comes from our own stamps, but those of on_delivery(), which anybody may have
//    written: they are checked. What was never sent is misdelivered, and moves nothing.
// 2. A message is required of an audience that is subscribed if it was sent after its SUBACK, was acknowledged (above
//    QoS 0), and the QoS of both is above 0; at QoS 0 it may be dropped. What was sent before may come. What a client
//    without a persistent session had not received when its connection ended is required no longer, but for what is
//    missing before a message that came. (Members of a shared audience have no order: when the last one leaves, nothing
//    that is missing is required any longer. Nor is it at QoS 2 when one leaves, since the server must not give to
//    another what it had chosen that one for [MQTT-4.8.2-5].) The last messages count like all others.
// 3. Duplicates at QoS 1 have a reason when the packet has DUP set, when a connection of the audience has ended before,
//    or when the publisher sent it again. With RETAIN set nothing is required and nothing is twice: such a delivery is
//    looked at, and is neither received nor passed over.
// 4. A corrupted message whose stamp is whole has been received, and so has one under a topic that is not its own. One
//    that cannot be read stands for one message that is missing at the same audience in the end, if one is: one fault
//    is counted once.
// 5. Its memory is bounded (`memory_bytes`): 24 bytes a flow (60 while more are added than reserved), 16 for every gap
// that is open
//    (32 while there are more and more), and 112 with the first one of a flow. When that is used up it goes on without
//    remembering new gaps, and says so (complete); what it cannot know from then on is no fault.
// 6. What expired while a persistent audience was away is known to a second and to the interval at which times are
//    kept (50 ms, longer in long runs), always in favour of `expired`.
class audit {
 public:
  explicit audit(std::uint64_t memory_bytes);
  ~audit();
  audit(const audit&) = delete;
  audit& operator=(const audit&) = delete;

  // Setting up. reserve() need not be called; with it, vectors take no more than they need.
  void reserve(std::size_t publishers, std::size_t audiences, std::size_t flows);
  // Flows of an audience are added together, before those of the next, with ascending publishers.
  publisher_index add_publisher(const publisher_terms& terms);
  // Its number, from 1; 0 for one that wants all.
  std::uint32_t add_mask(const topic_mask& mask);
  audience_index add_audience(const audience_terms& terms);
  // False when there is no memory left for it: what comes to this audience without a flow is no fault then.
  bool add_flow(audience_index audience, publisher_index publisher, std::uint32_t mask);

  // Publishers. Sequence numbers are given in order: on_sent() says how many more there are. What becomes of one is
  // said once; at QoS 0 nothing is acknowledged.
  void on_sent(publisher_index publisher, std::uint64_t count, std::uint64_t now_ns) {
    publisher_record& from = publishers_[publisher.value];
    if (from.expiry_s != mqtt::no_expiry) [[unlikely]]
      note_time(from, now_ns);
    from.sent += count;
  }
  // QoS 1: PUBACK, QoS 2: PUBCOMP, reason below 0x80.
  void on_acknowledged(publisher_index publisher, std::uint64_t sequence) {
    publisher_record& from = publishers_[publisher.value];
    const bool is_in_order = from.more == nullptr || from.more->settled.empty();
    if (sequence == from.settled_below && sequence < from.sent && is_in_order) [[likely]] {
      ++from.settled_below;
      ++from.acknowledged;
    } else {
      on_acknowledged_out_of_order(from, sequence);
    }
  }
  void on_refused(publisher_index publisher, std::uint64_t sequence);
  void on_sent_again(publisher_index publisher, std::uint64_t sequence);
  // The connection has ended and these are not going to be sent again.
  void on_abandoned(publisher_index publisher, std::uint64_t sequence);
  void on_wrong_acknowledgement(publisher_index publisher);

  // Members of an audience. SUBACK has come; a member of a session that goes on needs none of its own (on_back). An
  // audience of one may say it again, each member of a shared one says it once.
  void on_subscribed(audience_index audience);
  void on_unsubscribed(audience_index audience);
  // A member's connection has ended (whoever ended it), and it was subscribed.
  void on_away(audience_index audience, std::uint64_t now_ns);
  // A member with a persistent session is back and the server had kept it; or it had not (the client subscribes again,
  // and what is sent until then is required as if the session had been kept). The next SUBACK of a shared audience is
  // taken for that of a member whose session was lost.
  void on_back(audience_index audience, bool session_present, std::uint64_t now_ns);

  struct delivery {
    std::uint32_t publisher = 0;
    std::uint64_t sequence = 0;
    bool dup = false;
    bool retain = false;
    bool is_whole = true;  // false: its stamp can be trusted, what follows cannot (corrupted)
    bool has_own_topic = true;
  };
  // What a delivery did to its flow: sequence numbers from … to are passed over or received now; equal: none. What
  // fills a gap had been passed over before.
  struct progress {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  progress on_delivery(audience_index audience, const delivery& message) {
    audience_record& to = audiences_[audience.value];
    flow* const at = flow_of(to, message.publisher);
    // The ordinary case: the next one, wanted like all others, and nothing is wrong with it.
    if (at != nullptr && message.sequence == at->next && at->mask == 0 && to.is_active && message.is_whole &&
        message.has_own_topic && !message.retain && message.sequence < publishers_[message.publisher].sent) [[likely]] {
      ++verdict_.received;
      return {message.sequence, ++at->next};
    }
    return on_unusual_delivery(audience, at, message);
  }
  void on_unreadable(audience_index audience);  // a payload whose stamp is wrong
  void on_foreign() { ++verdict_.foreign; }
  // A message of ours that came to a client without a subscription.
  void on_stray(std::uint32_t publisher, std::uint64_t sequence);

  std::span<const flow> flows_of(audience_index audience) const;
  // How many messages the audience is yet to get at the flow's position: those from `next` on that it wants. (The
  // difference of `next` and sent() is too many where there is a mask.)
  std::uint64_t outstanding(const flow& at) const;
  // The first one from `next` on that is due, or may be: what was sent before the audience subscribed is passed over.
  std::uint64_t due_from(const flow& at) const;
  // How many of those from there on the audience is yet to get.
  std::uint64_t lacking(const flow& at) const;
  std::uint64_t sent(publisher_index publisher) const { return publishers_[publisher.value].sent; }
  // How many.
  std::uint64_t acknowledged(publisher_index publisher) const { return publishers_[publisher.value].acknowledged; }
  // Whether all that is due has come, at QoS 0 as well, and all that can be acknowledged is: a run that drains may end.
  // Looks at every flow.
  bool is_settled() const;
  // What has been found up to now; what is missing is not among it.
  const verdict& so_far() const { return verdict_; }
  std::uint64_t memory_bytes() const { return memory_.held(); }  // what it holds now
  // Once, at the end: what is missing is missing.
  verdict judge(std::uint64_t now_ns);

 private:
  // Null: the audience is not to get anything of it.
  flow* flow_of(audience_record& to, std::uint32_t publisher) {
    if (to.flows == 0) return nullptr;
    if (flow& last = flows_[to.last_flow]; last.publisher == publisher) return &last;
    if (to.is_contiguous) {
      const std::uint32_t place = publisher - to.first_publisher;
      if (place >= to.flows) return nullptr;
      to.last_flow = to.first_flow + place;
      return &flows_[to.last_flow];
    }
    return search_flow(to, publisher);
  }
  flow* search_flow(audience_record& to, std::uint32_t publisher);
  progress on_unusual_delivery(audience_index audience, flow* at, const delivery& message);
  progress on_later(const audience_record& to, flow& at, std::uint64_t sequence);
  void on_earlier(audience_index audience, flow& at, const delivery& message);
  void on_again(audience_index audience, const flow& at, const delivery& message);
  bool has_reason(const audience_record& to, const delivery& message) const;
  bool came_later(const flow& at, std::uint64_t sequence) const;  // one of its topic has

  // What a flow wants.
  bool wants(const flow& at, std::uint64_t sequence) const;
  std::uint64_t next_wanted(const flow& at, std::uint64_t sequence) const;  // at most what was sent
  std::uint64_t count_wanted(const flow& at, std::uint64_t from, std::uint64_t to) const;
  std::uint32_t topics_of(const flow& at) const;
  mqtt::qos qos_of(const audience_record& to, const flow& at) const;

  // Null: there is no memory.
  flow::details* details_of(flow& at);
  publisher_details* details_of(publisher_record& of);
  std::span<flow> flows_in(const audience_record& of);
  void excuse_tail(flow& at);
  void excuse_all(flow& at);
  void forget_open(flow& at);
  void forget() { verdict_.complete = false; }
  void on_member_gone(audience_record& to);

  void on_acknowledged_out_of_order(publisher_record& from, std::uint64_t sequence);
  static bool is_settled(const publisher_record& from, std::uint64_t sequence);  // or was never sent
  void settle(publisher_record& from, std::uint64_t sequence);
  void give_up(publisher_record& from, std::uint64_t sequence, sequence_set publisher_details::*kind);
  bool was_sent_again(std::uint32_t publisher, std::uint64_t sequence) const;

  void note_time(publisher_record& from, std::uint64_t now_ns);
  sequence_range expiring(const publisher_record& from, std::uint64_t since_ns, std::uint64_t until_ns) const;
  void end_absence(audience_record& to, std::uint64_t now_ns);

  void report(fault_kind kind, std::uint32_t publisher, std::uint32_t audience, sequence_range range,
              std::uint64_t count = 1);

  struct search;  // the vectors that finding what is missing needs (audit_details.hpp)
  bool is_settled(const audience_record& to, search& in) const;
  bool is_up_to_date(const audience_record& to, const flow& at) const;
  void find_expected(const publisher_record& from, search& in) const;
  void find_missing(const audience_record& to, const flow& at, search& in) const;
  std::uint64_t count_wanted(const flow& at, std::span<const sequence_range> ranges) const;
  void judge_publisher(std::uint32_t publisher);
  void judge_audience(std::uint32_t audience, search& in);
  void judge_flow(std::uint32_t audience, const flow& at, search& in);
  void judge_missing(std::uint32_t audience, const flow& at, search& in);
  std::uint64_t count_due(const audience_record& to, const flow& at, search& in) const;

  memory_budget memory_;
  std::vector<publisher_record> publishers_;
  std::vector<mask_table> masks_;
  std::vector<audience_record> audiences_;
  std::vector<flow> flows_;
  std::array<std::uint8_t, fault_kinds> findings_{};  // how many of each kind
  mutable std::size_t unsettled_publisher_ = 0;       // where is_settled() stopped
  mutable std::size_t unsettled_audience_ = 0;
  verdict verdict_;
};

}  // namespace headgate::loadtest::core
