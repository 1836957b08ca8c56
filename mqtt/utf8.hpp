#pragma once

#include "mqtt/types.hpp"

namespace headgate::mqtt {

// A well-formed UTF-8 string without U+0000 [MQTT-1.5.4-1, -2]; what is wrong is what comes first.
// A BOM and non-characters are kept as they are [MQTT-1.5.4-3].
enum class text_check : std::uint8_t { good, not_utf8, has_nul };
text_check check_utf8(bytes text);

}  // namespace headgate::mqtt
