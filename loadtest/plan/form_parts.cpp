#include "loadtest/plan/form_parts.hpp"

#include <variant>

#include "loadtest/plan/client_ids.hpp"
#include "loadtest/plan/usual_ports.hpp"

namespace headgate::loadtest::plan {

namespace {

core::text_template client_id_of(const role& role, const form_options& options) {
  if (!options.client_id) return client_ids(options.run_id, std::string(1, role.letter));
  if (!role.has_others) return *options.client_id;
  return as_template(options.client_id->text() + "-" + role.letter);
}

}  // namespace

core::text_template as_template(const std::string& text) {
  return std::get<core::text_template>(core::text_template::parse(text));
}

core::text_template topic_or(const form_options& options, const std::string& fallback) {
  return options.topic ? *options.topic : as_template(fallback);
}

core::plan start_plan(const std::string& name, const form_options& options) {
  core::plan made;
  made.name = name;
  made.tls = options.tls;
  made.targets.front().port = 0;
  if (!options.targets.empty()) made.targets = options.targets;
  set_usual_ports(made);
  made.seed = options.seed;
  made.measuring = options.measuring;
  if (options.settle_ns) made.measuring.settle_ns = *options.settle_ns;
  made.audit.enabled = !options.no_audit;
  made.audit.qos0_may_drop = !options.no_drops;
  return made;
}

core::group make_group(const role& role, std::uint32_t clients, const form_options& options) {
  // What only MQTT 5 has is asked for.
  const bool needs_v5 = options.expiry_s || !options.share.empty();
  core::group made;
  made.name = role.group;
  made.clients = clients;
  made.version = options.version.value_or(needs_v5 ? mqtt::version::v5 : mqtt::version::v3_1_1);
  made.client_id = client_id_of(role, options);
  made.user_name = options.user_name;
  made.password = options.password;
  made.keep_alive_s = options.keep_alive_s;
  made.connect.rate = options.connect_rate;
  made.connect.in_flight = options.in_flight;
  return made;
}

core::publish_plan make_publish(const core::text_template& topic, const form_options& options, std::uint32_t window) {
  core::publish_plan made;
  made.topic = topic;
  made.topics = options.topics;
  made.qos = options.qos;
  made.retain = options.retain;
  made.payload_least = options.payload.least;
  made.payload_most = options.payload.most;
  made.expiry_s = options.expiry_s;
  made.rate = options.rate.value_or(0);
  made.window = options.window.value_or(options.rate ? 0 : window);
  return made;
}

core::subscribe_plan make_subscribe(const core::text_template& filter, const form_options& options) {
  core::subscribe_plan made;
  made.filters = {filter};
  // A wildcard in their place stands for them all.
  made.topics = filter.names_topic() ? options.topics : 1;
  made.qos = options.qos;
  made.share = options.share;
  return made;
}

}  // namespace headgate::loadtest::plan
