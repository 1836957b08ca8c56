#include <cmath>
#include <optional>

#include "config/value.hpp"
#include "loadtest/plan/filter_overlap.hpp"
#include "loadtest/plan/findings.hpp"
#include "mqtt/topic.hpp"

namespace headgate::loadtest::plan {

namespace {

using config::quoted;

std::optional<std::string> find_filter_error(const core::text_template& filter, std::uint32_t topics,
                                             std::uint32_t clients) {
  const auto last = filter.expanded(clients - 1, topics - 1);
  if (last.starts_with("$share/"))
    return "a shared subscription is named by its share: take the part before the filter "
           "out, and give the name as the share";
  if (auto error = text_error("the filter", last); !error.empty()) return error;
  if (!mqtt::is_valid_topic_filter(last))
    return quoted(filter.text()) +
           " is no filter: '+' stands alone between two '/', '#' alone at the end, and it has " +
           std::to_string(mqtt::max_topic_levels) + " levels at most";
  if (filter.names_topic() && topics == 1)
    return quoted(filter.text()) +
           " has a place for the topic's number (%n), but it stands for one topic: say how many (topics), or take "
           "%c, the client's number, or +";
  if (!filter.names_topic() && topics > 1)
    return quoted(filter.text()) + " is one filter, and not the " + std::to_string(topics) +
           " that are wanted: write %n where the topic's number belongs";
  return std::nullopt;
}

void check_filters(const core::subscribe_plan& subscribe, std::uint32_t clients, const findings& found) {
  if (subscribe.filters.empty()) return found.add("filters", "a filter is needed, such as 'loadtest/%c'");
  if (subscribe.filters.size() > max_filters)
    return found.add("filters", "there can be " + std::to_string(max_filters) +
                                    " filters at most: write %n in one of them, and how many topics it stands for");
  if (subscribe.topics == 0 || subscribe.topics > max_topics)
    return found.add("topics", "a filter stands for 1 to " + std::to_string(max_topics) + " topics");
  bool are_good = true;
  for (const auto& filter : subscribe.filters) {
    const auto error = find_filter_error(filter, subscribe.topics, clients);
    if (error) found.add("filters", *error);
    are_good = are_good && !error;
  }
  const auto overlap = are_good ? find_overlap(subscribe.filters) : std::nullopt;
  if (!overlap) return;
  found.add("filters", quoted(subscribe.filters[overlap->first].text()) + " and " +
                           quoted(subscribe.filters[overlap->second].text()) +
                           " can match the same topic, and servers differ in whether that message comes once or twice: "
                           "put them into groups of their own");
}

void check_share(const core::subscribe_plan& subscribe, std::uint32_t clients, const findings& found) {
  if (subscribe.share.empty()) return;
  if (subscribe.share.find_first_of("/+#") != std::string::npos)
    found.add("share", quoted(subscribe.share) + " is no name of a share: it has none of '/', '+' and '#'");
  if (const auto error = text_error("the share's name", subscribe.share); !error.empty()) found.add("share", error);
  for (const auto& filter : subscribe.filters) {
    if (clients == 1 || !filter.names_client()) continue;
    found.add("filters", quoted(filter.text()) +
                             " is another filter for each client, and they share none of them: take one that all "
                             "have, as in " +
                             quoted(filter_over(filter)));
  }
}

void check_churn(const core::subscribe_plan& subscribe, const findings& found) {
  if (!(subscribe.churn_rate >= 0) || !std::isfinite(subscribe.churn_rate))
    return found.add("churn_rate", "it is a number of SUBSCRIBEs a second, or 0");
  if (subscribe.churn_rate == 0) return;
  if (subscribe.filters.size() * subscribe.topics < 2)
    found.add("churn_rate",
              "the clients go from one filter to the next, so they need two at least: write several, or "
              "%n in one and how many topics it stands for");
  if (!subscribe.share.empty())
    found.add("churn_rate", "subscriptions that come and go cannot be shared: take one out");
}

}  // namespace

void check_subscribe(const core::group& group, const findings& about_group) {
  if (group.clients == 0) return;
  const auto& subscribe = *group.subscribe;
  const findings found{about_group.all, about_group.path + ".subscribe"};
  check_filters(subscribe, group.clients, found);
  check_share(subscribe, group.clients, found);
  check_churn(subscribe, found);
  if (subscribe.qos > mqtt::qos::exactly_once) found.add("qos", "it is 0, 1 or 2");
}

}  // namespace headgate::loadtest::plan
