#include "config/value.hpp"
#include "loadtest/plan/findings.hpp"

namespace headgate::loadtest::plan {

namespace {

// 3.1, CONNECT: a Client Identifier is of 1 to 23 characters.
constexpr std::size_t max_client_id_v3_1 = 23;

void check_client_id(const core::group& group, const findings& found) {
  const auto& id = group.client_id;
  const auto last = id.expanded(group.clients - 1, 0);
  if (id.names_topic()) {
    found.add("client_id", "%n is the number of a topic: a client's own number is %c");
  } else if (last.empty()) {
    found.add("client_id", "a client needs an id here: write one, with %c in it for the client's number");
  } else if (group.clients > 1 && !id.names_client()) {
    found.add("client_id", config::quoted(id.text()) + " is one id for " + std::to_string(group.clients) +
                               " clients, and a server has one connection of each: write %c in it, as in " +
                               config::quoted(id.text() + "-%c"));
  } else if (group.version == mqtt::version::v3_1 && last.size() > max_client_id_v3_1) {
    found.add("client_id", config::quoted(last) + " has " + std::to_string(last.size()) +
                               " bytes, and MQTT 3.1 allows 23: take a shorter one, or version 3.1.1");
  } else if (const auto error = text_error("the client id", last); !error.empty()) {
    found.add("client_id", error);
  }
}

void check_credentials(const core::group& group, const findings& found) {
  if (group.password && !group.user_name && group.version != mqtt::version::v5)
    found.add("password", "before MQTT 5 there is no password without a user: give the user too");
  for (const auto* text :
       {group.user_name ? &*group.user_name : nullptr, group.password ? &*group.password : nullptr}) {
    if (text == nullptr) continue;
    const std::string key = group.password && text == &*group.password ? "password" : "user";
    if (text->names_topic()) {
      found.add(key, "%n is the number of a topic: a client's own number is %c");
    } else if (const auto error = text_error("the " + key, text->expanded(group.clients - 1, 0)); !error.empty()) {
      found.add(key, error);
    }
  }
}

bool is_share(double value) {
  return value >= 0 && value <= 1;
}

void check_times(const core::group& group, const findings& found) {
  if (group.connect.in_flight == 0) found.add("connect.in_flight", "nobody could connect: it is at least 1");
  if (!(group.connect.rate >= 0)) found.add("connect.rate", "a rate is 0 (no limit) or above");
  const auto& reconnect = group.reconnect;
  if (!is_share(reconnect.jitter)) found.add("reconnect.jitter", "it is from 0 to 1");
  if (reconnect.enabled && reconnect.first_ns == 0)
    found.add("reconnect.first", "clients that wait no time hammer a server that refuses them: take at least 1ms");
  if (reconnect.enabled && reconnect.most_ns < reconnect.first_ns)
    found.add("reconnect.most", "the longest wait is shorter than the first one: make it as long at least");
  if (!is_share(group.life.jitter)) found.add("life.jitter", "it is from 0 to 1");
  if (group.life.hold_ns == core::for_ever && group.life.away_ns != 0)
    found.add("life.away", "clients that stay for ever are never away: say how long they stay (hold)");
}

// Who is refused does nothing else.
void check_expected(const core::group& group, const findings& found) {
  if (!group.connect.expects_refusal) return;
  const std::string key = "connect.expect";
  if (group.publish || group.subscribe)
    found.add(key, "who is refused cannot publish or subscribe: take that out, or put it into a group of its own");
  if (group.is_persistent()) found.add(key, "who is refused has no session: take that out");
  if (group.life.hold_ns != core::for_ever) found.add(key, "who is refused does not stay: take life out");
}

}  // namespace

void check_group(const core::group& group, const findings& found) {
  if (group.clients == 0) {
    found.add("clients", "a group without clients does nothing: take 1 at least, or leave the group out");
    return;
  }
  // Texts are checked for the last client: no number is longer.
  check_client_id(group, found);
  check_credentials(group, found);
  if (group.session_expiry_s > 0 && group.version != mqtt::version::v5)
    found.add("session.expiry", "sessions have an expiry from MQTT 5 on: take version 5, or clean_start: false");
  check_times(group, found);
  check_expected(group, found);
}

}  // namespace headgate::loadtest::plan
