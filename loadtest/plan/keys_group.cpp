#include <limits>

#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/key_makers.hpp"

// Keys of one group.
namespace headgate::loadtest::plan {

namespace {

constexpr std::uint64_t u16_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

#define HEADGATE_MEMBER(name) \
  [](place & at) -> auto& {   \
    return at.group->name;    \
  }

}  // namespace

key_section group_keys() {
  auto id = key("client_id", client_templates(), HEADGATE_MEMBER(client_id),
                "Client id, with `%c` in it for the client's number");
  id.fallback = "lt, a random number of the run, the group's number and the client's";
  return {"groups.NAME",
          "Clients that do the same. A name is of 1 to 32 letters, digits, `-` and `_`.",
          {key("clients", numbers(1, 1'000'000), HEADGATE_MEMBER(clients), "How many"),
           key("version", versions(), HEADGATE_MEMBER(version), "Version of MQTT"), std::move(id),
           key("user", client_templates(), HEADGATE_MEMBER(user_name), "User name"),
           key("password", client_templates(), HEADGATE_MEMBER(password), "Password"),
           key("keep_alive", seconds(0, u16_max), HEADGATE_MEMBER(keep_alive_s), "Keep Alive; 0: none")},
          {}};
}

key_section session_keys() {
  return {
      "groups.NAME.session",
      "Whether the server keeps what is sent to a client while it is away.",
      {key("clean_start", truths(), HEADGATE_MEMBER(clean_start),
           "Clean Start; before MQTT 5 Clean Session, where `false` keeps the session. With an expiry a client sets "
           "it at its first connection of the run only, and goes on with its session when it comes back"),
       key("expiry", seconds(0, u32_max), HEADGATE_MEMBER(session_expiry_s),
           "MQTT 5: Session Expiry Interval; 0: the session ends with its connection")},
      {}};
}

key_section connect_keys() {
  return {
      "groups.NAME.connect",
      "How the clients come, in the order of their numbers.",
      {key("at", durations(0, longest_ns), HEADGATE_MEMBER(connect.at_ns),
           "When, from the start of the run; 0: before it is measured"),
       key("rate", decimals(0, 1'000'000), HEADGATE_MEMBER(connect.rate),
           "Connects a second of the group (a ramp); 0: no limit"),
       key("in_flight", numbers(1, max_clients), HEADGATE_MEMBER(connect.in_flight),
           "Connects that are not answered yet"),
       key("expect", expected_answers(), HEADGATE_MEMBER(connect.expects_refusal),
           "`refused`: the server is to refuse each of them, by CONNACK. As long as the run goes on the next client "
           "that is free connects, `rate` a second whatever the server does, and after the last the first again; "
           "nobody waits for them; one that is accepted fails the run")},
      {}};
}

key_section reconnect_keys() {
  return {"groups.NAME.reconnect",
          "How a client comes back that lost its connection or was refused: the n-th attempt in a row waits `first` × "
          "2ⁿ, at most `most`, times a random number from 1 − `jitter` to 1.",
          {key("enabled", truths(), HEADGATE_MEMBER(reconnect.enabled), "Whether it comes back"),
           key("first", durations(millisecond_ns, longest_ns), HEADGATE_MEMBER(reconnect.first_ns),
               "The wait before the first attempt"),
           key("most", durations(millisecond_ns, longest_ns), HEADGATE_MEMBER(reconnect.most_ns), "The longest wait"),
           key("jitter", decimals(0, 1), HEADGATE_MEMBER(reconnect.jitter), "How random the waits are")},
          {}};
}

key_section life_keys() {
  return {
      "groups.NAME.life",
      "Clients that come and go: each stays, says DISCONNECT, is away, and comes again. Each time is multiplied by a "
      "random number from 1 − `jitter` to 1.",
      {key("hold", durations_or_for_ever(0, longest_ns), HEADGATE_MEMBER(life.hold_ns), "How long it stays"),
       key("away", durations(0, longest_ns), HEADGATE_MEMBER(life.away_ns), "How long it is away"),
       key("jitter", decimals(0, 1), HEADGATE_MEMBER(life.jitter), "How random the times are")},
      {}};
}

key_section publish_keys() {
  plan_key payload;
  payload.name = "payload";
  payload.accepts = sizes_of_payload().accepts;
  payload.help = "Size of a payload; of two, each message has one between them, which the seed decides";
  payload.fallback = sizes_of_payload().show(payload_sizes{});
  payload.set = [parse = sizes_of_payload().parse](place& at, const std::string& text) {
    const auto sizes = parse(text);
    if (!sizes) return false;
    at.group->publish->payload_least = sizes->least;
    at.group->publish->payload_most = sizes->most;
    return true;
  };
  auto rate = key("rate", decimals(0.001, 10'000'000), HEADGATE_MEMBER(publish->rate),
                  "Open loop: messages a second of the whole group, due at that rate whatever the server does");
  auto window = key("window", numbers(1, 100'000), HEADGATE_MEMBER(publish->window),
                    "Closed loop: a client's messages that its slowest subscriber has not received yet; without "
                    "subscribers: that are not acknowledged yet. One of `rate` and `window` is wanted");
  rate.fallback.clear();
  window.fallback.clear();
  return {
      "groups.NAME.publish",
      "What the clients publish. Without this they publish nothing.",
      {required("topic", templates(), HEADGATE_MEMBER(publish->topic),
                "The topic; `%c` is the client's number, `%n` the topic's"),
       key("topics", numbers(1, max_topics), HEADGATE_MEMBER(publish->topics),
           "Topics of each client, which it takes in an order that the seed decides"),
       key("qos", levels_of_qos(), HEADGATE_MEMBER(publish->qos), "Quality of service"),
       key("retain", truths(), HEADGATE_MEMBER(publish->retain),
           "Whether messages are retained; the audit requires nothing of what comes with RETAIN set"),
       std::move(payload),
       key("expiry", seconds(1, u32_max - 1), HEADGATE_MEMBER(publish->expiry_s), "MQTT 5: Message Expiry Interval"),
       std::move(rate), std::move(window)},
      [](place& at) { at.group->publish.emplace(); }};
}

key_section subscribe_keys() {
  auto filters =
      list("filters", templates(), HEADGATE_MEMBER(subscribe->filters),
           "A filter, or a list of several that do not overlap; `%c` is the client's number, `%n` the topic's");
  filters.is_required = true;
  auto share = key("share", words("the name of a shared subscription"), HEADGATE_MEMBER(subscribe->share),
                   "The group's clients share one subscription of this name");
  return {"groups.NAME.subscribe",
          "What the clients subscribe to. Without this they subscribe to nothing.",
          {std::move(filters),
           key("topics", numbers(1, max_topics), HEADGATE_MEMBER(subscribe->topics),
               "How many topics a filter with `%n` stands for"),
           key("qos", levels_of_qos(), HEADGATE_MEMBER(subscribe->qos), "The most that the subscriptions grant"),
           std::move(share),
           key("churn_rate", decimals(0, 1'000'000), HEADGATE_MEMBER(subscribe->churn_rate),
               "Not 0: the clients subscribe to their filters in turn, so many a second of the group, and each time "
               "unsubscribe from the one before; nothing is expected to come")},
          [](place& at) { at.group->subscribe.emplace(); }};
}

#undef HEADGATE_MEMBER

}  // namespace headgate::loadtest::plan
