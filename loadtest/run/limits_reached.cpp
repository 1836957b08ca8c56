#include "loadtest/run/limits_reached.hpp"

#include <algorithm>
#include <cstdint>

namespace headgate::loadtest::run {

namespace {

// A thread that waits less than this does not leave the server anything to wait for.
constexpr double busy_bar = 0.9;
// Messages that leave so late, and by so much of the latencies that are told, are late by the generator.
constexpr std::uint64_t lag_bar_ns = 200'000;
constexpr double lag_share_bar = 0.2;
constexpr std::uint64_t lag_always_ns = 10'000'000;

// Of fewer, the 99th percentile is one or a few of the slowest: what anybody on the machine does for a moment decides
// it.
constexpr std::uint64_t enough_for_percentiles = 1'000;

std::string microseconds(std::uint64_t ns) {
  return std::to_string(ns / 1'000) + " µs";
}

// Nothing, if messages left in time.
std::string late_sending(const core::results& results) {
  const auto& lags = results.generator.lag;
  const bool has_many = lags.total() >= enough_for_percentiles;
  const auto lag = has_many ? lags.percentile_ns(0.99) : static_cast<std::uint64_t>(lags.mean_ns());
  const auto& latencies = results.deliver.total() != 0 ? results.deliver : results.acknowledge;
  const std::uint64_t latency = latencies.percentile_ns(0.99);
  const bool is_large = static_cast<double>(lag) > lag_share_bar * static_cast<double>(latency);
  if (lag <= lag_always_ns && (lag <= lag_bar_ns || !is_large)) return {};
  const auto what = has_many
                        ? "1 % of the messages left more than " + microseconds(lag)
                        : "its " + std::to_string(lags.total()) + " messages left " + microseconds(lag) + " on average";
  return "it sent late: " + what +
         " after they were due and could be sent, which is part of the latencies: lower the rate, or leave it a "
         "processor of its own";
}

}  // namespace

std::vector<std::string> limits_reached(const core::results& results) {
  std::vector<std::string> reached;
  const core::generator_figures& own = results.generator;
  if (own.busy >= busy_bar) {
    reached.push_back("its thread was busy for " + std::to_string(static_cast<int>(own.busy * 100)) +
                      " % of the time, so the server may be able to do more: use several processes, or fewer clients "
                      "and messages in each");
  }
  if (auto sentence = late_sending(results); !sentence.empty()) reached.push_back(std::move(sentence));
  return reached;
}

}  // namespace headgate::loadtest::run
