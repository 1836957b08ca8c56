#include "cli/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>

namespace headgate::cli {

namespace {

// The protocol has a variable on each line, so a text must not have lines.
std::string status_line(std::string_view text) {
  std::string line = "STATUS=" + std::string(text);
  std::ranges::replace_if(
      line, [](char byte) { return static_cast<unsigned char>(byte) < 0x20; }, ' ');
  return line;
}

void tell(const std::string& state) {
  constexpr int keep_environment = 0;
  (void)sd_notify(keep_environment, state.c_str());
}

// As Type=notify-reload wants it, to tell this reload from an earlier one.
std::string monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

void service_manager::ready(std::string_view status) {
  tell("READY=1\n" + status_line(status));
}

void service_manager::reloading() {
  tell("RELOADING=1\nMONOTONIC_USEC=" + monotonic_microseconds());
}

void service_manager::stopping() {
  tell("STOPPING=1\n" + status_line("saying goodbye to clients"));
}

void service_manager::status(std::string_view text) {
  tell(status_line(text));
}

std::optional<std::chrono::microseconds> service_manager::watchdog_interval() const {
  constexpr int keep_environment = 0;
  std::uint64_t allowed_us = 0;
  if (sd_watchdog_enabled(keep_environment, &allowed_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(std::max<std::uint64_t>(allowed_us / 2, 1));
}

void service_manager::alive() {
  tell("WATCHDOG=1");
}

}  // namespace headgate::cli
