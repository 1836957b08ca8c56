#pragma once

#include <cstdint>
#include <string>

#include "loadtest/core/text_template.hpp"

namespace headgate::loadtest::plan {

// "lt", eight digits of the run, the kind of client and its number: letters and digits only, and fewer than 23, which
// every server takes [MQTT-3.1.3-5].
core::text_template client_ids(std::uint32_t run_id, const std::string& kind);

}  // namespace headgate::loadtest::plan
