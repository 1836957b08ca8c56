#pragma once

#include <string>
#include <system_error>

namespace headgate::cli {

// What mends an error of the operating system at the start, to be put behind its sentence; empty if nobody knows.
// `port_key` is the key of the port that could not be had.
std::string advice(const std::error_code& error, const std::string& port_key = "listeners.tcp.port");

}  // namespace headgate::cli
