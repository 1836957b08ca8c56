#include <algorithm>

#include "loadtest/plan/filter_overlap.hpp"
#include "loadtest/plan/form_parts.hpp"

namespace headgate::loadtest::plan {

namespace {

constexpr std::uint32_t churned_topics = 100'000;

std::string own_topic(const form_options& options) {
  return options.topics > 1 ? "loadtest/%c/%n" : "loadtest/%c";
}

std::uint32_t pairs_window(const form_options& options) {
  return options.qos == mqtt::qos::at_most_once ? 1'000 : 100;
}

// One more client, whose topics nobody publishes to.
core::group make_churn(const form_options& options) {
  auto made = make_group(churn_role, 1, options);
  made.subscribe = make_subscribe(as_template("loadtest-churn/%8n"), options);
  made.subscribe->topics = churned_topics;
  made.subscribe->churn_rate = options.churn_rate;
  return made;
}

core::plan make_pairs_named(const std::string& name, const form_options& options) {
  auto made = start_plan(name, options);
  const auto topic = topic_or(options, own_topic(options));
  if (options.clients > 1 && !topic.names_client())
    throw plan_error("--topic: '" + topic.text() +
                     "' is the same for all pairs, and each needs its own: write %c where the pair's number belongs; "
                     "one topic for many is what the forms fanout and fanin are for");
  auto& subscribers = made.groups.emplace_back(make_group(subscriber_role, options.clients, options));
  subscribers.subscribe = make_subscribe(topic, options);
  auto& publishers = made.groups.emplace_back(make_group(publisher_role, options.clients, options));
  publishers.publish = make_publish(topic, options, pairs_window(options));
  if (options.churn_rate > 0) made.groups.push_back(make_churn(options));
  return made;
}

core::plan make_crowd(const std::string& name, const core::text_template& topic, std::uint32_t publisher_count,
                      std::uint32_t subscriber_count, std::uint32_t window, const form_options& options) {
  auto made = start_plan(name, options);
  auto& subscribers = made.groups.emplace_back(make_group(subscriber_role, subscriber_count, options));
  subscribers.subscribe = make_subscribe(as_template(filter_over(topic)), options);
  auto& publishers = made.groups.emplace_back(make_group(publisher_role, publisher_count, options));
  publishers.publish = make_publish(topic, options, window);
  return made;
}

// For an hour where it can be said for how long.
void keep_session(core::group& clients) {
  clients.clean_start = false;
  if (clients.version == mqtt::version::v5) clients.session_expiry_s = 3'600;
}

}  // namespace

core::plan make_conn(const form_options& options) {
  if (options.topic && !options.subscribes)
    throw plan_error("--topic: these clients are idle, so it wants --subscribe as well");
  if (options.cycles && options.subscribes)
    throw plan_error("--subscribe: with --cycle clients leave at their CONNACK, so take one of the two out");
  if (options.expects_refusal && (options.subscribes || options.cycles))
    throw plan_error(std::string("--expect-refused: who is refused does nothing else, so take ") +
                     (options.subscribes ? "--subscribe" : "--cycle") + " out");
  auto made = start_plan("conn", options);
  auto& clients = made.groups.emplace_back(make_group(idle_role, options.clients, options));
  clients.connect.rate = options.rate.value_or(0);
  if (options.subscribes) clients.subscribe = make_subscribe(topic_or(options, "loadtest/%c"), options);
  if (options.keeps_session) keep_session(clients);
  if (options.cycles) {
    clients.life = {0, 0, 0};
    clients.connect.in_flight = options.clients;
  }
  if (options.expects_refusal) {
    clients.connect.expects_refusal = true;
    clients.connect.in_flight = options.clients;
  }
  return made;
}

core::plan make_pub(const form_options& options) {
  auto made = start_plan("pub", options);
  auto& publishers = made.groups.emplace_back(make_group(alone(publisher_role), options.clients, options));
  publishers.publish = make_publish(topic_or(options, own_topic(options)), options, 100);
  return made;
}

core::plan make_sub(const form_options& options) {
  auto made = start_plan("sub", options);
  auto& subscribers = made.groups.emplace_back(make_group(alone(subscriber_role), options.clients, options));
  const auto* fallback = options.topics > 1 ? "loadtest/+/%n" : "loadtest/+";
  subscribers.subscribe =
      make_subscribe(topic_or(options, options.share.empty() ? own_topic(options) : fallback), options);
  subscribers.subscribe->topics = options.topics;
  return made;
}

core::plan make_pairs(const form_options& options) {
  return make_pairs_named("pairs", options);
}

core::plan make_latency(const form_options& options) {
  return make_pairs_named("latency", options);
}

core::plan make_fanout(const form_options& options) {
  const auto topic = topic_or(options, options.topics > 1 ? "loadtest/fanout/%n" : "loadtest/fanout");
  return make_crowd("fanout", topic, options.publishers, options.clients, 20, options);
}

core::plan make_fanin(const form_options& options) {
  const std::string shared = options.topics > 1 ? "loadtest/fanin/%n" : "loadtest/fanin";
  const auto topic = topic_or(options, options.one_topic ? shared : own_topic(options));
  if (options.one_topic && topic.names_client())
    throw plan_error("--topic: '" + topic.text() +
                     "' is another topic for each publisher: take the %c out, or leave --one-topic out");
  return make_crowd("fanin", topic, options.clients, options.subscribers, 1, options);
}

core::plan make_offline(const form_options& options) {
  auto made = make_pairs_named("offline", options);
  auto& subscribers = made.groups.front();
  keep_session(subscribers);
  subscribers.life = {options.hold_ns, options.away_ns, 0.5};
  // Whoever is away at the end comes back and takes what waits for it.
  if (!options.settle_ns) made.measuring.settle_ns = options.away_ns + 2 * core::second_ns;
  return made;
}

}  // namespace headgate::loadtest::plan
