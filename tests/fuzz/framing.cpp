#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "mqtt/framing.hpp"

namespace {

using namespace headgate::mqtt;

struct found {
  std::vector<std::pair<packet_type, std::vector<std::uint8_t>>> packets;
  std::optional<errc> error;
  std::size_t rest = 0;  // bytes behind the last packet
};

// Takes the whole packets from what has come; false at a malformed one.
bool take_packets(std::vector<std::uint8_t>& came, std::uint32_t maximum_size, version version, found& all) {
  std::size_t done = 0;
  bool goes_on = true;
  for (;;) {
    const bytes rest = bytes(came).subspan(done);
    const auto outcome = next_frame(rest, maximum_size, version);
    if (outcome.what == frame_outcome::kind::malformed) {
      all.error = outcome.error;
      goes_on = false;
    }
    if (outcome.what == frame_outcome::kind::incomplete) {
      HEADGATE_ASSERT(outcome.size == 0 || (outcome.size > rest.size() && outcome.size <= maximum_size));
    }
    if (outcome.what != frame_outcome::kind::complete) break;
    HEADGATE_ASSERT(outcome.size <= rest.size() && outcome.size <= maximum_size);
    const auto body = outcome.packet.body;
    HEADGATE_ASSERT(body.data() + body.size() == rest.data() + outcome.size);
    all.packets.emplace_back(outcome.packet.type, std::vector<std::uint8_t>(body.begin(), body.end()));
    done += outcome.size;
  }
  came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(done));
  all.rest = came.size();
  return goes_on;
}

}  // namespace

// The first byte chooses the version, the largest packet taken and the pieces; the rest is a stream, which has the same
// packets, and the same error, in whatever pieces it comes. After an error what comes behind it does not count.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr version versions[] = {version::v5, version::v3_1, version::v3_1_1, version::v5};
  const version version = versions[data[0] & 3];
  const std::uint32_t maximum_size = (data[0] & 4) != 0 ? 100 : 0xffff'ffff;
  const bytes stream(data + 1, size - 1);

  found whole;
  std::vector<std::uint8_t> came(stream.begin(), stream.end());
  take_packets(came, maximum_size, version, whole);

  found pieces;
  came.clear();
  std::size_t at = 0;
  bool goes_on = true;
  for (std::size_t turn = data[0] >> 3; goes_on && at < stream.size(); ++turn) {
    const auto piece = stream.subspan(at, std::min(stream.size() - at, 1 + turn * 7 % 13));
    came.insert(came.end(), piece.begin(), piece.end());
    at += piece.size();
    goes_on = take_packets(came, maximum_size, version, pieces);
  }
  HEADGATE_ASSERT(pieces.packets == whole.packets && pieces.error == whole.error);
  HEADGATE_ASSERT(!goes_on || pieces.rest == whole.rest);
  return 0;
}
