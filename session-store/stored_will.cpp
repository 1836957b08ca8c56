#include <limits>

#include "base/assert.hpp"
#include "session-store/field_reader.hpp"
#include "session-store/field_writer.hpp"
#include "session-store/record_format.hpp"
#include "session-store/session_record.hpp"

namespace headgate::session_store {

std::string encode(const stored_will& will) {
  HEADGATE_ASSERT(will.qos <= 2 && !will.topic.empty() && will.topic.size() <= max_text_bytes);
  HEADGATE_ASSERT(!will.client_id.empty() && will.client_id.size() <= max_text_bytes);
  std::uint8_t flags = will.qos;
  if (will.retain) flags |= will_flag::retain;
  if (will.expiry_s != no_will_expiry) flags |= will_flag::expiry;
  if (will.nonce != 0) flags |= will_flag::nonce;
  field_writer out;
  out.write_u8(will_version);
  out.write_u8(flags);
  if (will.expiry_s != no_will_expiry) out.write_number(will.expiry_s);
  if (will.nonce != 0) out.write_u64(will.nonce);
  out.write_text(will.client_id);
  out.write_text(will.user_name);
  out.write_text(will.topic);
  out.write_text(will.properties);
  out.write_rest(will.payload);
  return out.take();
}

result<stored_will> decode_stored_will(base::bytes data) {
  field_reader in(data);
  const auto version = in.read_u8();
  if (!in.failed() && version != will_version && version != will_version_without_nonce) return errc::unknown_version;
  const auto flags = in.read_flags(version == will_version ? will_flag::known : will_flag::known_without_nonce);
  stored_will will;
  will.qos = flags & will_flag::qos_mask;
  if (will.qos > 2) in.refuse();
  will.retain = (flags & will_flag::retain) != 0;
  will.expiry_s = no_will_expiry;
  if ((flags & will_flag::expiry) != 0) {
    will.expiry_s = static_cast<std::uint32_t>(in.read_number(no_will_expiry - 1));
  }
  if ((flags & will_flag::nonce) != 0) {
    will.nonce = in.read_u64();
    if (will.nonce == 0) in.refuse();
  }
  will.client_id = in.read_text(max_text_bytes);
  if (will.client_id.empty()) in.refuse();
  will.user_name = in.read_text(max_text_bytes);
  will.topic = in.read_text(max_text_bytes);
  if (will.topic.empty()) in.refuse();
  will.properties = in.read_text(std::numeric_limits<std::uint32_t>::max());
  will.payload = in.read_rest();
  if (const auto error = in.error()) return *error;
  return will;
}

}  // namespace headgate::session_store
