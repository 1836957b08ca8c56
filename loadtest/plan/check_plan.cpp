#include "loadtest/plan/check_plan.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.hpp"
#include "config/value.hpp"
#include "loadtest/plan/findings.hpp"
#include "loadtest/plan/kind.hpp"
#include "mqtt/utf8.hpp"

namespace headgate::loadtest::plan {

namespace {

std::uint64_t clients_of(const core::plan& plan) {
  std::uint64_t count = 0;
  for (const auto& group : plan.groups) count += group.clients;
  return count;
}

// A server closes the first of two connections with the same client id.
void check_client_ids(const core::plan& plan, const findings& found) {
  std::unordered_map<std::string, const core::group*> taken;
  for (const auto& group : plan.groups) {
    for (std::uint32_t number = 0; number < group.clients; ++number) {
      const auto [earlier, is_new] = taken.emplace(group.client_id.expanded(number, 0), &group);
      if (is_new || earlier->second == &group) continue;  // the group's own are its check's
      found.add(group.name + ".client_id", "client " + std::to_string(number) + " would be " +
                                               config::quoted(earlier->first) + ", which is the id of one of group " +
                                               earlier->second->name +
                                               " already, and the server would close that one: give each group ids "
                                               "of its own");
      break;
    }
  }
}

void check_shares(const core::plan& plan, const findings& found) {
  std::map<std::string, const core::group*> shares;
  for (const auto& group : plan.groups) {
    if (!group.subscribe || group.subscribe->share.empty()) continue;
    const auto [earlier, is_new] = shares.emplace(group.subscribe->share, &group);
    if (is_new) continue;
    found.add(group.name + ".subscribe.share", "group " + earlier->second->name + " has the share " +
                                                   config::quoted(earlier->first) +
                                                   " already: one group is one share, so take another name");
  }
}

}  // namespace

std::string text_error(const std::string& what, const std::string& text) {
  if (text.size() > 65'535) return what + " has " + std::to_string(text.size()) + " bytes, and MQTT allows 65,535";
  if (mqtt::check_utf8(base::as_bytes(text)) != mqtt::text_check::good)
    return what + " is no text in UTF-8, or has a zero byte, and MQTT allows neither";
  return {};
}

void check_groups(const core::plan& plan, const findings& found) {
  const auto count = clients_of(plan);
  if (count > max_clients) {
    found.add("", std::to_string(count) + " clients are more than one process takes (" + std::to_string(max_clients) +
                      "): start several processes at the same time, each with its part of them, as in 'for part in 1 "
                      "2 3; do headgate-loadtest … --json part$part.json & done; wait'");
  } else {
    check_client_ids(plan, found);
  }
  check_shares(plan, found);
}

void check_measuring(const core::plan& plan, const findings& found) {
  const auto show = durations(0, core::for_ever).show;
  const auto& measuring = plan.measuring;
  if (measuring.duration_ns == 0)
    found.add("measure.duration", "a run of no time measures nothing: take at least 1ms, such as 10s");
  if (measuring.stall_ns == 0)
    found.add("measure.stall", "a run that may not wait at all fails at once: take at least 1ms, such as 10s");
  if (measuring.settle_ns == 0)
    found.add("measure.settle", "what is under way needs time to arrive: take at least 1ms, such as 2s");
  // Subscriptions that come and go are sent nothing.
  const bool has_messages = std::ranges::any_of(plan.groups, [](const core::group& group) {
    return group.publish || (group.subscribe && !(group.subscribe->churn_rate > 0));
  });
  if (measuring.warm_up_messages > 0 && !has_messages)
    found.add("measure.warm_up_messages",
              "nobody publishes or receives anything, so they never come: take warm_up, which is a time");
  for (const auto& group : plan.groups) {
    const bool comes_back = group.is_persistent() && group.subscribe && group.life.hold_ns != core::for_ever;
    if (!comes_back || group.life.away_ns < measuring.settle_ns) continue;
    found.add("measure.settle", "it is " + show(measuring.settle_ns) + ", but the clients of group " + group.name +
                                    " are away for up to " + show(group.life.away_ns) +
                                    ", so what waits for them would be taken for lost: make it longer than that");
  }
}

void check_events(const core::plan& plan, const findings& found) {
  for (std::size_t number = 0; number < plan.events.size(); ++number) {
    const auto& event = plan.events[number];
    const auto path = "events." + std::to_string(number);
    if (event.group >= plan.groups.size()) found.add(path + ".group", "there is no such group");
    if (!(event.share > 0 && event.share <= 1))
      found.add(path + ".disconnect", "a share of the clients is above 0% and at most 100%");
  }
}

std::vector<conflict> find_conflicts(const core::plan& plan) {
  std::vector<conflict> all;
  const findings whole{all, ""};
  if (plan.groups.empty())
    whole.add("groups",
              "there is nothing to do: a plan needs a group of clients at least, as in 'groups: { idle: { "
              "clients: 100 } }'");
  if (plan.targets.empty()) whole.add("targets", "a server is needed, such as 127.0.0.1:1883");
  for (const auto& group : plan.groups) {
    const findings found{all, "groups." + group.name};
    check_group(group, found);
    if (group.publish) check_publish(group, found);
    if (group.subscribe) check_subscribe(group, found);
  }
  if (plan.groups.size() > max_groups)
    whole.add("groups", "there can be " + std::to_string(max_groups) + " groups at most");
  check_tls(plan, {all, "tls"});
  check_groups(plan, {all, "groups"});
  check_measuring(plan, whole);
  check_events(plan, whole);
  if (!plan.groups.empty() && plan.measuring.duration_ns > 0) check_times_of_run(plan, whole);
  return all;
}

}  // namespace headgate::loadtest::plan
