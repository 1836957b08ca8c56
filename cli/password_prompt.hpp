#pragma once

#include <string>

namespace headgate::cli {

// Asks on the terminal, twice and without echo. Throws std::runtime_error with a sentence when standard input is no
// terminal, when the two differ, or when a signal came.
std::string ask_for_password(const std::string& user);

// The first line of standard input, without what ends it. Throws std::runtime_error with a sentence.
std::string read_password_line();

// Throws std::runtime_error with a sentence if it is no password: empty, too long for MQTT, or with a zero in it, which
// ends it for mosquitto.
void check_password(const std::string& password);

}  // namespace headgate::cli
