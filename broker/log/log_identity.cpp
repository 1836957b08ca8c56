#include "broker/log/log_identity.hpp"

#include <array>
#include <cstring>

#include "broker/log/crc32c.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint32_t magic = 0x44494748;  // "HGID"
constexpr std::uint32_t version = 1;
// Two places, written in turn, in different blocks of every usual device.
constexpr std::uint64_t bytes_per_place = 4096;
constexpr std::uint64_t places = 2;

struct stored_identity {
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  std::uint64_t generation = 0;
  std::uint64_t reserved = 0;
  std::uint32_t id = 0;
  std::uint32_t closed = 0;
  std::uint32_t unused = 0;
  std::uint32_t crc32c = 0;  // of all before
};
static_assert(sizeof(stored_identity) == 40);

base::bytes bytes_of(const stored_identity& stored) {
  return {reinterpret_cast<const std::uint8_t*>(&stored), sizeof(stored)};
}

std::uint32_t crc_of(const stored_identity& stored) {
  crc32c crc;
  crc.add(bytes_of(stored).first(offsetof(stored_identity, crc32c)));
  return crc.value();
}

}  // namespace

result<nothing> write_identity(file& file, const log_identity& identity) {
  stored_identity stored{
      magic, version, identity.generation, identity.reserved, identity.id, identity.closed ? 1U : 0U};
  stored.crc32c = crc_of(stored);
  const auto data = bytes_of(stored);
  if (auto written = file.write(identity.generation % places * bytes_per_place, {&data, 1}); !written) return written;
  return file.sync();
}

result<std::optional<log_identity>> read_identity(file& file) {
  std::optional<log_identity> newest;
  bool is_newer_version = false;
  for (std::uint64_t place = 0; place < places; ++place) {
    stored_identity stored;
    std::array<std::uint8_t, sizeof(stored)> data{};
    const auto got = file.read(place * bytes_per_place, data, waiting::allowed);
    if (!got) return got.error();
    std::memcpy(&stored, data.data(), sizeof(stored));
    if (*got != data.size() || stored.magic != magic || stored.crc32c != crc_of(stored)) continue;
    if (stored.id == 0 || stored.reserved > most_offset) continue;
    if (stored.version != version) {
      is_newer_version = true;
    } else if (!newest || stored.generation > newest->generation) {
      newest = log_identity{stored.id, stored.generation, stored.reserved, stored.closed != 0};
    }
  }
  if (is_newer_version) return errc::unknown_version;
  return newest;
}

}  // namespace headgate::broker::log
