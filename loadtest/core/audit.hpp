#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/strong.hpp"
#include "mqtt/types.hpp"

namespace headgate::loadtest::core {

using publisher_index = base::strong<struct publisher_index_tag, std::uint32_t>;
// Who is to receive: one subscriber, or all members of a shared subscription together.
using audience_index = base::strong<struct audience_index_tag, std::uint32_t>;

// Which of a publisher's messages an audience is to get: message n goes to topic number order[n % topics] of the
// publisher, and bit n % topics says whether the audience's filters match that. Empty: all.
struct topic_mask {
  std::vector<bool> wanted;
};

// One kind of fault; verdict.counts has a number for each.
enum class fault_kind : std::uint8_t {
  lost,                   // acknowledged to its publisher, due to a subscriber above QoS 0, and never received
  duplicated,             // received again without a reason
  duplicated_at_qos_2,    // received again, reason or not, where exactly once was promised
  reordered,              // received after a later message of the same publisher
  corrupted,              // its checksums are wrong, or it is shorter or longer than it was
  misdelivered,           // to a client without a filter for it, or under a topic that is not its own
  never_acknowledged,     // the connection is still there and QoS 1 or 2 was not answered until the end
  wrong_acknowledgement,  // for a packet id that was not in flight
  session_lost,           // a session that was to be kept was gone when its client came back
};
inline constexpr std::size_t fault_kinds = 9;

// One fault, for people who look for its cause.
struct finding {
  fault_kind kind{};
  std::uint32_t publisher = 0;
  std::uint32_t audience = 0;
  std::uint64_t from = 0;  // sequence numbers from … to, to excluded
  std::uint64_t to = 0;
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

// What one publisher has sent, and what became of it.
struct publisher_terms {
  mqtt::qos qos = mqtt::qos::at_most_once;
  std::uint32_t expiry_s = mqtt::no_expiry;
};

// The position of one audience in the messages of one publisher.
struct flow {
  std::uint64_t next = 0;  // the first sequence number not yet received nor passed over
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
//    written: they are checked.
// 2. A message is required of an audience that is subscribed if it was sent after its SUBACK, was acknowledged (above
//    QoS 0), and the QoS of both is above 0; at QoS 0 it may be dropped. What was sent before may come. What a client
//    without a persistent session had not received when its connection ended is required no longer, but for what is
//    missing before a message that came. The last messages count like all others.
// 3. Duplicates at QoS 1 have a reason when the packet has DUP set, when a connection of the audience has ended before,
//    or when the publisher sent it again. With RETAIN set nothing is required and nothing is twice.
// 4. A corrupted message whose stamp is whole has been received. One that cannot be read stands for one message that is
//    missing at the same audience in the end, if one is: one fault is counted once.
// 5. Its memory is bounded (`memory_bytes`): 40 bytes a flow, and 16 for every gap that is open. When that is used up
//    it goes on without remembering new gaps, and says so (complete).
class audit {
 public:
  explicit audit(std::uint64_t memory_bytes);
  ~audit();
  audit(const audit&) = delete;
  audit& operator=(const audit&) = delete;

  // Setting up. Flows of an audience are added together, before those of the next, with ascending publishers.
  publisher_index add_publisher(const publisher_terms& terms);
  std::uint32_t add_mask(topic_mask mask);  // from 1
  audience_index add_audience(const audience_terms& terms);
  // False when there is no memory left for it.
  bool add_flow(audience_index audience, publisher_index publisher, std::uint32_t mask);

  // Publishers. Sequence numbers are given in order: on_sent() says how many more there are.
  void on_sent(publisher_index publisher, std::uint64_t count, std::uint64_t now_ns);
  void on_acknowledged(publisher_index publisher,
                       std::uint64_t sequence);  // QoS 1: PUBACK, QoS 2: PUBCOMP, reason below 0x80
  void on_refused(publisher_index publisher, std::uint64_t sequence);
  void on_sent_again(publisher_index publisher, std::uint64_t sequence);
  // The connection has ended and these are not going to be sent again.
  void on_abandoned(publisher_index publisher, std::uint64_t sequence);
  void on_wrong_acknowledgement(publisher_index publisher);

  // Members of an audience. SUBACK has come; a member of a session that goes on needs none of its own (on_back).
  void on_subscribed(audience_index audience);
  void on_unsubscribed(audience_index audience);
  // A member's connection has ended (whoever ended it), and it was subscribed.
  void on_away(audience_index audience, std::uint64_t now_ns);
  // A member with a persistent session is back and the server had kept it; or it had not (the client subscribes again).
  void on_back(audience_index audience, bool session_present, std::uint64_t now_ns);

  struct delivery {
    std::uint32_t publisher = 0;
    std::uint64_t sequence = 0;
    bool dup = false;
    bool retain = false;
    bool is_whole = true;  // false: its stamp can be trusted, what follows cannot (corrupted)
    bool has_own_topic = true;
  };
  // What a delivery did to its flow: sequence numbers from … to are passed over or received now; equal: none.
  struct progress {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  progress on_delivery(audience_index audience, const delivery& message);
  void on_unreadable(audience_index audience);  // a payload whose stamp is wrong
  void on_foreign() { ++verdict_.foreign; }
  // A message of ours that came to a client without a subscription.
  void on_stray(std::uint32_t publisher, std::uint64_t sequence);

  std::span<const flow> flows_of(audience_index audience) const;
  std::uint64_t sent(publisher_index publisher) const;
  std::uint64_t acknowledged(publisher_index publisher) const;  // how many
  // Whether all that is required has come and all that can be acknowledged is: a run that drains may end. Looks at
  // every flow.
  bool is_settled() const;
  // What has been found up to now; what is missing is not among it.
  const verdict& so_far() const { return verdict_; }
  // Once, at the end: what is missing is missing.
  verdict judge(std::uint64_t now_ns);

 private:
  // (the implementation's)
  verdict verdict_;
};

}  // namespace headgate::loadtest::core
