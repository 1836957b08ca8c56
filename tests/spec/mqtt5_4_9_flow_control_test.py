"""Clauses 4.9 and 3.3.4: Receive Maximum, both ways."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages, rights


class towards_the_client(messages):
    def limited(self, maximum, topic, published, qos=2):
        """A subscriber with this Receive Maximum, and so many messages published for it."""
        client = self.connected(V5, pairs=[("receive_maximum", maximum)])
        self.subscribe(client, (topic, 2))
        publisher = self.connected()
        self.publish_all(publisher, topic, map(str, range(published)), qos)
        return client, publisher

    def test_no_more_than_the_receive_maximum_is_in_flight(self):
        """[5.0 MQTT-3.3.4-9] [5.0 MQTT-4.9.0-1] [5.0 MQTT-4.9.0-2] As many come at once, at least one; each acknowledgement brings one more, and PUBREC that goes on none."""
        for maximum in (1, 2, 7):
            for qos in (1, 2):
                client, _ = self.limited(maximum, self.name(f"{maximum} {qos}"), 30, qos)
                found = [self.message(client) for _ in range(maximum)]
                client.ping()
                for number in range(maximum, 30):
                    first = found.pop(0)
                    if qos == 1:
                        client.send(wire.puback(first.packet_id))
                    else:
                        client.send(wire.pubrec(first.packet_id))
                        client.expect(wire.pubrel(first.packet_id))
                        client.ping()
                        client.send(wire.pubcomp(first.packet_id))
                    found.append(self.message(client))
                    client.ping()
                    self.assertEqual(str(number).encode(), found[-1].payload)

    def test_a_pubrec_that_refuses_makes_room(self):
        """[5.0 MQTT-3.3.4-9] So does a PUBACK that refuses, and one that does not."""
        client, publisher = self.limited(1, self.name(), 3, 2)
        for reason in (0x80, 0x97, 0x99):
            client.send(acknowledgement(0x50, self.message(client).packet_id, reason))
        self.publish_all(publisher, self.name(), ("1", "2", "3"))
        for reason in (0x80, 0x97, 0x00):
            client.send(acknowledgement(0x40, self.message(client).packet_id, reason))
        client.ping()

    def test_it_holds_for_what_comes_again_and_for_what_is_retained(self):
        """[5.0 MQTT-3.3.4-9] [5.0 MQTT-4.9.0-2] After a reconnection, also with a smaller one, and with a filter that matches many retained messages."""
        top, publisher, pairs = self.name(), self.connected(), [("receive_maximum", 3)]
        for number in range(20):
            self.publish(publisher, f"{top}/{number}", str(number), flags=1)
        client = self.keeping(V5, "s", pairs)
        self.subscribe(client, (f"{top}/#", 1))
        for _ in range(3):
            self.message(client)
        client.ping()
        self.lose(client)
        client = self.keeping(V5, "s", pairs)
        self.assertEqual([True] * 3, [self.message(client).dup for _ in range(3)])
        client.ping()
        self.subscribe(client, (f"{top}/+", 1))
        client.ping()
        self.lose(client)
        client = self.keeping(V5, "s", [("receive_maximum", 2)])  # fewer than it has in flight
        first, _ = self.message(client), self.message(client)
        client.ping()
        client.send(wire.puback(first.packet_id))
        self.assertTrue(self.message(client).dup)
        client.ping()

    def test_without_a_receive_maximum_many_are_in_flight(self):
        """Its default is 65,535, and the server's own bound 1,024."""
        for version in self.versions():
            topic = self.name(str(version))
            client = self.subscriber(version, (topic, 1))
            self.publish_all(self.connected(), topic, map(str, range(200)))
            for number in range(200):
                self.assertEqual(str(number).encode(), self.message(client).payload)

    def test_everything_else_goes_on_without_quota(self):
        """[5.0 MQTT-3.3.4-10] [5.0 MQTT-4.9.0-3] PINGRESP, SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL and PUBCOMP are sent at once; and QoS 0 comes."""
        topic, zero = self.name(), self.name("zero")
        client, publisher = self.limited(2, topic, 5)
        first, second = self.message(client), self.message(client)
        client.ping()
        client.send(wire.publish(self.name("own"), "x", V5, 1, 1) + wire.publish(self.name("own"), "x", V5, 2, 2))
        client.expect(wire.puback(1) + wire.pubrec(2))
        client.send(wire.pubrel(2))
        client.expect(wire.pubcomp(2))
        self.subscribe(client, (zero, 0))
        self.publish(publisher, zero, "x", 1)
        client.expect(wire.publish(zero, "x", V5))
        client.send(wire.unsubscribe(3, [zero], V5))
        client.expect("b0 04 0003 00 00")
        for message in (first, second):
            client.send(wire.pubrec(message.packet_id))
            client.expect(wire.pubrel(message.packet_id))
        client.send(wire.pubrec(0x7777))
        client.expect("62 03 7777 92")
        client.ping()
        client.send(wire.pubcomp(first.packet_id))
        self.assertEqual(b"2", self.message(client).payload)

    def test_a_full_window_holds_up_nobody_else(self):
        """Others get the same messages meanwhile."""
        topic = self.name()
        other = self.subscriber(V311, (topic, 1))
        self.limited(1, topic, 20)
        self.assertEqual([str(n).encode() for n in range(20)], [self.next_message(other).payload for _ in range(20)])


