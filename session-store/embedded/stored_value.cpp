#include "session-store/embedded/stored_value.hpp"

#include "session-store/field_reader.hpp"
#include "session-store/field_writer.hpp"

namespace headgate::session_store::embedded {
namespace {

constexpr std::uint8_t value_version = 1;
constexpr std::uint8_t life_version = 1;
constexpr std::uint32_t for_ever_s = 0xffff'ffff;
// `never` is said by a flag.
constexpr std::uint64_t last_ms = never - 1;

namespace value_flag {
constexpr std::uint8_t held = 0x01;
constexpr std::uint8_t ends = 0x02;
constexpr std::uint8_t will = 0x04;
constexpr std::uint8_t saved = 0x08;
constexpr std::uint8_t user = 0x10;
constexpr std::uint8_t known = 0x1f;
}  // namespace value_flag

void read_fields(field_reader& in, stored_value& value) {
  const auto flags = in.read_flags(value_flag::known);
  value.epoch = in.read_number(never);
  if ((flags & value_flag::user) != 0) {
    value.user = in.read_number(never);
    if (value.user == 0) in.refuse();
  }
  if ((flags & value_flag::held) != 0) {
    value.life = in.read_number(never);
    if (value.life == nobodys_life) in.refuse();
  }
  if ((flags & value_flag::ends) != 0) value.ends_ms = in.read_number(last_ms);
  value.has_will = (flags & value_flag::will) != 0;
  if (value.has_will) value.will_ms = in.read_number(last_ms);
  value.saved = (flags & value_flag::saved) != 0;
  if (value.saved) value.record = in.read_rest();
}

}  // namespace

void set_times(stored_value& value, std::uint32_t expiry_s, bool has_will, std::uint32_t will_s,
               std::uint64_t from_ms) {
  value.ends_ms = expiry_s == for_ever_s ? never : from_ms + std::uint64_t{expiry_s} * 1000;
  value.has_will = has_will;
  value.will_ms = has_will ? from_ms + std::uint64_t{will_s} * 1000 : never;
}

std::string encode(const stored_value& value) {
  std::uint8_t flags = 0;
  if (value.life != nobodys_life) flags |= value_flag::held;
  if (value.ends_ms != never) flags |= value_flag::ends;
  if (value.has_will) flags |= value_flag::will;
  if (value.saved) flags |= value_flag::saved;
  if (value.user != 0) flags |= value_flag::user;
  field_writer out;
  out.write_u8(value_version);
  out.write_u8(flags);
  out.write_number(value.epoch);
  if (value.user != 0) out.write_number(value.user);
  if (value.life != nobodys_life) out.write_number(value.life);
  if (value.ends_ms != never) out.write_number(value.ends_ms);
  if (value.has_will) out.write_number(value.will_ms);
  if (value.saved) out.write_rest(value.record);
  return out.take();
}

result<stored_value> decode_stored_value(base::bytes data) {
  field_reader in(data);
  const auto version = in.read_u8();
  if (!in.failed() && version != value_version) return errc::unknown_version;
  stored_value value;
  read_fields(in, value);
  if (const auto error = in.error()) return *error;
  if (!in.empty()) return errc::trailing_bytes;
  return value;
}

std::string encode_life(std::uint64_t ended_ms) {
  field_writer out;
  out.write_u8(life_version);
  out.write_number(ended_ms);
  return out.take();
}

result<std::uint64_t> decode_life(base::bytes data) {
  field_reader in(data);
  const auto version = in.read_u8();
  if (!in.failed() && version != life_version) return errc::unknown_version;
  const auto ended_ms = in.read_number(never);
  if (const auto error = in.error()) return *error;
  if (!in.empty()) return errc::trailing_bytes;
  return ended_ms;
}

}  // namespace headgate::session_store::embedded
