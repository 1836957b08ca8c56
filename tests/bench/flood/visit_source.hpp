#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "mqtt/types.hpp"
#include "tests/bench/flood/visit.hpp"

namespace headgate::bench::flood {

// Makes one visit after the other; the seed decides all of them. One thread.
class visit_source {
 public:
  explicit visit_source(std::uint64_t seed) : random_(seed) {}

  // Something malformed, each kind as often as any other.
  visit malformed();
  visit malformed(kind what);
  // CONNECT and DISCONNECT. With the same seed the first n have together as many bytes as the first n malformed() ones,
  // but for what a few of them owe each other: a CONNECT has no fewer than 24 bytes, and here no more than 114.
  visit valid();

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_.next() % bound); }
  std::string client_id();
  std::string good_connect(mqtt::version version, std::string_view client_id);
  std::string good_publish(mqtt::version version, std::string_view topic);
  mqtt::version any_version() { return below(2) == 0 ? mqtt::version::v3_1_1 : mqtt::version::v5; }
  std::string wrong_name();
  std::string wrong_level();
  std::string reserved_flags();
  std::string long_length();
  std::string wrong_utf8();
  std::string wrong_properties();
  std::string wrong_publish(mqtt::version version);
  std::string wrong_subscribe(mqtt::version version);
  std::string random_bytes(std::size_t count);

  base::random_source random_;
  std::uint64_t number_ = 0;  // of valid visits
  std::int64_t owed_ = 0;     // bytes that valid visits are still to send; below 0: they have sent too many
};

}  // namespace headgate::bench::flood