class towards_the_server(rights):
    def publisher(self):
        """A client, and the Receive Maximum that it was told."""
        client = self.client(V5)
        client.send(wire.connect(self.name(str(id(client))), V5))
        pairs = dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties())
        self.assertEqual(1_024, pairs["receive_maximum"])
        return client, pairs["receive_maximum"]

    def test_receive_maximum_exceeded_0x93_with_tolerance_0_by_default(self):
        """[5.0 MQTT-3.3.4-7] As many as it says are taken; one more, of either QoS, ends the connection and is not delivered."""
        for qos in (1, 2):
            topic = self.name(f"{qos} ")
            watcher = self.subscriber(V5, (topic, 0))
            client, maximum = self.publisher()
            client.send(b"".join(wire.publish(topic, "x", V5, 2, number) for number in range(1, maximum + 1)))
            client.expect(b"".join(map(wire.pubrec, range(1, maximum + 1))))
            client.send(wire.publish(topic, "0", V5))  # does not count
            client.ping()
            self.assert_refused(client, 0x93, wire.publish(topic, "one too many", V5, qos, maximum + 1))
            for _ in range(maximum):
                watcher.expect(wire.publish(topic, "x", V5))
            watcher.expect(wire.publish(topic, "0", V5))
            self.assert_nothing_came(self.connected(), watcher, topic)

    def test_pubcomp_makes_room_and_pubrec_does_not(self):
        """[5.0 MQTT-3.3.4-7] A message counts up to its PUBCOMP, or to the PUBREC that refuses it."""
        client, maximum = self.publisher()
        topic = self.name()
        client.send(b"".join(wire.publish(topic, "x", V5, 2, number) for number in range(1, maximum)))
        client.expect(b"".join(map(wire.pubrec, range(1, maximum))))
        for _ in range(3):
            client.send(wire.publish("denied", "x", V5, 2, maximum))
            client.expect(acknowledgement(0x50, maximum, 0x87))
            client.send(wire.publish(topic, "x", V5, 1, maximum))
            client.expect(wire.puback(maximum))
            client.send(wire.publish(topic, "x", V5, 2, maximum))
            client.expect(wire.pubrec(maximum))
            client.send(wire.publish(topic, "x", V5, 2, 1, flags=8))  # again: it counts already
            client.expect(wire.pubrec(1))
            client.send(wire.pubrel(maximum))
            client.expect(wire.pubcomp(maximum))
        client.send(wire.publish(topic, "x", V5, 2, maximum))
        client.expect(wire.pubrec(maximum))
        self.assert_refused(client, 0x93, wire.publish(topic, "x", V5, 2, maximum + 1))

    def test_3_1_1_knows_no_receive_maximum(self):
        """There as many are taken as come."""
        client = self.connected(V311)
        client.send(b"".join(wire.publish(self.name(), "x", V311, 2, number) for number in range(1, 3_001)))
        client.expect(b"".join(map(wire.pubrec, range(1, 3_001))))


class a_small_receive_maximum(messages):
    settings = ("limits.max_inflight_in=3",)

    def test_what_is_told_is_what_holds(self):
        """[5.0 MQTT-3.3.4-7] The CONNACK says how many, and the next one is too many."""
        client = self.client(V5)
        client.send(wire.connect(self.name("p"), V5))
        self.assertEqual(3, dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties())["receive_maximum"])
        client.send(b"".join(wire.publish(self.name(), "x", V5, 2, number) for number in (1, 2, 3)))
        client.expect(b"".join(map(wire.pubrec, (1, 2, 3))))
        client.ping()
        self.assert_refused(client, 0x93, wire.publish(self.name(), "x", V5, 2, 4))


if __name__ == "__main__":
    harness.main()
