#include "broker/log/chain_walk.hpp"

#include <algorithm>
#include <cstring>

#include "broker/log/topic_density.hpp"
#include "broker/record/layout.hpp"

namespace headgate::broker::log {

namespace {

// Of fewer nobody can say whether they stand close together.
constexpr std::size_t enough_to_judge = 16;

result<record::record_header> read_header(file& data, std::uint32_t position, waiting wait) {
  record::record_header header;
  const auto got = data.read(position, {reinterpret_cast<std::uint8_t*>(&header), sizeof(header)}, wait);
  if (!got) return got.error();
  if (*got < sizeof(header)) return errc::too_small;
  return header;
}

}  // namespace

result<walked_chain> walk_chain(file& data, std::uint64_t hash, std::uint32_t last, std::uint32_t low, std::size_t most,
                                waiting wait) {
  walked_chain found;
  std::uint64_t bytes = 0;
  for (auto at = last; at >= low;) {
    if (found.positions.size() == most) return walked_chain{walked_chain::end::far, {}};
    const auto header = read_header(data, at, wait);
    if (!header) return header.error();
    const auto back = header->previous_distance;
    if (header->topic_hash != hash || !header->is_message() || back % record::alignment != 0 || back > at) {
      return errc::damaged;
    }
    found.positions.push_back(at);
    bytes += header->size;
    const auto walked = std::uint64_t{last} - at + header->size;
    if (found.positions.size() >= enough_to_judge && is_dense(bytes, walked)) {
      return walked_chain{walked_chain::end::dense, {}};
    }
    if (back == 0) break;
    at -= back;
  }
  std::reverse(found.positions.begin(), found.positions.end());
  return found;
}

}  // namespace headgate::broker::log
