"""Clause 3.1.4: what a server does with a CONNECT."""

from conversation import V5, V311, conversation, harness, wire

import door  # of tests/system, to which conversation has opened the way

LASTING = [("session_expiry_interval", 60)]


class actions(conversation):
    def test_a_connect_of_another_form_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.4-1] [5.0 MQTT-3.1.4-1] In 3.1.1 no CONNACK is sent; in MQTT 5 one says that it is malformed."""
        witness = self.connected()
        for version in self.versions():
            good = wire.connect(self.name(), version)
            body = good[2:]
            wrong = [
                wire.frame(0x10, body[:size]) for size in range(len(body)) if size > 6  # cut short, behind name and version
            ] + [
                wire.frame(0x10, body + b"\0"), wire.frame(0x10, body + b"\0\1x"),  # more than there is
                wire.connect(self.name(), version, flags=1), wire.connect(self.name(), version, flags=8),
                wire.connect(self.name(), version, flags=0x18), wire.connect(self.name(), version, flags=0x84, rest=b"\0"),
            ]
            for content in wrong:
                with self.subTest(content=content.hex()):
                    client = self.client(version)
                    client.send(content)
                    if version == V5:
                        self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                    client.expect_closed()
            for size in range(7):  # so short that nobody knows the version
                client = self.client(version)
                client.send(wire.frame(0x10, body[:size]))
                client.expect_closed()
            client = self.client(version)
            client.send(good)
            self.assertEqual(b"\0\0", client.packet(wire.CONNACK).body[:2])
        witness.ping()

    def test_a_connect_that_is_in_order_is_acknowledged(self):
        """[3.1.1 MQTT-3.1.4-4] [5.0 MQTT-3.1.4-5] With a CONNACK whose code is 0."""
        for version in self.versions():
            for clean in (False, True):
                client = self.client(version)
                client.send(wire.connect(self.name(), version, clean))
                found = client.packet(wire.CONNACK)
                self.assertEqual(0, found.body[1])
                client.ping()

    def test_clean_start_is_processed(self):
        """[3.1.1 MQTT-3.1.4-3] [5.0 MQTT-3.1.4-4] Once CONNECT is accepted: without it the session goes on, with it a new one begins."""
        for version in self.versions():
            name, topic = self.name(f"{version}"), self.name(f"{version}/t")
            self.connected(version, name, clean=False, pairs=LASTING).subscribe(topic)
            for clean, present, subscribed in ((False, 1, True), (True, 0, False), (False, 0 if version == V311 else 1, False)):
                client = self.client(version)
                client.send(wire.connect(name, version, clean, pairs=LASTING))
                self.assertEqual(bytes([present, 0]), client.packet(wire.CONNACK).body[:2])
                for n in (1, 2):  # with the second, what came of the first is there
                    client.send(wire.publish(topic, "x", version, qos=1, packet_id=n))
                found = [client.packet().type for _ in range(4 if subscribed else 2)]
                self.assertEqual([wire.PUBLISH] * 2 * subscribed + [wire.PUBACK] * 2, sorted(found))
                client.ping()

    def test_a_connect_that_is_refused_does_not_touch_the_session(self):
        """[3.1.1 MQTT-3.1.4-3] [5.0 MQTT-3.1.4-4] Clean Start counts only where CONNECT is accepted; nor is the client that has it disturbed."""
        for version in self.versions():
            name, topic = self.name(f"{version}"), self.name(f"{version}/t")
            holder = self.connected(version, name, clean=False, pairs=LASTING)
            holder.subscribe(topic)
            refused = self.client(version)
            refused.send(wire.connect(name, version, clean=True, flags=1))
            if version == V5:
                refused.packet(wire.CONNACK)
            refused.expect_closed()
            holder.send(wire.publish(topic, "x", version))
            self.assertEqual(b"x", holder.message().payload)

    def test_another_connection_takes_over(self):
        """[3.1.1 MQTT-3.1.4-2] [5.0 MQTT-3.1.4-3] The older is closed, in MQTT 5 with 0x8E, whichever versions the two speak."""
        for older_version in wire.VERSIONS:
            for newer_version in wire.VERSIONS:
                for clean in (False, True):
                    with self.subTest(older=older_version, newer=newer_version, clean=clean):
                        name = self.name(f"{older_version}{newer_version}{clean}")
                        other = self.connected()
                        older = self.connected(older_version, name)
                        newer = self.connected(newer_version, name, clean=clean)
                        older.expect_disconnect(0x8E)
                        newer.ping()
                        other.ping()

    def test_a_session_expiry_of_0_ends_at_takeover(self):
        """[5.0 MQTT-3.1.4-3] Session Present is 0, though the new connection asks for no Clean Start; and the will goes out at once."""
        topic, watcher = self.name("t"), self.connected(V5)
        watcher.subscribe(topic)
        will = {"flags": 4, "rest": wire.properties([("will_delay_interval", 3600)]) + wire.data(topic) + wire.data("will")}
        older = self.connected(V5, self.name("client"), **will)
        older.subscribe(self.name("mine"))
        newer = self.client(V5)
        newer.send(wire.connect(self.name("client"), V5, clean=False, pairs=LASTING))
        self.assertEqual(b"\0\0", newer.packet(wire.CONNACK).body[:2])
        older.expect_disconnect(0x8E)
        self.assertEqual(b"will", watcher.message().payload)
        newer.send(wire.publish(self.name("mine"), "x", V5, qos=1, packet_id=1))
        newer.packet(wire.PUBACK)

    def test_what_follows_a_connect_that_is_refused_is_not_processed(self):
        """[3.1.1 MQTT-3.1.4-5] [5.0 MQTT-3.1.4-6] Sent in one write with it, or after its CONNACK."""
        for version in self.versions():
            topic, watcher = self.name(f"{version}/t"), self.connected(version)
            watcher.subscribe(topic)
            behind = wire.publish(topic, "behind", version, flags=1) + wire.publish(topic, "behind", version, qos=1, packet_id=1) + wire.PING
            again = wire.connect(self.name(), version)
            for refused in self.refused(version):
                client = self.client(version)
                client.send(refused + behind + again + behind)
                self.assertNotEqual(0, client.packet(wire.CONNACK).body[1])
                client.expect_closed()
                client = self.client(version)
                client.send(refused)
                self.assertNotEqual(0, client.packet(wire.CONNACK).body[1])
                client.send(again + behind)
                client.expect_closed()
            watcher.send(wire.publish(topic, "mark", version))
            self.assertEqual(b"mark", watcher.message().payload)

    def refused(self, version):
        """CONNECTs that get a CONNACK with a code."""
        if version == V311:
            return [wire.connect("", clean=False), wire.connect(self.name(), level=3)]
        return [wire.connect(self.name(), V5, flags=1), wire.connect(self.name(), V5, pairs=[("authentication_method", "x")]), wire.connect(self.name(), V5, level=6)]

    def test_what_follows_a_connect_that_is_accepted_is_processed(self):
        """3.1.4: a client need not wait for its CONNACK, which comes before every other answer all the same."""
        for version in self.versions():
            client = self.client(version)
            client.send(wire.connect(self.name(), version) + wire.subscribe(1, self.name("t"), version) + wire.PING)
            self.assertEqual(0, client.packet(wire.CONNACK).body[1])
            self.assertEqual({wire.SUBACK, wire.PINGRESP}, {client.packet().type, client.packet().type})


class restrictions(conversation):
    @classmethod
    def setUpClass(cls):
        class cleaner:  # what door.files() takes for a test
            addCleanup = cls.addClassCleanup

        files = door.files(cleaner, {"user": "word"}, rules="user user\ntopic readwrite open/#\n")
        cls.server = harness.server(*files.settings())

    def come(self, version, name=None, **options):
        client = self.client(version)
        client.send(wire.connect(name or self.name(), version, **options))
        return client, client.packet(wire.CONNACK).body[1]

    def test_who_is_not_let_in_is_closed(self):
        """[5.0 MQTT-3.1.4-2] [3.1.1 MQTT-3.1.4-5] [5.0 MQTT-3.1.4-6] Without a user, with another password, with a will that the user may not publish; and what follows is not taken."""
        for version in self.versions():
            good = door.credentials("user", "word", version=version)
            holder, code = self.come(version, self.name("holder"), **good)
            self.assertEqual(0, code)
            holder.subscribe("open/t")
            behind = wire.publish("open/t", "behind", version)
            will = door.credentials("user", "word", ("shut/t", "x"), version)
            for options, code in (({}, door.NOT_AUTHORIZED), (door.credentials("user", "worse", version=version), door.BAD_PASSWORD), (will, door.NOT_AUTHORIZED)):
                client = self.client(version)
                client.send(wire.connect(self.name("holder"), version, **options) + behind)
                self.assertEqual(bytes([0, code[version]]), client.packet(wire.CONNACK).body[:2])
                client.expect_closed()
            holder.send(wire.publish("open/t", "mark", version))
            self.assertEqual(b"mark", holder.message().payload)
            holder.send(wire.goodbye())
            holder.expect_closed()


if __name__ == "__main__":
    harness.main()
