#include <algorithm>
#include <cmath>

#include "config/value.hpp"
#include "loadtest/plan/findings.hpp"
#include "mqtt/topic.hpp"

namespace headgate::loadtest::plan {

namespace {

void check_topic(const core::publish_plan& publish, std::uint32_t clients, const findings& found) {
  const auto& topic = publish.topic;
  if (topic.text().empty()) {
    found.add("topic", "a topic is needed, such as 'loadtest/%c'");
    return;
  }
  if (publish.topics == 0 || publish.topics > max_topics) {
    found.add("topics", "a client has from 1 to " + std::to_string(max_topics) + " topics");
    return;
  }
  if (topic.names_topic() && publish.topics == 1)
    found.add("topic", config::quoted(topic.text()) +
                           " has a place for the topic's number (%n), but a client has one topic: say how many "
                           "(topics), or take %c, the client's number");
  if (!topic.names_topic() && publish.topics > 1)
    found.add("topic", config::quoted(topic.text()) + " is one topic, and not the " + std::to_string(publish.topics) +
                           " that are wanted: write %n where the topic's number belongs");
  const auto last = topic.expanded(clients - 1, publish.topics - 1);
  if (const auto error = text_error("the topic", last); !error.empty()) {
    found.add("topic", error);
    return;
  }
  switch (mqtt::check_topic_name(last)) {
    case mqtt::topic_check::good:
    case mqtt::topic_check::empty:
      return;
    case mqtt::topic_check::has_wildcard:
      return found.add("topic",
                       config::quoted(topic.text()) +
                           " has a wildcard, and one publishes to one topic: take '+' and '#' in filters only");
    case mqtt::topic_check::too_many_levels:
      return found.add("topic", "a topic has " + std::to_string(mqtt::max_topic_levels) + " levels at most");
  }
}

void check_pace(const core::publish_plan& publish, const findings& found) {
  const bool has_rate = publish.rate != 0;
  const bool has_window = publish.window != 0;
  if (!(publish.rate >= 0) || !std::isfinite(publish.rate)) found.add("rate", "it is a number of messages a second");
  if (has_rate && has_window) {
    found.add("rate",
              "it comes with a window as well: messages are due at a rate (open loop) or when earlier ones have "
              "arrived (window, closed loop), so leave one of them out");
  } else if (!has_rate && !has_window) {
    found.add("",
              "how fast is it to publish? Give a rate in messages a second (rate), or how many of a client's "
              "messages may be under way (window)");
  }
}

}  // namespace

void check_publish(const core::group& group, const findings& about_group) {
  if (group.clients == 0) return;
  const auto& publish = *group.publish;
  const findings found{about_group.all, about_group.path + ".publish"};
  check_topic(publish, group.clients, found);
  check_pace(publish, found);
  if (publish.qos > mqtt::qos::exactly_once) found.add("qos", "it is 0, 1 or 2");
  if (publish.payload_least < core::least_payload)
    found.add("payload", std::to_string(publish.payload_least) +
                             " bytes are too few: each message begins with a stamp "
                             "of " +
                             std::to_string(core::least_payload) + " bytes, by which it is recognised and checked");
  if (publish.payload_most < publish.payload_least) found.add("payload", "the larger of two sizes comes last");
  if (publish.expiry_s && group.version != mqtt::version::v5)
    found.add("expiry", "messages have an expiry from MQTT 5 on: take version 5");
  if (group.subscribe && group.subscribe->churn_rate > 0)
    found.add("",
              "this group's subscriptions come and go (churn_rate), so nobody knows what is to come of it: publish "
              "from a group of its own");
}

}  // namespace headgate::loadtest::plan
