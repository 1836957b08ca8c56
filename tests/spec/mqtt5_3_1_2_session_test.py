"""Clauses 3.1.2.4 and 3.1.2.11.2: Clean Start (Clean Session in 3.1.1), and which sessions are stored."""

from conversation import V5, conversation, harness, wire

FOR_EVER = 0xFFFF_FFFF


class session(conversation):
    def come(self, version, clean=False, expiry_s=3600, name="s"):
        """A client whose session lasts in MQTT 5, unless told otherwise, and in 3.1.1 without Clean Session; and Session Present."""
        client = self.client(version)
        client.send(wire.connect(self.name(f"{version}/{name}"), version, clean, pairs=[("session_expiry_interval", expiry_s)]))
        flags, reason = client.packet(wire.CONNACK).body[:2]
        self.assertEqual(0, reason)
        return client, flags

    def publish(self, version, topic, *payloads):
        """At QoS 1 and 2 in turn, each taken by the server when this returns."""
        publisher = self.connected(version)
        for n, payload in enumerate(payloads, 1):
            publisher.send(wire.publish(topic, payload, version, qos=2 - n % 2, packet_id=n))
            publisher.packet(wire.PUBACK, wire.PUBREC)

    def leave(self, client):
        """Waits until the server has closed, so that what is published from now on finds it gone."""
        client.send(wire.goodbye())
        client.expect_closed()

    def test_a_session_goes_on(self):
        """[3.1.1 MQTT-3.1.2-4] [5.0 MQTT-3.1.2-5] Its subscriptions hold, and what was not acknowledged is sent again."""
        for version in self.versions():
            topic = self.name(f"{version}/t")
            client, _ = self.come(version)
            client.subscribe(topic, qos=2)
            self.publish(version, topic, "one")
            sent = client.message()
            client.socket.close()
            client, present = self.come(version)
            self.assertEqual(1, present)
            again = client.message()
            self.assertEqual((sent.payload, sent.packet_id, True), (again.payload, again.packet_id, again.dup))
            self.publish(version, topic, "two")
            self.assertEqual(b"two", client.message().payload)

    def test_unless_there_is_none(self):
        """[3.1.1 MQTT-3.1.2-4] [5.0 MQTT-3.1.2-6] Then a new one begins, and lasts as well as any other."""
        for version in self.versions():
            topic = self.name(f"{version}/t")
            client, present = self.come(version)
            self.assertEqual(0, present)
            client.subscribe(topic, qos=1)
            self.leave(client)
            self.publish(version, topic, "one")
            client, present = self.come(version)
            self.assertEqual(1, present)
            self.assertEqual(b"one", client.message().payload)

    def test_what_comes_for_a_session_without_a_client_is_stored(self):
        """[3.1.1 MQTT-3.1.2-5] [5.0 MQTT-3.1.2-5] [5.0 MQTT-3.1.2-23] Messages of QoS 1 and 2, in their order, at the QoS of each."""
        for version in self.versions():
            topic, payloads = self.name(f"{version}/t"), [str(n).encode() for n in range(20)]
            client, _ = self.come(version)
            client.subscribe(topic, qos=2)
            self.leave(client)
            self.publish(version, topic, *payloads)
            client, _ = self.come(version)
            found = [client.message() for _ in payloads]
            self.assertEqual(payloads, [each.payload for each in found])
            self.assertEqual([1, 2] * 10, [each.qos for each in found])

    def test_a_clean_start_discards_the_session(self):
        """[3.1.1 MQTT-3.1.2-6] [5.0 MQTT-3.1.2-4] No subscription is left, and nothing of what was stored or in flight comes."""
        for version in self.versions():
            topic = self.name(f"{version}/t")
            client, _ = self.come(version)
            client.subscribe(topic, qos=2)
            self.publish(version, topic, "in flight")
            client.message()
            client.socket.close()
            self.publish(version, topic, "stored")
            client, present = self.come(version, clean=True)
            self.assertEqual(0, present)
            self.publish(version, topic, "new")
            client.send(wire.publish(topic, "mine", version, qos=1, packet_id=1))
            client.packet(wire.PUBACK)  # and no PUBLISH before it
            client.subscribe(topic, qos=1)
            self.publish(version, topic, "subscribed again")
            found = client.message()
            self.assertEqual((b"subscribed again", False), (found.payload, found.dup))

    def test_a_clean_start_discards_what_was_half_received(self):
        """[3.1.1 MQTT-3.1.2-6] [5.0 MQTT-3.1.2-4] An id of QoS 2 that was not released stands for a new message."""
        for version in self.versions():
            topic, subscriber = self.name(f"{version}/t"), self.connected(version)
            subscriber.subscribe(topic)
            for clean, payload in ((False, "one"), (True, "two")):
                client, _ = self.come(version, clean)
                client.send(wire.publish(topic, payload, version, qos=2, packet_id=5))
                client.expect(wire.pubrec(5))
            client, _ = self.come(version)
            client.send(wire.publish(topic, "three", version, qos=1, packet_id=1))
            client.packet(wire.PUBACK)
            self.assertEqual([b"one", b"two", b"three"], [subscriber.message().payload for _ in range(3)])

    def test_a_session_that_was_not_to_last_is_not_used_again(self):
        """[3.1.1 MQTT-3.1.2-6] [5.0 MQTT-3.1.2-23] It ends with its connection, whether that was closed or lost."""
        for version in self.versions():
            topic = self.name(f"{version}/t")
            for leave in (self.leave, lambda client: client.socket.close()):
                client, _ = self.come(version, clean=True, expiry_s=0)
                client.subscribe(topic, qos=1)
                leave(client)
                client, present = self.come(version)
                self.assertEqual(0, present)
                self.publish(version, topic, "nobody's")
                client.ping()
                client.send(wire.publish(topic, "mine", version, qos=1, packet_id=1))
                client.packet(wire.PUBACK)

    def test_a_session_is_stored_if_its_expiry_interval_is_not_0(self):
        """[5.0 MQTT-3.1.2-23] Clean Start or not; and not if it is 0 or absent."""
        for clean in (False, True):
            for number, (expiry_s, stored) in enumerate(((1000, 1), (FOR_EVER, 1), (0, 0))):
                name = f"{clean}/{number}"
                client, _ = self.come(V5, clean, expiry_s, name)
                self.leave(client)
                self.assertEqual(stored, self.come(V5, expiry_s=0, name=name)[1])
        self.leave(self.connected(V5, self.name(f"{V5}/absent"), clean=False))
        self.assertEqual(0, self.come(V5, name="absent")[1])

    def test_retained_messages_outlive_the_session(self):
        """[3.1.1 MQTT-3.1.2-7] Whoever published them, and whether the session ends now or is discarded later."""
        for version in self.versions():
            for clean in (False, True):
                topic = self.name(f"{version}/{clean}/t")
                client, _ = self.come(version, clean, expiry_s=0 if clean else 3600)
                client.send(wire.publish(topic, "kept", version, qos=1, packet_id=1, flags=1))
                client.packet(wire.PUBACK)
                self.leave(client)
                self.leave(self.come(version, clean=True, expiry_s=0)[0])
                reader = self.connected(version)
                reader.subscribe(topic)
                found = reader.message()
                self.assertEqual((b"kept", True), (found.payload, found.retain))


if __name__ == "__main__":
    harness.main()
