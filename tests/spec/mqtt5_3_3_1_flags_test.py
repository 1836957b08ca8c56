"""Clause 3.3.1: DUP and QoS in the fixed header of PUBLISH."""

from conversation import V5, V311, harness, wire
from messages import DUP, messages


class flags(messages):
    def test_what_is_delivered_again_has_dup(self):
        """[3.1.1 MQTT-3.3.1-1] [5.0 MQTT-3.3.1-1] A message that a client did not acknowledge comes again with DUP, and the first time without."""
        for version in self.versions():
            for qos in (1, 2):
                topic = self.name(f"{version} {qos}")
                client = self.keeping(version, f"{version} {qos}")
                self.subscribe(client, (topic, 2))
                self.publish(self.connected(), topic, "x", qos=qos)
                first = self.message(client)
                self.assertEqual((qos, False, b"x"), (first.qos, first.dup, first.payload))
                self.lose(client)
                again = self.keeping(version, f"{version} {qos}").message()
                self.assertEqual((qos, True, b"x", first.packet_id), (again.qos, again.dup, again.payload, again.packet_id))

    def test_dup_with_qos_0_is_refused(self):
        """[3.1.1 MQTT-3.3.1-2] [5.0 MQTT-3.3.1-2] No message of QoS 0 has DUP: neither one that comes, which is refused and not delivered, nor one that goes."""
        for version in self.versions():
            topic = self.name(str(version))
            client = self.subscriber(version, (topic, 0))
            self.assert_refused(self.connected(version), 0x82, wire.publish(topic, "bad", version, flags=DUP))
            publisher = self.connected(version)
            # One that becomes QoS 0 on its way was marked as a repetition by its publisher.
            publisher.send(wire.publish(topic, "one", version, 1, 7, flags=DUP))
            publisher.expect(wire.puback(7))
            publisher.send(wire.publish(topic, "zero", version))
            for payload in ("one", "zero"):
                client.expect(wire.publish(topic, payload, version))

    def test_dup_is_not_propagated(self):
        """[3.1.1 MQTT-3.3.1-3] [5.0 MQTT-3.3.1-3] DUP of what comes says nothing of what goes: each subscriber gets a first transmission."""
        for version in self.versions():
            for sent in (1, 2):
                topic = self.name(f"{version} {sent}")
                clients = [self.subscriber(version, (topic, granted)) for granted in (0, 1, 2)]
                publisher = self.connected(version)
                publisher.send(wire.publish(topic, "x", version, sent, 7, flags=DUP))
                publisher.expect(wire.puback(7) if sent == 1 else wire.pubrec(7))
                for granted, client in enumerate(clients):
                    self.assert_message(client, topic, "x", min(sent, granted))

    def test_qos_3_is_malformed(self):
        """[3.1.1 MQTT-3.3.1-4] [5.0 MQTT-3.3.1-4] Both QoS bits set end the connection, and nothing is delivered."""
        for version in self.versions():
            topic = self.name(str(version))
            client, publisher = self.subscriber(version, (topic, 2)), self.connected(V311)
            for bits in (0, DUP, 1):
                self.assert_refused(self.connected(version), 0x81, wire.publish(topic, "bad", version, 3, 7, flags=bits))
            self.assert_nothing_came(publisher, client, topic)

    def test_packet_id_0_is_refused(self):
        """A PUBLISH above QoS 0 has a Packet Identifier, which is not 0."""
        for version in self.versions():
            topic = self.name(str(version))
            client, publisher = self.subscriber(version, (topic, 2)), self.connected(V5)
            for qos in (1, 2):
                self.assert_refused(self.connected(version), 0x82, wire.publish(topic, "bad", version, qos, 0))
            self.assert_nothing_came(publisher, client, topic)

    def test_a_publish_without_room_for_its_fields_is_malformed(self):
        """Its topic, its Packet Identifier and its properties stand within its Remaining Length."""
        for content in ("30 00", "30 01 00", "30 03 0002 61", "32 04 0001 61 00", "32 03 0001 61"):
            for version in self.versions():
                self.assert_refused(self.connected(version), 0x81, content)
        for content in ("30 03 0001 61", "30 04 0001 61 05", "30 05 0001 61 02 01", "32 05 0001 61 0001"):
            self.assert_refused(self.connected(V5), 0x81, content)


if __name__ == "__main__":
    harness.main()
