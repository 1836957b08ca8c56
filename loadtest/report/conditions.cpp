#include "loadtest/report/conditions.hpp"

#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

std::string time_text(std::uint64_t ns) {
  return ns == core::for_ever ? "for ever" : duration_text(static_cast<double>(ns));
}

std::string protocol(mqtt::version version) {
  switch (version) {
    case mqtt::version::v3_1:
      return "MQTT 3.1";
    case mqtt::version::v3_1_1:
      return "MQTT 3.1.1";
    case mqtt::version::v5:
      return "MQTT 5";
  }
  return "";
}

std::string qos_text(mqtt::qos qos) {
  return "QoS " + std::to_string(static_cast<int>(qos));
}

std::string publishing(const core::publish_plan& plan) {
  std::string text = "publish to " + plan.topic.text();
  if (plan.topics > 1) text += " (" + count_text(plan.topics) + " topics)";
  text += ", " + qos_text(plan.qos) + ", " + count_text(plan.payload_least);
  if (plan.payload_most != plan.payload_least) text += " to " + count_text(plan.payload_most);
  text += " bytes";
  if (plan.retain) text += ", retained";
  if (plan.expiry_s) text += ", expiry " + count_text(*plan.expiry_s) + " s";
  if (plan.rate > 0) text += ", " + amount_text(plan.rate) + " messages a second of all";
  if (plan.window > 0) text += ", window " + count_text(plan.window);
  return text;
}

std::string subscribing(const core::subscribe_plan& plan) {
  std::string text = "subscribe to ";
  for (std::size_t n = 0; n < plan.filters.size(); ++n) text += (n > 0 ? ", " : "") + plan.filters[n].text();
  if (plan.topics > 1) text += " (" + count_text(plan.topics) + " topics)";
  text += ", " + qos_text(plan.qos);
  if (!plan.share.empty()) text += ", shared as " + plan.share;
  if (plan.churn_rate > 0) text += ", " + amount_text(plan.churn_rate) + " SUBSCRIBEs a second of all";
  return text;
}

std::string group_text(const core::group& group) {
  std::string text =
      count_text(group.clients) + (group.clients == 1 ? " client, " : " clients, ") + protocol(group.version);
  if (group.is_persistent()) text += ", sessions are kept";
  // What is as usual goes without saying.
  const core::group usual;
  if (group.keep_alive_s != usual.keep_alive_s) {
    text += ", keep alive " + (group.keep_alive_s == 0 ? "off" : count_text(group.keep_alive_s) + " s");
  }
  if (group.connect.at_ns > 0) text += ", from " + time_text(group.connect.at_ns) + " on";
  if (group.connect.rate > 0) text += ", " + amount_text(group.connect.rate) + " connects a second";
  if (group.connect.in_flight != usual.connect.in_flight) {
    text += ", " + count_text(group.connect.in_flight) + " connects at once";
  }
  if (group.life.hold_ns != core::for_ever) {
    text += ", stay " + time_text(group.life.hold_ns) + " and are away " + time_text(group.life.away_ns);
  }
  if (!group.reconnect.enabled) text += ", do not reconnect";
  if (group.user_name) text += ", with a user name";
  if (group.connect.expects_refusal) text += ", are to be refused";
  if (group.publish) text += "; " + publishing(*group.publish);
  if (group.subscribe) text += "; " + subscribing(*group.subscribe);
  return text;
}

std::string tls_text(const core::tls_plan& tls) {
  std::string text = tls.maximum == core::tls_plan::version::v1_2 ? "1.2 at most" : "1.3 at most";
  text += tls.resumes ? ", sessions are resumed" : ", sessions are not resumed";
  if (!tls.certificate.empty()) text += ", clients have a certificate";
  if (!tls.verifies) text += ", the server is not verified";
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> conditions_of(const core::plan& plan) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::string targets;
  for (const auto& each : plan.targets) {
    targets += (targets.empty() ? "" : ", ") + each.host + ":" + std::to_string(each.port);
  }
  rows.emplace_back("target", targets);
  if (plan.tls.enabled) rows.emplace_back("TLS", tls_text(plan.tls));
  for (const auto& group : plan.groups) {
    rows.emplace_back(group.name.empty() ? "clients" : "group " + group.name, group_text(group));
  }
  for (const auto& event : plan.events) {
    const auto& group = plan.groups.at(event.group);
    rows.emplace_back(
        "at " + time_text(event.at_ns),
        share_text(event.share) + " of " + group.name + (event.clean ? " say DISCONNECT" : " lose their connections"));
  }
  const auto& measuring = plan.measuring;
  std::string limits = "at most " + time_text(measuring.duration_ns);
  if (measuring.messages > 0) limits += ", " + count_text(measuring.messages) + " messages";
  if (measuring.server_cpu_ns > 0) limits += ", " + time_text(measuring.server_cpu_ns) + " of the server's CPU time";
  rows.emplace_back("warm-up", time_text(measuring.warm_up_ns));
  rows.emplace_back("measure", limits);
  rows.emplace_back("seed", std::to_string(plan.seed));
  return rows;
}

}  // namespace headgate::loadtest::report
