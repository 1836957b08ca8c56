#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "admin/server.hpp"

namespace headgate::admin {

// One topic below $SYS/broker, and what is to be published to it, retained.
struct sys_value {
  std::string topic;
  std::string text;
};

// What changes over time and measures do not say.
struct sys_moment {
  std::uint64_t now_ms = 0;      // of the wall clock
  std::uint64_t heap_bytes = 0;  // the memory that this process has in use
};

// What is remembered between two calls.
struct sys_history {
  struct load {
    double last = 0;  // the counter at the last call
    std::array<double, 3> averages{};
  };
  std::uint64_t last_ms = 0;  // 0: there was no call yet
  std::uint64_t most_clients = 0;
  std::uint64_t most_heap_bytes = 0;
  std::map<std::string, std::string> published;  // by topic: the text last given
  std::map<std::string, load> loads;
};

// The values that changed since the last call, with the names, units and formats of mosquitto 2.0 (mosquitto(8), its
// src/sys_tree.c), so that dashboards made for it go on. As there, a load is given again when it moved by 0.01, an
// uptime always. What differs:
//   version                   "headgate 0.1.0"
//   heap/current, /maximum    resident memory: the heap itself cannot be asked for without stopping the workers
//   messages/stored,          the records in the logs and the retained messages; what was delivered stays in a log
//   store/messages/…          until it is full
//   clients/expired           is not there: expired sessions are not counted
std::vector<sys_value> sys_topics(const measures& now, const sys_moment& moment, sys_history& history);

}  // namespace headgate::admin
