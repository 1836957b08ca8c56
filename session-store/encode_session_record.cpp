#include "base/assert.hpp"
#include "session-store/field_writer.hpp"
#include "session-store/record_format.hpp"
#include "session-store/session_record.hpp"

namespace headgate::session_store {
namespace {

// Small differences, forwards and backwards, in few bytes: 0, -1, 1, -2, … become 0, 1, 2, 3, …
std::uint64_t fold_difference(std::uint64_t to, std::uint64_t from) {
  const std::uint64_t difference = to - from;
  return difference << 1 ^ (difference >> 63 != 0 ? ~std::uint64_t{0} : 0);
}

void write_inflight(field_writer& out, const session_record& record) {
  const auto& inflight = record.inflight;
  HEADGATE_ASSERT(inflight.size() <= max_inflight_places && record.places_before_leap <= inflight.size());
  out.write_number(inflight.size());
  const stored_inflight* before = nullptr;
  for (const auto& place : inflight) {
    HEADGATE_ASSERT(place.qos == 1 || place.qos == 2);
    const bool same_log = before != nullptr && before->log == place.log;
    auto flags = static_cast<std::uint8_t>(place.progress);
    if (place.qos == 2) flags |= inflight_flag::qos_2;
    if (place.retain) flags |= inflight_flag::retain;
    if (same_log) flags |= inflight_flag::same_log;
    out.write_u8(flags);
    if (!same_log) out.write_number(place.log);
    out.write_number(same_log ? fold_difference(place.offset, before->offset) : place.offset);
    before = &place;
  }
  if (!inflight.empty()) out.write_number(record.places_before_leap);
}

void write_received(field_writer& out, const session_record& record) {
  out.write_number(record.received.size());
  if (record.received.empty()) return;
  HEADGATE_ASSERT(record.nonce != 0);
  out.write_u64(record.nonce);
  out.write_number(record.next_number);
  std::uint16_t before = 0;
  for (const auto& received : record.received) {
    HEADGATE_ASSERT(received.packet_id > before && received.number > 0 && received.number < record.next_number);
    out.write_number(static_cast<std::uint64_t>(received.packet_id - before));
    out.write_number(record.next_number - received.number);
    before = received.packet_id;
  }
}

void write_subscription(field_writer& out, const stored_subscription& subscription) {
  HEADGATE_ASSERT(subscription.maximum_qos <= 2 && subscription.identifier <= max_subscription_identifier);
  HEADGATE_ASSERT(!subscription.filter.empty() && subscription.filter.size() <= max_text_bytes);
  std::uint8_t flags = subscription.maximum_qos;
  if (subscription.no_local) flags |= subscription_flag::no_local;
  if (subscription.retain_as_published) flags |= subscription_flag::retain_as_published;
  if (subscription.identifier != 0) flags |= subscription_flag::identifier;
  if (!subscription.starts.empty()) flags |= subscription_flag::starts;
  out.write_u8(flags);
  if (subscription.identifier != 0) out.write_number(subscription.identifier);
  out.write_text(subscription.filter);
  if (subscription.starts.empty()) return;
  out.write_number(subscription.starts.size());
  for (const auto& start : subscription.starts) {
    out.write_number(start.log);
    out.write_number(start.start);
  }
}

}  // namespace

std::string encode(const session_record& record) {
  HEADGATE_ASSERT(record.first_packet_id != 0);
  field_writer out;
  out.write_u8(record_version);
  out.write_number(record.first_packet_id);
  write_inflight(out, record);
  write_received(out, record);
  out.write_number(record.subscriptions.size());
  for (const auto& subscription : record.subscriptions) write_subscription(out, subscription);
  out.write_number(record.positions.size());
  for (const auto& position : record.positions) {
    out.write_number(position.log);
    out.write_number(position.next);
  }
  return out.take();
}

}  // namespace headgate::session_store
