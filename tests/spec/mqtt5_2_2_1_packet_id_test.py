"""Clause 2.2.1 (2.3.1 in 3.1.1): the Packet Identifier."""

from conversation import V5, conversation, harness, wire

IDS = (1, 2, 0x00FF, 0x0100, 0x1234, 0x8000, 65_535)


class packet_id(conversation):
    def test_0_is_refused(self):
        """[3.1.1 MQTT-2.3.1-1] [5.0 MQTT-2.2.1-3] In SUBSCRIBE, UNSUBSCRIBE and PUBLISH with QoS 1 or 2."""
        witness = self.connected()
        witness.subscribe(self.name("t"))
        for version in self.versions():
            for content in (
                wire.publish(self.name("t"), "refused", version, qos=1), wire.publish(self.name("t"), "refused", version, qos=2),
                wire.subscribe(0, "t", version), wire.unsubscribe(0, ["t"], version),
            ):
                self.assert_refused(self.connected(version), 0x82, content)
            self.publish(self.connected(version), self.name("t"), "good", 1)
            self.assertEqual(b"good", witness.message().payload)

    def test_with_qos_0_there_is_none(self):
        """[3.1.1 MQTT-2.3.1-5] [5.0 MQTT-2.2.1-2] What comes behind the topic is payload, or the properties of MQTT 5, both ways."""
        for version in self.versions():
            client, topic = self.connected(version), self.name("t")
            client.subscribe(topic, qos=2)
            content = wire.frame(0x30, wire.data(topic) + wire.properties((), version) + b"\0\1payload")
            client.send(content)
            client.expect(content)
            client.send(wire.publish(topic, "lowered", version, qos=0))
            client.expect(wire.frame(0x30, wire.data(topic) + wire.properties((), version) + b"lowered"))

    def publish(self, client, topic, payload, qos, identifier=1):
        client.send(wire.publish(topic, payload, client.version, qos=qos, packet_id=identifier))
        client.packet(wire.PUBACK if qos == 1 else wire.PUBREC)

    def test_answers_have_the_id_of_what_they_answer(self):
        """[3.1.1 MQTT-2.3.1-6] [5.0 MQTT-2.2.1-5] PUBACK, PUBREC and PUBCOMP have the id of the PUBLISH, whatever it is."""
        for version in self.versions():
            client, topic = self.connected(version), self.name("t")
            self.connected(version).subscribe(topic)  # so that no PUBACK of MQTT 5 has to say that there was nobody
            for identifier in IDS:
                client.send(wire.publish(topic, "x", version, qos=1, packet_id=identifier))
                client.expect(wire.puback(identifier))
                client.send(wire.publish(topic, "x", version, qos=2, packet_id=identifier))
                client.expect(wire.pubrec(identifier))
                client.send(wire.pubrel(identifier))
                client.expect(wire.pubcomp(identifier))

    def test_answers_have_their_ids_when_several_are_under_way(self):
        """[3.1.1 MQTT-2.3.1-6] [5.0 MQTT-2.2.1-5] Each id is answered once, though they do not ascend; and again when it comes again."""
        for version in self.versions():
            client, topic = self.connected(version), self.name("t")
            self.connected(version).subscribe(topic)
            ids = (9, 3, 65_535, 1, 7)
            for qos, answer in ((1, wire.PUBACK), (2, wire.PUBREC)):
                client.send(b"".join(wire.publish(topic, "x", version, qos=qos, packet_id=identifier) for identifier in ids))
                self.assertEqual([identifier.to_bytes(2, "big") for identifier in ids], [client.packet(answer).body for _ in ids])
            for identifier in (7, 9, 1, 65_535, 3):
                client.send(wire.publish(topic, "x", version, qos=2, packet_id=identifier, flags=8))
                client.expect(wire.pubrec(identifier))
            for identifier in (3, 7, 65_535, 9, 1):
                client.send(wire.pubrel(identifier))
                client.expect(wire.pubcomp(identifier))

    def test_pubrel_has_the_id_of_the_publish_that_was_sent(self):
        """[3.1.1 MQTT-2.3.1-6] [5.0 MQTT-2.2.1-5] Of two that are under way, each by its own."""
        for version in self.versions():
            client, publisher, topic = self.connected(version), self.connected(version), self.name("t")
            client.subscribe(topic, qos=2)
            for n in range(2):
                self.publish(publisher, topic, str(n), 2, n + 1)
            first, second = client.message().packet_id, client.message().packet_id
            self.assertNotEqual(first, second)
            for identifier in (second, first):
                client.send(wire.pubrec(identifier))
                client.expect(wire.pubrel(identifier))
                client.send(wire.pubcomp(identifier))
            client.ping()

    def test_pubrel_has_its_id_also_when_it_comes_again(self):
        """[3.1.1 MQTT-2.3.1-6] [5.0 MQTT-2.2.1-5] On the next connection of the session, for each that has no PUBCOMP."""
        for version in self.versions():
            publisher, topic, client_id = self.connected(version), self.name("t"), self.name(f"again {version}")
            lasting = {"clean": False, "pairs": [("session_expiry_interval", 600)]}
            client = self.connected(version, client_id, **lasting)
            client.subscribe(topic, qos=2)
            for n in range(4):
                self.publish(publisher, topic, str(n), 2, n + 1)
            ids = [client.message().packet_id for _ in range(4)]
            for identifier in ids:
                client.send(wire.pubrec(identifier))
                client.expect(wire.pubrel(identifier))
            client.send(wire.pubcomp(ids.pop(1)))
            client.ping()
            client.socket.close()
            client = self.connected(version, client_id, **lasting)
            client.expect(b"".join(map(wire.pubrel, ids)))

    def test_suback_and_unsuback_have_the_id_of_what_they_answer(self):
        """[3.1.1 MQTT-2.3.1-7] [5.0 MQTT-2.2.1-6] Whatever it is, and also where several are under way."""
        for version in self.versions():
            client = self.connected(version)
            for identifier in IDS:
                client.send(wire.subscribe(identifier, self.name("t"), version))
                self.assertEqual(identifier.to_bytes(2, "big"), client.packet(wire.SUBACK).body[:2])
                client.send(wire.unsubscribe(identifier, [self.name("t")], version))
                self.assertEqual(identifier.to_bytes(2, "big"), client.packet(wire.UNSUBACK).body[:2])
            wanted = sorted(identifier.to_bytes(2, "big") for identifier in IDS)
            client.send(b"".join(wire.subscribe(identifier, self.name(str(identifier)), version) for identifier in IDS))
            self.assertEqual(wanted, sorted(client.packet(wire.SUBACK).body[:2] for _ in IDS))
            client.send(b"".join(wire.unsubscribe(identifier, [self.name(str(identifier))], version) for identifier in IDS))
            self.assertEqual(wanted, sorted(client.packet(wire.UNSUBACK).body[:2] for _ in IDS))

    def test_an_id_is_free_again_once_its_answer_has_come(self):
        """[3.1.1 MQTT-2.3.1-3] [5.0 MQTT-2.2.1-3] After PUBACK, PUBCOMP, SUBACK and UNSUBACK the id stands for another packet; until then for the same."""
        for version in self.versions():
            client, subscriber, topic = self.connected(version), self.connected(version), self.name("t")
            subscriber.subscribe(topic)
            for payload in ("1", "2"):
                self.publish(client, topic, payload, 1, 7)
            for payload in ("3", "4"):
                self.publish(client, topic, payload, 2, 7)
                client.send(wire.publish(topic, payload, version, qos=2, packet_id=7, flags=8))  # the same once more
                client.expect(wire.pubrec(7))
                client.send(wire.pubrel(7))
                client.expect(wire.pubcomp(7))
            self.publish(client, topic, "5", 1, 7)
            self.assertEqual([b"1", b"2", b"3", b"4", b"5"], [subscriber.message().payload for _ in range(5)])
            for _ in range(2):
                client.subscribe(topic, packet_id=7)
                client.send(wire.unsubscribe(7, [topic], version))
                client.packet(wire.UNSUBACK)

    def test_what_is_sent_has_an_id_that_is_not_in_use(self):
        """[3.1.1 MQTT-2.3.1-1] [3.1.1 MQTT-2.3.1-4] [5.0 MQTT-2.2.1-4] No id is 0, and none is given twice before its answer has come."""
        for version in self.versions():
            client, publisher, topic = self.connected(version), self.connected(version), self.name("t")
            client.subscribe(topic, qos=2)
            in_use = set()
            for n in range(200):
                self.publish(publisher, topic, str(n), 1 + n % 2, n + 1)
                found = client.message()
                self.assertNotEqual(0, found.packet_id)
                self.assertNotIn(found.packet_id, in_use)
                if found.qos == 2:
                    in_use.add(found.packet_id)
                elif n % 3:
                    client.send(wire.puback(found.packet_id))
                else:
                    in_use.add(found.packet_id)

    def test_what_is_sent_again_has_its_id_still(self):
        """[3.1.1 MQTT-2.3.1-4] [5.0 MQTT-2.2.1-4] Also on another connection; and what is new has another one."""
        for version in self.versions():
            pairs = [("session_expiry_interval", 60)] if version == V5 else ()
            name, topic, publisher = self.name(f"{version}"), self.name(f"{version}/t"), self.connected(version)
            with self.connected(version, name, clean=False, pairs=pairs) as client:
                client.subscribe(topic, qos=2)
                for n in range(4):
                    self.publish(publisher, topic, str(n), 1 + n % 2, n + 1)
                sent = [client.message() for _ in range(4)]
                client.send(wire.puback(sent[2].packet_id))
                client.ping()
            client = self.connected(version, name, clean=False, pairs=pairs)
            again = {found.payload: found for found in (client.message() for _ in range(3))}
            for before in (sent[0], sent[1], sent[3]):
                self.assertEqual((before.packet_id, before.qos, True), (again[before.payload].packet_id, again[before.payload].qos, again[before.payload].dup))
            self.publish(publisher, topic, "new", 1, 9)
            self.assertNotIn(client.message().packet_id, {before.packet_id for before in (sent[0], sent[1], sent[3])})


if __name__ == "__main__":
    harness.main()
