#include "loadtest/core/describe_plan.hpp"

#include <array>
#include <cstdio>

namespace headgate::loadtest::core {

namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

std::string seconds(std::uint64_t ns) {
  return number(static_cast<double>(ns) / static_cast<double>(second_ns)) + " s";
}

std::string version_text(mqtt::version version) {
  switch (version) {
    case mqtt::version::v3_1:
      return "MQTT 3.1";
    case mqtt::version::v3_1_1:
      return "MQTT 3.1.1";
    case mqtt::version::v5:
      return "MQTT 5";
  }
  return {};
}

std::string describe(const publish_plan& plan) {
  std::string text = ", publish '" + plan.topic.text() + "'";
  if (plan.topics > 1) text += " (" + std::to_string(plan.topics) + " topics each)";
  text += " at QoS " + std::to_string(static_cast<int>(plan.qos)) + ", payload " + std::to_string(plan.payload_least);
  if (plan.payload_most != plan.payload_least) text += " to " + std::to_string(plan.payload_most);
  text += " B";
  text += plan.rate > 0 ? ", " + number(plan.rate) + " a second in all" : ", window " + std::to_string(plan.window);
  if (plan.retain) text += ", retained";
  if (plan.expiry_s) text += ", expiring after " + std::to_string(*plan.expiry_s) + " s";
  return text;
}

std::string describe(const subscribe_plan& plan) {
  std::string text = ", subscribe to ";
  for (const text_template& filter : plan.filters) {
    if (&filter != &plan.filters.front()) text += ", ";
    text += "'" + filter.text() + "'";
  }
  if (plan.topics > 1) text += " (" + std::to_string(plan.topics) + " topics each)";
  text += " at QoS " + std::to_string(static_cast<int>(plan.qos));
  if (!plan.share.empty()) text += ", shared as '" + plan.share + "'";
  if (plan.churn_rate > 0) text += ", " + number(plan.churn_rate) + " times a second";
  return text;
}

std::string describe(const group& group) {
  std::string text = std::to_string(group.clients) + (group.clients == 1 ? " client, " : " clients, ");
  text += version_text(group.version);
  if (group.is_persistent()) text += ", with a session that stays";
  if (group.connect.rate > 0) text += ", " + number(group.connect.rate) + " connects a second";
  if (group.life.hold_ns != for_ever) {
    text += ", there for " + seconds(group.life.hold_ns) + " and away for " + seconds(group.life.away_ns);
  }
  if (group.publish) text += describe(*group.publish);
  if (group.subscribe) text += describe(*group.subscribe);
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_plan(const plan& plan) {
  std::vector<std::pair<std::string, std::string>> words;
  std::string targets;
  for (const target& target : plan.targets) {
    if (!targets.empty()) targets += ", ";
    targets += target.host + ":" + std::to_string(target.port);
  }
  words.emplace_back("target", targets);
  for (const group& group : plan.groups) words.emplace_back(group.name, describe(group));
  for (const disconnect_event& event : plan.events) {
    words.emplace_back("event", "after " + seconds(event.at_ns) + " " + number(event.share * 100) + " % of " +
                                    plan.groups[event.group].name + (event.clean ? " leave" : " are cut off"));
  }
  words.emplace_back("seed", std::to_string(plan.seed));
  return words;
}

}  // namespace headgate::loadtest::core
