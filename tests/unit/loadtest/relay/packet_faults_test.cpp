#include "loadtest/relay/packet_faults.hpp"

#include "tests/unit/loadtest/relay/packets.hpp"

namespace headgate::loadtest::relay {
namespace {

using mqtt::packet_type;

const octets a = publish_packet("aaaa");
const octets b = publish_packet("bbbb");
const octets c = publish_packet("cccc");
const octets ping = {0xd0, 0};

octets puback(std::uint16_t id) {
  return acknowledgement_packet(packet_type::puback, id);
}

TEST(packet_faults, without_rules_nothing_changes) {
  EXPECT_EQ(down_with({}, connack_packet() + a + ping + b).out, connack_packet() + a + ping + b);
}

TEST(packet_faults, drops_the_next_one_and_no_other) {
  const auto seen = down_with({"drop publish down"}, connack_packet() + a + ping + b);
  EXPECT_EQ(seen.out, connack_packet() + ping + b);
  ASSERT_EQ(seen.faults.size(), 1U);
  EXPECT_EQ(as_text(seen.faults[0]),
            "fault drop connection 1 client 'a' down PUBLISH topic 't' payload 4 bytes nth 1 rule 1");
}

TEST(packet_faults, drops_the_nth) {
  EXPECT_EQ(down_with({"drop publish 2 down"}, a + b + c).out, a + c);
  EXPECT_EQ(down_with({"drop publish nth 3"}, a + b + c).out, a + b);
  EXPECT_EQ(down_with({"drop publish nth 4"}, a + b + c).out, a + b + c);
  EXPECT_EQ(down_with({"drop publish nth 2 times 2"}, a + b + c).out, a);
  EXPECT_EQ(down_with({"drop publish every 2"}, a + b + c + a).out, a + c);
  EXPECT_EQ(down_with({"drop publish all"}, a + ping + b).out, ping);
}

TEST(packet_faults, the_other_direction_is_left_alone) {
  EXPECT_EQ(down_with({"drop publish up"}, a + b).out, a + b);
}

TEST(packet_faults, drops_acknowledgements_by_name) {
  for (const auto& [name, type] :
       {std::pair{"puback", packet_type::puback}, std::pair{"PUBREC", packet_type::pubrec},
        std::pair{"pubrel", packet_type::pubrel}, std::pair{"pubcomp", packet_type::pubcomp}}) {
    const auto one = acknowledgement_packet(type, 7);
    const auto two = acknowledgement_packet(type, 8);
    const auto seen = down_with({std::string("drop ") + name}, a + one + two);
    EXPECT_EQ(seen.out, a + two);
    ASSERT_EQ(seen.faults.size(), 1U);
    EXPECT_EQ(seen.faults[0].packet, type);
    EXPECT_EQ(seen.faults[0].packet_id, 7);
  }
  EXPECT_EQ(down_with({"drop any nth 3"}, a + ping + puback(1) + b).out, a + ping + b);
}

TEST(packet_faults, duplicates) {
  const auto seen = down_with({"duplicate publish nth 2"}, a + b + c);
  EXPECT_EQ(seen.out, a + b + b + c);
  ASSERT_EQ(seen.faults.size(), 1U);
  EXPECT_EQ(seen.faults[0].kind, fault_kind::duplicate);
}

TEST(packet_faults, swaps_with_the_next_publish) {
  const auto seen = down_with({"swap publish"}, a + ping + b + c);
  EXPECT_EQ(seen.out, ping + b + a + c);
  ASSERT_EQ(seen.faults.size(), 1U);
  EXPECT_EQ(seen.faults[0].kind, fault_kind::swap);
  EXPECT_EQ(seen.faults[0].nth, 1U);
  EXPECT_EQ(down_with({"swap publish all"}, a + b + c + a).out, b + a + a + c);
}

TEST(packet_faults, a_swap_without_another_publish_is_none) {
  for (const auto& end : {octets(), disconnect_packet(), ping + disconnect_packet()}) {
    const auto seen = down_with({"swap publish nth 2"}, a + b + end);
    EXPECT_EQ(seen.out.size(), (a + b + end).size());
    EXPECT_TRUE(seen.faults.empty());
  }
  EXPECT_EQ(down_with({"swap publish"}, a + disconnect_packet()).out, a + disconnect_packet());
}

TEST(packet_faults, a_swap_that_is_cleared_lets_its_message_go) {
  bench relay;
  bench::one connection(relay, 1);
  connection.take(direction::up, connect_packet("a"));
  relay.tell("swap publish");
  EXPECT_EQ(connection.take(direction::down, a), octets());
  octets out;
  connection.down.rules_changed(out);
  EXPECT_EQ(out, octets());
  relay.tell("clear swap");
  connection.down.rules_changed(out);
  EXPECT_EQ(out, a);
}

TEST(packet_faults, a_dropped_message_does_not_end_a_swap) {
  const auto seen = down_with({"swap publish", "drop publish nth 2"}, a + b + c);
  EXPECT_EQ(seen.out, c + a);
  EXPECT_EQ(seen.faults.size(), 2U);
}

// How many bits differ.
int distance(const octets& one, const octets& other) {
  int bits = 0;
  for (std::size_t n = 0; n < one.size(); ++n) bits += std::popcount(static_cast<unsigned>(one[n] ^ other[n]));
  return bits;
}

TEST(packet_faults, corrupts_one_bit_of_the_payload) {
  const auto seen = down_with({"corrupt publish nth 2"}, a + b + c);
  ASSERT_EQ(seen.out.size(), (a + b + c).size());
  EXPECT_EQ(distance(seen.out, a + b + c), 1);
  ASSERT_EQ(seen.faults.size(), 1U);
  ASSERT_TRUE(seen.faults[0].byte);
  auto expected = a + b + c;
  const auto byte = a.size() + b.size() - 4 + *seen.faults[0].byte;
  expected[byte] = static_cast<std::uint8_t>(expected[byte] ^ 1U << seen.faults[0].bit);
  EXPECT_EQ(seen.out, expected);
}

TEST(packet_faults, corrupts_one_bit_of_the_topic_so_that_it_stays_a_topic) {
  for (const auto* topic : {"a", "a/b", "*", "sensors/7/temperature"}) {
    message what;
    what.topic = topic;
    const auto packet = publish_packet(what);
    const auto seen = down_with({"corrupt publish topic"}, packet);
    EXPECT_EQ(distance(seen.out, packet), 1) << topic;
    const auto frame = mqtt::next_frame(seen.out, ~0U);
    ASSERT_TRUE(mqtt::decode_publish(frame.packet, mqtt::version::v3_1_1, mqtt::sender::server)) << topic;
    ASSERT_EQ(seen.faults.size(), 1U);
    EXPECT_TRUE(seen.faults[0].corrupts_topic);
    EXPECT_EQ(seen.faults[0].topic, topic);
  }
}

TEST(packet_faults, an_empty_payload_is_not_corrupted_and_not_counted) {
  const auto seen = down_with({"corrupt publish"}, publish_packet("") + publish_packet("x"));
  EXPECT_EQ(distance(seen.out, publish_packet("") + publish_packet("x")), 1);
  EXPECT_EQ(seen.faults.size(), 1U);
}

TEST(packet_faults, only_on_a_topic) {
  message other;
  other.topic = "b/c";
  const auto packet = publish_packet(other);
  EXPECT_EQ(down_with({"drop publish on b/+"}, a + packet + a + packet).out, a + a + packet);
}

TEST(packet_faults, of_one_client_or_connection) {
  for (const auto* who : {"client second", "client sec*", "connection 2"}) {
    bench relay;
    bench::one first(relay, 1);
    bench::one second(relay, 2);
    first.take(direction::up, connect_packet("first"));
    second.take(direction::up, connect_packet("second"));
    relay.tell(std::string("drop publish all ") + who);
    EXPECT_EQ(first.take(direction::down, a), a);
    EXPECT_EQ(second.take(direction::down, a), octets());
  }
}

TEST(packet_faults, also_the_connect_of_a_client) {
  bench relay;
  relay.tell("drop connect client a");
  bench::one connection(relay, 1);
  EXPECT_EQ(connection.take(direction::up, connect_packet("a") + ping_packet()), ping_packet());
  EXPECT_EQ(relay.faults.size(), 1U);
}

TEST(packet_faults, one_count_for_all_connections_or_one_for_each) {
  for (const bool each : {false, true}) {
    bench relay;
    relay.tell(each ? "drop publish down nth 2 each" : "drop publish down nth 2");
    std::vector<octets> out;
    for (const std::uint64_t number : {1, 2}) {
      bench::one connection(relay, number);
      connection.take(direction::up, connect_packet("a"));
      out.push_back(connection.take(direction::down, a + b + c));
    }
    EXPECT_EQ(out[0], a + c);
    EXPECT_EQ(out[1], each ? a + c : a + b + c);
  }
}

TEST(packet_faults, cuts_before_a_packet) {
  bench relay;
  bench::one connection(relay, 1);
  connection.take(direction::up, connect_packet("a"));
  relay.tell("cut puback down nth 2");
  EXPECT_EQ(connection.take(direction::down, a + puback(1) + puback(2) + a), a + puback(1));
  EXPECT_TRUE(connection.whose.is_cut);
  EXPECT_EQ(connection.take(direction::down, a), octets());
  ASSERT_EQ(relay.faults.size(), 1U);
  EXPECT_EQ(relay.faults[0].packet_id, 2);
}

TEST(packet_faults, aliases_of_topics_are_known) {
  bench relay;
  bench::one connection(relay, 1);
  connection.take(direction::up, connect_packet("a", mqtt::version::v5));
  message named;
  named.topic = "x/y";
  named.topic_alias = 3;
  message alone = named;
  alone.topic = "";
  const auto first = publish_packet(named, mqtt::version::v5);
  const auto second = publish_packet(alone, mqtt::version::v5);
  EXPECT_EQ(connection.take(direction::down, first), first);
  relay.tell("drop publish on x/#");
  EXPECT_EQ(connection.take(direction::down, second), octets());
  ASSERT_EQ(relay.faults.size(), 1U);
  EXPECT_EQ(relay.faults[0].topic, "x/y");
}

TEST(packet_faults, what_is_not_mqtt_passes) {
  bench relay;
  relay.tell("drop any all");
  bench::one connection(relay, 1);
  const std::string_view text = "GET / HTTP/1.1\r\n\r\n";
  const octets request(text.begin(), text.end());
  EXPECT_EQ(in_pieces(connection.up, request, 1), request);
  EXPECT_EQ(in_pieces(connection.down, request, 1), request);
  EXPECT_TRUE(relay.faults.empty());
}

TEST(packet_faults, garbage_behind_packets_passes) {
  const octets garbage = {0x00, 0x30, 0x01};
  EXPECT_EQ(down_with({"drop publish all"}, a + garbage + b).out, garbage + b);
}

TEST(packet_faults, a_packet_of_more_than_a_mebibyte_passes_unexamined_and_at_once) {
  bench relay;
  bench::one connection(relay, 1);
  connection.take(direction::up, connect_packet("a"));
  relay.tell("drop publish all");
  const std::string payload(packet_faults::max_examined_bytes, 'x');
  const auto packet = publish_packet(payload);
  const octets start(packet.begin(), packet.begin() + 100);
  EXPECT_EQ(connection.take(direction::down, start), start);
  const octets rest(packet.begin() + 100, packet.end());
  EXPECT_EQ(connection.take(direction::down, rest + a + ping), rest + ping);
  EXPECT_EQ(relay.faults.size(), 1U);
}

TEST(packet_faults, packets_are_counted) {
  bench relay;
  bench::one connection(relay, 1);
  connection.take(direction::up, connect_packet("a") + a + ping_packet());
  in_pieces(connection.down, connack_packet() + a + b, 1);
  EXPECT_EQ(relay.log.done.of(direction::up).packets, 3U);
  EXPECT_EQ(relay.log.done.of(direction::up).publishes, 1U);
  EXPECT_EQ(relay.log.done.of(direction::down).packets, 3U);
  EXPECT_EQ(relay.log.done.of(direction::down).publishes, 2U);
}

}  // namespace
}  // namespace headgate::loadtest::relay
