"""Clause 4.1: the session's state, across connections. How long it is kept is in mqtt5_4_1_session_expiry_test.cpp."""

from conversation import V5, harness, wire
from messages import AS_PUBLISHED, NO_LOCAL, NO_RETAINED
from subscribing import subscribing


class state(subscribing):
    def come(self, version, name, clean=False, expected=None):
        """A client whose session is to be kept; `expected`: whether it is there already."""
        client = self.client(version)
        client.send(wire.connect(name, version, clean, pairs=[("session_expiry_interval", 600)]))
        present = client.packet(wire.CONNACK).body[0]
        if expected is not None:
            self.assertEqual(int(expected), present)
        return client

    def leave(self, client, politely=True):
        if politely:
            client.send(wire.goodbye())
            client.expect_closed()
        client.socket.close()

    def test_its_subscriptions(self):
        """[3.1.1 MQTT-4.1.0-1] [5.0 MQTT-4.1.0-1] Filters with their QoS, and in MQTT 5 with options and identifiers, hold in the next connection."""
        publisher, place = self.connected(V5), self.name("")
        for version in self.versions():
            for politely in (True, False):
                name = self.name(f"{version}{politely}")
                client = self.come(version, name, expected=False)
                self.granted(client, (place + "0", 0), (place + "1", 1), (place + "2/+", 2))
                if version == V5:
                    self.granted(client, (place + "rap", 1 | AS_PUBLISHED | NO_RETAINED), pairs=[("subscription_identifier", 300)])
                    self.granted(client, (place + "mine/#", 1 | NO_LOCAL | NO_RETAINED), pairs=[("subscription_identifier", 7)])
                self.leave(client, politely)
                client = self.come(version, name, expected=True)
                # What is not stored can only come once all shards know where the client is: they answer one after the other.
                self.granted(client, place + "other/#")
                for topic, qos in (("0", 0), ("1", 1), ("2/x", 2)):
                    self.publish(publisher, place + topic, "x", 2)
                    found = self.next_message(client)
                    self.assertEqual((place + topic, qos, []), (found.topic, found.qos, found.properties))
                if version == V5:
                    self.publish(publisher, place + "rap", "x", retain=True)
                    found = self.next_message(client)
                    self.assertEqual((True, [("subscription_identifier", 300)]), (found.retain, found.properties))
                    self.publish(client, place + "mine/x", "own")
                    self.publish(publisher, place + "mine/x", "other")
                    found = self.next_message(client)
                    self.assertEqual((b"other", [("subscription_identifier", 7)]), (found.payload, found.properties))
                self.leave(client)

    def test_what_was_sent_and_not_acknowledged(self):
        """[3.1.1 MQTT-4.1.0-1] [5.0 MQTT-4.1.0-1] QoS 1 and 2, whichever step they are at, go on under their packet ids."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            name = self.name(f"c{version}")
            client = self.come(version, name)
            self.granted(client, (topic, 2))
            for payload, qos in (("one", 1), ("two", 2), ("released", 2), ("done", 1)):
                self.publish(publisher, topic, payload, qos)
            one, two, released, done = (client.message() for _ in range(4))
            client.send(wire.pubrec(released.packet_id) + wire.puback(done.packet_id))
            client.expect(wire.pubrel(released.packet_id))
            for _ in range(2):
                self.leave(client, politely=False)
                client = self.come(version, name, expected=True)
                found = [client.packet() for _ in range(3)]
                messages = [wire.as_message(each, version) for each in found if each.type == wire.PUBLISH]
                self.assertEqual([one._replace(dup=True), two._replace(dup=True)], messages)
                released_again = wire.packet(wire.PUBREL, 2, released.packet_id.to_bytes(2, "big"))
                self.assertEqual([released_again], [each for each in found if each.type != wire.PUBLISH])
                client.ping()
            client.send(wire.puback(one.packet_id) + wire.pubrec(two.packet_id) + wire.pubcomp(released.packet_id))
            client.expect(wire.pubrel(two.packet_id))
            client.send(wire.pubcomp(two.packet_id))
            client.ping()
            self.leave(client)
            client = self.come(version, name, expected=True)
            self.publish(publisher, topic, "next", 1)
            self.assertEqual(b"next", self.next_message(client).payload)

    def test_what_came_meanwhile(self):
        """[3.1.1 MQTT-4.1.0-1] [5.0 MQTT-4.1.0-1] Messages of QoS 1 and 2 wait for the client, in order."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            client = self.come(version, self.name(f"c{version}"))
            self.granted(client, (topic, 2))
            self.leave(client)
            wanted = [(str(n).encode(), 1 + n % 2) for n in range(40)]
            for payload, qos in wanted:
                self.publish(publisher, topic, payload, qos)
            client = self.come(version, self.name(f"c{version}"), expected=True)
            self.assertEqual(wanted, [client.message()[1:3] for _ in wanted])
            self.leave(client)

    def test_what_it_sent_at_qos_2(self):
        """[3.1.1 MQTT-4.1.0-1] [5.0 MQTT-4.1.0-1] A packet id that was received and not released is remembered: the same again is no new message."""
        heir, topic = self.connected(), self.name("t")
        self.granted(heir, (topic, 1))
        for version in self.versions():
            name = self.name(f"c{version}")
            client = self.come(version, name)
            client.send(wire.publish(topic, "once", version, 2, 77))
            client.packet(wire.PUBREC)
            for _ in range(3):
                self.leave(client, politely=False)
                client = self.come(version, name, expected=True)
                client.send(wire.publish(topic, "once", version, 2, 77, flags=8))
                self.assertEqual(b"\0M", client.packet(wire.PUBREC).body[:2])
            client.send(wire.pubrel(77))
            self.assertEqual(b"\0M", client.packet(wire.PUBCOMP).body)
            client.send(wire.publish(topic, "anew", version, 2, 77))
            client.packet(wire.PUBREC)
            self.leave(client)
            self.assertEqual([b"once", b"anew"], [self.next_message(heir).payload for _ in range(2)])

    def test_while_it_is_connected(self):
        """[3.1.1 MQTT-4.1.0-2] [5.0 MQTT-4.1.0-1] A session that ends with its connection lasts as long as that: subscriptions and exchanges."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            client = self.connected(version)
            self.granted(client, (topic, 2))
            client.send(wire.publish(topic + "/own", "own", version, 2, 5))
            client.packet(wire.PUBREC)
            self.publish(publisher, topic, "x", 2)
            first = client.message()
            for n in range(50):
                self.publish(publisher, topic, str(n), 1)
                self.assertEqual(str(n).encode(), self.next_message(client).payload)
                client.ping()
            client.send(wire.publish(topic + "/own", "own", version, 2, 5, flags=8))
            self.assertEqual(b"\0\5", client.packet(wire.PUBREC).body[:2])
            client.send(wire.pubrel(5) + wire.pubrec(first.packet_id))
            client.expect(wire.pubcomp(5) + wire.pubrel(first.packet_id))

    def test_one_that_is_not_kept(self):
        """[3.1.1 MQTT-4.1.0-2] [5.0 MQTT-4.1.0-2] Expiry 0, or Clean Session, ends it with the connection: nothing of it is there again."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            name = self.name(f"c{version}")
            for politely in (True, False):
                client = self.connected(version, name)
                self.granted(client, (topic, 1))
                self.publish(publisher, topic, "unacknowledged")
                client.message()
                self.leave(client, politely)
                self.server.wait_for(lambda stats: stats["clients"] == 1, "the publisher alone is left")
                self.publish(publisher, topic, "meanwhile")
                client = self.come(version, name, expected=False)
                self.publish(publisher, topic, "live")
                self.assert_none_came(client, topic, publisher)
                self.leave(client)
                client = self.come(version, name, clean=True, expected=False)
                self.assert_none_came(client, topic, publisher)
                self.leave(client)
                client = self.come(version, name, expected=version == V5)  # that of 3.1.1 ended with Clean Session
                self.leave(client)
                self.connected(version, name).socket.close()
                self.server.wait_for(lambda stats: stats["clients"] == 1, "the publisher alone is left")


if __name__ == "__main__":
    harness.main()
