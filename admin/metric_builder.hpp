#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::admin {

using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// A family that is filled series by series: counter(out, NAME, HELP).add(3, {{"qos", "0"}}).
class metric_builder {
 public:
  metric_builder(prometheus::MetricFamily& family) : family_(family) {}
  template <class Number>
  metric_builder& add(Number value, labels labels = {}) {
    return add_value(static_cast<double>(value), labels);
  }

 private:
  metric_builder& add_value(double value, labels labels);

  prometheus::MetricFamily& family_;
};

// The name of a counter ends in _total. The builder is to be used before the next family is added.
metric_builder counter(std::vector<prometheus::MetricFamily>& out, std::string_view name, std::string_view help);
metric_builder gauge(std::vector<prometheus::MetricFamily>& out, std::string_view name, std::string_view help);

}  // namespace headgate::admin
