#pragma once

#include "config/section.hpp"

// The parts of the table, each in a file of its own: config/keys_NAME.cpp.
namespace headgate::config {

section top_section();
section listeners_section();
section auth_section();
section admin_section();
section logging_section();
section sys_section();
section limits_section();
section shared_subscriptions_section();
section log_section();
section session_store_section();
section retained_section();
section routing_section();
section clusters_section();

}  // namespace headgate::config
