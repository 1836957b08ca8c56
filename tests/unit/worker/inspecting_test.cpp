// What operators ask of a worker, and the values that the server publishes itself.

#include "proxy/gateway/inspecting.hpp"

#include <gmock/gmock.h>

#include "broker/shard/inspecting.hpp"
#include "proxy/gateway/publishing.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

namespace gateway = proxy::gateway;
namespace shard = broker::shard;
using gateway::inspection;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// What `ask` finds in all of its steps.
template <class Item, class Ask>
std::vector<Item> in_all_steps(Ask ask) {
  std::vector<Item> found;
  std::uint32_t place = 0;
  while (ask(&place, found) == inspection::goes_on) {
  }
  return found;
}

std::vector<std::string> ids_of(const std::vector<proxy::session::client_view>& clients) {
  std::vector<std::string> ids;
  for (const auto& client : clients) ids.push_back(client.id);
  return ids;
}

std::vector<std::string> clients_of(conversation& talk, std::string_view prefix) {
  return ids_of(in_all_steps<proxy::session::client_view>([&](std::uint32_t* place, auto& found) {
    return gateway::list_clients(talk.worker.gateway(), place, prefix, 100, found);
  }));
}

std::optional<std::uint32_t> find(conversation& talk, std::string_view id) {
  std::uint32_t place = 0;
  std::optional<std::uint32_t> found;
  while (gateway::find_client(talk.worker.gateway(), &place, id, &found) == inspection::goes_on) {
  }
  return found;
}

shard::shard_state& only_shard(conversation& talk) {
  return *talk.worker.shard(base::shard_id{0});
}

}  // namespace

TEST(inspecting, lists_connected_clients_by_the_beginning_of_their_ids) {
  conversation talk;
  talk.open();
  for (const auto* id : {"pump-1", "valve-1", "pump-2"}) talk.join(id);
  talk.lose(talk.join("pump-3"));
  EXPECT_THAT(clients_of(talk, ""), ElementsAre("pump-1", "valve-1", "pump-2"));
  EXPECT_THAT(clients_of(talk, "pump"), ElementsAre("pump-1", "pump-2"));
  EXPECT_THAT(clients_of(talk, "x"), ElementsAre());
}

TEST(inspecting, a_page_that_is_full_goes_on_behind_its_last_client) {
  conversation talk;
  for (int n = 0; n < 5; ++n) talk.join("c" + std::to_string(n));
  std::uint32_t place = 0;
  std::vector<proxy::session::client_view> found;
  EXPECT_EQ(gateway::list_clients(talk.worker.gateway(), &place, "", 2, found), inspection::goes_on);
  EXPECT_THAT(ids_of(found), ElementsAre("c0", "c1"));
  found.clear();
  gateway::list_clients(talk.worker.gateway(), &place, "", 10, found);
  EXPECT_THAT(ids_of(found), ElementsAre("c2", "c3", "c4"));
}

TEST(inspecting, one_step_looks_at_a_bounded_number_of_places) {
  conversation talk;
  const auto places = base::inspect_steps + 10;
  for (std::uint32_t n = 0; n < places; ++n) talk.open();
  talk.turn();
  talk.join("last");
  std::uint32_t place = 0;
  std::optional<std::uint32_t> found;
  EXPECT_EQ(gateway::find_client(talk.worker.gateway(), &place, "last", &found), inspection::goes_on);
  EXPECT_EQ(place, base::inspect_steps);
  EXPECT_EQ(gateway::find_client(talk.worker.gateway(), &place, "last", &found), inspection::done);
  EXPECT_EQ(found, places);
}

TEST(inspecting, describes_a_client) {
  conversation talk;
  mqtt::connect connect{.clean_start = false, .keep_alive_s = 60, .session_expiry_interval_s = 90};
  connect.user_name = "anna";
  connect.receive_maximum = 2;
  connect.will = mqtt::will_view{.topic = "w"};
  const auto client = talk.come("s", connect);
  talk.hear(client);
  talk.subscribe(client, "a/+", 1);
  talk.subscribe(client, "b", 0, true);
  const auto publisher = talk.join("p");
  for (std::uint16_t n = 1; n < 6; ++n) talk.publish(publisher, "a/1", "x", 1, n);
  talk.turn();
  talk.advance_s(7);
  const auto index = find(talk, "s");
  ASSERT_TRUE(index);
  const auto details = gateway::describe_client(talk.worker.gateway(), *index);
  const auto& view = details.client;
  EXPECT_EQ(view.id, "s");
  EXPECT_EQ(view.user_name, "anna");
  EXPECT_EQ(view.address, "192.0.2.1:0");
  EXPECT_EQ(view.listener, "tcp");
  EXPECT_EQ(view.protocol_version, 5);
  EXPECT_EQ(view.keep_alive_s, 60);
  EXPECT_EQ(view.session_expiry_s, 90U);
  EXPECT_EQ(view.connected_s, 7U);
  EXPECT_EQ(view.silent_s, 7U);
  EXPECT_EQ(view.subscriptions, 2U);
  EXPECT_EQ(view.inflight, 2U);
  EXPECT_EQ(view.window, 2U);
  EXPECT_EQ(view.waiting, 3U);
  EXPECT_FALSE(view.behind);
  EXPECT_TRUE(view.has_will);
  ASSERT_EQ(details.subscriptions.size(), 2U);
  EXPECT_EQ(details.subscriptions[0].filter, "a/+");
  EXPECT_EQ(details.subscriptions[0].qos, 1);
  EXPECT_TRUE(details.subscriptions[1].no_local);
  ASSERT_EQ(details.positions.size(), 1U);
  EXPECT_EQ(details.positions[0].next, 2U);
  EXPECT_EQ(details.positions[0].streamed, 5U);
  EXPECT_FALSE(find(talk, "t"));
}

