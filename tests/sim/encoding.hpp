#pragma once

#include <cstdint>
#include <string>

namespace headgate::sim {

// `version`: for packets that do not know theirs.
template <class Packet, class... Version>
std::string encoded(const Packet& packet, Version... version) {
  std::string text(encoded_size(packet, version...), '\0');
  encode(packet, version..., reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

}  // namespace headgate::sim
