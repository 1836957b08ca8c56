#include <limits>

#include "session-store/field_reader.hpp"
#include "session-store/record_format.hpp"
#include "session-store/session_record.hpp"

namespace headgate::session_store {
namespace {

constexpr auto any_u64 = std::numeric_limits<std::uint64_t>::max();
constexpr auto any_count = std::numeric_limits<std::size_t>::max();

std::uint64_t unfold_difference(std::uint64_t folded, std::uint64_t from) {
  return from + (folded >> 1 ^ ((folded & 1) != 0 ? ~std::uint64_t{0} : 0));
}

std::uint32_t read_log(field_reader& in) {
  return static_cast<std::uint32_t>(in.read_number(std::numeric_limits<std::uint32_t>::max()));
}

// `before`: the place before this one, or nothing.
stored_inflight read_place(field_reader& in, const stored_inflight* before) {
  const auto flags = in.read_flags(inflight_flag::known);
  const auto progress = flags & inflight_flag::progress_mask;
  const bool same_log = (flags & inflight_flag::same_log) != 0;
  if (progress > static_cast<int>(stored_inflight::state::done) || (same_log && before == nullptr)) in.refuse();
  if (in.failed()) return {};
  stored_inflight place;
  place.progress = static_cast<stored_inflight::state>(progress);
  place.qos = (flags & inflight_flag::qos_2) != 0 ? 2 : 1;
  place.retain = (flags & inflight_flag::retain) != 0;
  place.log = same_log ? before->log : read_log(in);
  // The same log has one form only.
  if (!same_log && before != nullptr && place.log == before->log) in.refuse();
  const auto offset = in.read_number(any_u64);
  place.offset = same_log ? unfold_difference(offset, before->offset) : offset;
  return place;
}

void read_inflight(field_reader& in, session_record& record, bool has_leap) {
  auto& inflight = record.inflight;
  const auto count = in.read_count(max_inflight_places, least_inflight_bytes);
  inflight.reserve(count);
  for (std::size_t n = 0; n < count && !in.failed(); ++n) {
    inflight.push_back(read_place(in, inflight.empty() ? nullptr : &inflight.back()));
  }
  if (has_leap && count > 0) record.places_before_leap = static_cast<std::uint16_t>(in.read_number(count));
}

void read_received(field_reader& in, session_record& record) {
  const auto count = in.read_count(max_packet_id, least_received_bytes);
  if (count == 0) return;
  record.nonce = in.read_u64();
  record.next_number = in.read_number(any_u64);
  if (record.nonce == 0) return in.refuse();
  record.received.reserve(count);
  std::uint64_t id = 0;
  for (std::size_t n = 0; n < count && !in.failed(); ++n) {
    const auto distance = in.read_number(max_packet_id);
    id += distance;
    const auto below_next = in.read_number(any_u64);
    if (distance == 0 || id > max_packet_id || below_next == 0 || below_next >= record.next_number) return in.refuse();
    record.received.push_back({static_cast<std::uint16_t>(id), record.next_number - below_next});
  }
}

void read_starts(field_reader& in, std::vector<stored_start>& starts) {
  const auto count = in.read_count(any_count, least_start_bytes);
  if (count == 0) return in.refuse();
  starts.reserve(count);
  for (std::size_t n = 0; n < count && !in.failed(); ++n) {
    const auto log = read_log(in);
    starts.push_back({log, in.read_number(any_u64)});
  }
}

stored_subscription read_subscription(field_reader& in) {
  stored_subscription subscription;
  const auto flags = in.read_flags(subscription_flag::known);
  subscription.maximum_qos = flags & subscription_flag::qos_mask;
  if (subscription.maximum_qos > 2) in.refuse();
  subscription.no_local = (flags & subscription_flag::no_local) != 0;
  subscription.retain_as_published = (flags & subscription_flag::retain_as_published) != 0;
  if ((flags & subscription_flag::identifier) != 0) {
    subscription.identifier = static_cast<std::uint32_t>(in.read_number(max_subscription_identifier));
    if (subscription.identifier == 0) in.refuse();
  }
  subscription.filter = in.read_text(max_text_bytes);
  if (subscription.filter.empty()) in.refuse();
  if ((flags & subscription_flag::starts) != 0) read_starts(in, subscription.starts);
  return subscription;
}

void read_subscriptions(field_reader& in, std::vector<stored_subscription>& subscriptions) {
  const auto count = in.read_count(any_count, least_subscription_bytes);
  subscriptions.reserve(count);
  for (std::size_t n = 0; n < count && !in.failed(); ++n) subscriptions.push_back(read_subscription(in));
}

void read_positions(field_reader& in, std::vector<stored_position>& positions) {
  const auto count = in.read_count(any_count, least_position_bytes);
  positions.reserve(count);
  for (std::size_t n = 0; n < count && !in.failed(); ++n) {
    const auto log = read_log(in);
    positions.push_back({log, in.read_number(any_u64)});
  }
}

}  // namespace

result<session_record> decode_session_record(base::bytes data) {
  field_reader in(data);
  const auto version = in.read_u8();
  const bool is_known = version == record_version || version == record_version_without_leap;
  if (!in.failed() && !is_known) return errc::unknown_version;
  session_record record;
  record.first_packet_id = static_cast<std::uint16_t>(in.read_number(max_packet_id));
  if (record.first_packet_id == 0) in.refuse();
  read_inflight(in, record, version == record_version);
  read_received(in, record);
  read_subscriptions(in, record.subscriptions);
  read_positions(in, record.positions);
  if (const auto error = in.error()) return *error;
  if (!in.empty()) return errc::trailing_bytes;
  return record;
}

}  // namespace headgate::session_store
