#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace headgate::cli {

// What systemd is told of this service (sd_notify(3)): a unit of Type=notify or notify-reload waits for it. Without a
// NOTIFY_SOCKET in the environment all of this does nothing. Texts are one line, for people: 'systemctl status' shows
// the last. Any thread, but not while another changes the environment. Nothing here throws: a service manager that
// cannot be told is no reason to serve nobody.
class service_manager {
 public:
  // After the start, and again when a reload has ended, well or not.
  void ready(std::string_view status);
  void reloading();  // SIGHUP has been taken up
  void stopping();   // SIGTERM has been taken up
  void status(std::string_view text);

  // How often alive() has to be called, or the service manager takes the process for stuck and restarts it
  // (WatchdogSec=): half of what it allows. Nothing: it does not watch.
  std::optional<std::chrono::microseconds> watchdog_interval() const;
  void alive();
};

}  // namespace headgate::cli
