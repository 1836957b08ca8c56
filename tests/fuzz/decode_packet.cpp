#include "tests/unit/mqtt/decode_and_repeat.hpp"

// The first byte chooses version, sender and the largest packet taken; the rest is a stream of packets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::mqtt;
  if (size == 0) return 0;
  constexpr version versions[] = {version::v3_1_1, version::v5, version::v3_1, version::v5};
  const version version = versions[(data[0] & 1) | (data[0] >> 2 & 2)];
  const sender sender = (data[0] & 2) != 0 ? sender::server : sender::client;
  const std::uint32_t maximum_size = (data[0] & 4) != 0 ? 100 : 0xffff'ffff;
  bytes rest(data + 1, size - 1);
  while (true) {
    const frame_outcome outcome = next_frame(rest, maximum_size, version);
    if (outcome.what == frame_outcome::kind::malformed) HEADGATE_ASSERT(!explain(outcome.error).empty());
    if (outcome.what != frame_outcome::kind::complete) return 0;
    HEADGATE_ASSERT(outcome.size <= rest.size() && outcome.size <= maximum_size);
    decode_and_repeat(outcome.packet, version, sender);
    rest = rest.subspan(outcome.size);
  }
}