TEST(inspecting, a_client_that_is_kicked_is_told_so_and_keeps_its_session) {
  conversation talk;
  const mqtt::connect keeping{.clean_start = false, .session_expiry_interval_s = 60};
  const auto client = talk.come("s", keeping);
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  gateway::kick_client(talk.worker.gateway(), *find(talk, "s"));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"disconnect 98"});
  EXPECT_FALSE(talk.is_open(client));
  EXPECT_FALSE(find(talk, "s"));
  EXPECT_EQ(talk.view().gateway.ended_by_operator, 1U);
  EXPECT_EQ(talk.view().gateway.refused_malformed, 0U);
  const auto gone = talk.log.of("client_disconnected");
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone.front().text, "client 's' at 192.0.2.1:0 was closed after 0 s by an operator");
  EXPECT_EQ(gone.front().fields.at("cause"), "operator");
  EXPECT_EQ(talk.hear(talk.come("s", keeping)), lines{"connack present 00"});
}

TEST(inspecting, finds_the_filters_of_a_topic_and_their_holders) {
  conversation talk;
  const auto a = talk.join("a", mqtt::version::v5);
  const auto b = talk.join("b", mqtt::version::v5);
  for (const auto client : {a, b}) talk.subscribe(client, "x/+", 1);
  talk.subscribe(a, "x/1", 0);
  talk.subscribe(a, "$share/g/x/#", 0);
  talk.subscribe(a, "y", 0);
  talk.subscribe(b, "#", 0);
  talk.say(b, talk.unsubscribe_packet(b, "#"));
  talk.turn();
  const auto found = in_all_steps<gateway::held_by>([&](std::uint32_t* place, auto& all) {
    return gateway::match_filters(talk.worker.gateway(), place, "x/1", all);
  });
  std::map<std::string, std::uint64_t> holders;
  for (const auto& each : found) holders[each.filter] = each.subscribers;
  EXPECT_THAT(holders, UnorderedElementsAre(std::pair("x/+", 2U), std::pair("x/1", 1U), std::pair("$share/g/x/#", 1U)));
}

TEST(inspecting, shows_topics_and_what_is_retained) {
  conversation talk;
  const auto client = talk.join("a");
  talk.subscribe(client, "x/1", 0);
  talk.subscribe(client, "x/2", 0);
  talk.subscribe(client, "+/1", 0);
  talk.publish_retained(client, "x/1", "hello", 1);
  talk.turn();
  std::uint32_t place = 0;
  std::vector<shard::topic_view> topics;
  EXPECT_TRUE(shard::list_topics(only_shard(talk), &place, "+/2", 100, topics));
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].topic, "x/2");
  EXPECT_EQ(topics[0].routes, 1U);
  const auto view = shard::view_topic(only_shard(talk), "x/1");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->routes, 1U);
  EXPECT_EQ(view->wildcard_routes, 1U);
  EXPECT_FALSE(shard::view_topic(only_shard(talk), "x/3"));
  auto retained = shard::view_retained(only_shard(talk), "x/1", talk.clock.now().wall);
  for (int turns = 0; !retained && turns < 1000; ++turns) {  // a store that answers later
    talk.turn_a_little();
    retained = shard::view_retained(only_shard(talk), "x/1", talk.clock.now().wall);
  }
  ASSERT_TRUE(retained);
  EXPECT_TRUE(retained->present);
  EXPECT_EQ(retained->payload_bytes, 5U);
  EXPECT_EQ(retained->qos, 1);
  EXPECT_EQ(retained->stored_ms, talk.clock.now().wall.value);
}

TEST(sys_topics, reach_who_asks_for_them_now_and_later_and_nobody_else) {
  conversation talk({}, three_workers());
  const auto now = talk.join("now", mqtt::version::v3_1_1, {}, 1);
  talk.subscribe(now, "$SYS/#", 1);
  const auto all = talk.join("all");
  talk.subscribe(all, "#", 1);
  talk.worker.letters().post(
      [&] { gateway::publish_sys(talk.worker.gateway(), "$SYS/broker/clients/connected", "2"); });
  talk.turn();
  EXPECT_EQ(talk.hear(now), lines{"publish q0 $SYS/broker/clients/connected 2"});
  EXPECT_EQ(talk.hear(all), lines{});
  talk.worker.letters().post(
      [&] { gateway::publish_sys(talk.worker.gateway(), "$SYS/broker/clients/connected", "3"); });
  talk.turn();
  const auto later = talk.join("later", mqtt::version::v5, {}, 2);
  talk.say(later, talk.subscribe_packet(later, "$SYS/broker/#", 0));
  talk.turn();
  EXPECT_EQ(talk.hear(later), (lines{"suback #7 00", "publish q0 retain $SYS/broker/clients/connected 3"}));
  const auto view = talk.view().gateway;
  EXPECT_EQ(view.publishes_in_qos0 + view.publishes_in_qos1 + view.publishes_in_qos2 + view.wills, 0U);
  // Clients cannot take their place (server_topics.are_not_the_clients).
}

}  // namespace headgate::worker::testing
