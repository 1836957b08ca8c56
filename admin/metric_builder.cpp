#include "admin/metric_builder.hpp"

namespace headgate::admin {

namespace {

metric_builder family(std::vector<prometheus::MetricFamily>& out, std::string_view name, std::string_view help,
                      prometheus::MetricType type) {
  auto& added = out.emplace_back();
  added.name = name;
  added.help = help;
  added.type = type;
  return {added};
}

}  // namespace

metric_builder& metric_builder::add_value(double value, labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label.reserve(labels.size());
  for (const auto& [name, text] : labels) metric.label.push_back({std::string(name), std::string(text)});
  if (family_.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return *this;
}

metric_builder counter(std::vector<prometheus::MetricFamily>& out, std::string_view name, std::string_view help) {
  return family(out, name, help, prometheus::MetricType::Counter);
}

metric_builder gauge(std::vector<prometheus::MetricFamily>& out, std::string_view name, std::string_view help) {
  return family(out, name, help, prometheus::MetricType::Gauge);
}

}  // namespace headgate::admin
