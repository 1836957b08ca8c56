"""Clauses 3.1.2.5 to 3.1.2.7: the will. What takes time is in mqtt5_3_1_2_will_delay_test.cpp."""

from conversation import V5, conversation, harness, wire


def will(version, topic, payload="will", qos=0, retain=False, pairs=()):
    return {"flags": 4 | qos << 3 | retain << 5, "rest": wire.properties(pairs, version) + wire.data(topic) + wire.data(payload)}


class wills(conversation):
    def setUp(self):
        super().setUp()
        self.witness = self.connected()

    def with_will(self, version, topic, clean=True, expiry_s=0, **options):
        pairs = [("session_expiry_interval", expiry_s)] if expiry_s else ()
        return self.connected(version, self.name(f"{version}/testator"), clean=clean, pairs=pairs, **will(version, topic, **options))

    def watch(self, version, text="t"):
        """A topic, and one who hears what comes there."""
        topic = self.name(f"{version}/{text}")
        watcher = self.connected(version)
        watcher.subscribe(topic, qos=2)
        return topic, watcher

    def mark(self, version, topic, payload="mark"):
        """Says this on the topic of the will, when the server has settled the session of its client: whatever it did with the will comes first."""
        with self.connected(version, self.name(f"{version}/testator"), clean=False) as marker:
            marker.send(wire.publish(topic, payload, version, qos=1, packet_id=1))
            marker.packet(wire.PUBACK)
            marker.send(wire.goodbye())
            marker.expect_closed()

    def test_goes_out_when_the_connection_is_lost(self):
        """[3.1.1 MQTT-3.1.2-8] [5.0 MQTT-3.1.2-7] [5.0 MQTT-3.1.2-8] Not before; and then to whom subscribes its topic."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            client = self.with_will(version, topic)
            client.send(wire.publish(topic, "alive", version, qos=1, packet_id=1))
            self.assertEqual(b"alive", watcher.message().payload)
            client.socket.close()
            self.assertEqual((topic, b"will"), watcher.message()[:2])

    def test_goes_out_when_the_server_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.2-8] [5.0 MQTT-3.1.2-8] For a malformed packet, for a protocol error, for one that is too large."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            for wrong, reason in (("00 00", 0x81), ("d0 00", 0x82), ("30 ff ff ff 7f", 0x95)):
                self.assert_refused(self.with_will(version, topic), reason, wrong)
                self.assertEqual(b"will", watcher.message().payload)

    def test_goes_out_when_another_connection_takes_over(self):
        """[3.1.1 MQTT-3.1.2-8] [5.0 MQTT-3.1.2-8] The connection is closed by it, and nobody has said DISCONNECT."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            older = self.with_will(version, topic, clean=False, expiry_s=60)
            self.connected(version, self.name(f"{version}/testator"), clean=False)
            self.assertEqual(b"will", watcher.message().payload)
            older.expect_disconnect(0x8E)

    def test_goes_out_on_disconnect_with_will(self):
        """[5.0 MQTT-3.1.2-8] And with any other reason than 0; with 0 in one byte, in two, or left out it does not."""
        topic, watcher = self.watch(V5)
        for goodbye, sent in (("e0 01 04", True), ("e0 02 04 00", True), ("e0 01 80", True), ("e0 00", False), ("e0 01 00", False), ("e0 02 00 00", False)):
            with self.subTest(goodbye):
                client = self.with_will(V5, topic)
                client.send(goodbye)
                client.expect_closed()
                self.mark(V5, topic)
                self.assertEqual([b"will"] * sent + [b"mark"], [watcher.message().payload for _ in range(sent + 1)])
        self.mark(V5, topic)
        self.assertEqual(b"mark", watcher.message().payload)

    def test_is_removed_by_disconnect(self):
        """[3.1.1 MQTT-3.1.2-10] [5.0 MQTT-3.1.2-10] [5.0 MQTT-3.1.2-8] It does not go out, now or when the session's next connection is lost."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            client = self.with_will(version, topic, clean=False, expiry_s=60)
            client.send(wire.goodbye())
            client.expect_closed()
            self.connected(version, self.name(f"{version}/testator"), clean=False).socket.close()
            self.mark(version, topic)
            self.assertEqual(b"mark", watcher.message().payload)

    def test_is_removed_once_it_has_gone_out(self):
        """[3.1.1 MQTT-3.1.2-10] [5.0 MQTT-3.1.2-10] The session's next connection has a will only if it brings one."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            pairs = [("session_expiry_interval", 60)]
            self.with_will(version, topic, clean=False, expiry_s=60).socket.close()
            self.assertEqual(b"will", watcher.message().payload)
            self.connected(version, self.name(f"{version}/testator"), clean=False, pairs=pairs).socket.close()
            self.mark(version, topic)
            self.assertEqual(b"mark", watcher.message().payload)

    def test_has_the_qos_of_its_flags(self):
        """[3.1.1 MQTT-3.1.2-9] [3.1.1 MQTT-3.1.2-14] [5.0 MQTT-3.1.2-9] [5.0 MQTT-3.1.2-12] 0, 1 and 2 are taken, and used."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            for qos in (0, 1, 2):
                self.with_will(version, topic, qos=qos, payload=b"\0\xff any bytes").socket.close()
                found = watcher.message()
                self.assertEqual((qos, b"\0\xff any bytes", False), (found.qos, found.payload, found.retain))

    def test_qos_3_is_malformed(self):
        """[3.1.1 MQTT-3.1.2-14] [5.0 MQTT-3.1.2-12] With a will and without."""
        for version in self.versions():
            for options in (will(version, "t", qos=3), will(version, "t", qos=3, retain=True), {"flags": 0x18}):
                self.refuse(version, **options)

    def test_must_be_there_if_its_flag_is_set(self):
        """[3.1.1 MQTT-3.1.2-9] [5.0 MQTT-3.1.2-9] Topic and message, and in MQTT 5 the properties; an empty message is one."""
        for version in self.versions():
            properties = wire.properties((), version)
            for rest in (b"", properties, properties + wire.data("t"), properties + wire.data("t") + b"\0\5four"):
                self.refuse(version, flags=4, rest=rest)
            self.with_will(version, self.name("t"), payload="").ping()
        self.refuse(V5, flags=4, rest=wire.data("t") + wire.data("x"))

    def test_qos_and_retain_without_a_will_are_malformed(self):
        """[3.1.1 MQTT-3.1.2-11] [3.1.1 MQTT-3.1.2-13] [3.1.1 MQTT-3.1.2-15] [5.0 MQTT-3.1.2-11] [5.0 MQTT-3.1.2-13] Each for itself, and together."""
        for version in self.versions():
            for flags in (0x08, 0x10, 0x20, 0x28, 0x30):
                with self.subTest(flags=flags):
                    self.refuse(version, flags=flags)
            self.connected(version, flags=0).ping()

    def test_topic_and_message_without_its_flag_are_malformed(self):
        """[3.1.1 MQTT-3.1.2-11] [5.0 MQTT-3.1.2-9] What stands there is no field that the flags announce."""
        for version in self.versions():
            self.refuse(version, rest=wire.properties((), version) + wire.data("t") + wire.data("x"))

    def test_without_its_flag_nothing_goes_out(self):
        """[3.1.1 MQTT-3.1.2-12] [5.0 MQTT-3.1.2-7] Whatever the connection before had left."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            self.with_will(version, topic).socket.close()
            self.assertEqual(b"will", watcher.message().payload)
            self.connected(version, self.name(f"{version}/testator")).socket.close()
            self.mark(version, topic)
            self.assertEqual(b"mark", watcher.message().payload)

    def test_without_will_retain_is_not_retained(self):
        """[3.1.1 MQTT-3.1.2-16] [5.0 MQTT-3.1.2-14] Nor does it take the place of what is."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            self.witness.send(wire.publish(topic, "kept", flags=1, qos=1, packet_id=1))
            self.witness.packet(wire.PUBACK)
            self.assertEqual(b"kept", watcher.message().payload)
            self.with_will(version, topic, qos=1).socket.close()
            found = watcher.message()
            self.assertEqual((b"will", False), (found.payload, found.retain))
            self.assertEqual(b"kept", self.retained(version, topic).payload)

    def test_with_will_retain_is_retained(self):
        """[3.1.1 MQTT-3.1.2-17] [3.1.1 MQTT-3.1.2-9] [5.0 MQTT-3.1.2-15] [5.0 MQTT-3.1.2-9] An empty one removes what was."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            for payload in ("first", "second"):
                self.with_will(version, topic, payload=payload, qos=1, retain=True).socket.close()
                self.assertEqual(payload.encode(), watcher.message().payload)
                found = self.retained(version, topic)
                self.assertEqual((payload.encode(), True), (found.payload, found.retain))
            self.with_will(version, topic, payload="", retain=True).socket.close()
            self.assertEqual(b"", watcher.message().payload)
            reader = self.connected(version)
            reader.subscribe(topic)
            self.mark(version, topic)
            self.assertEqual(b"mark", reader.message().payload)

    def retained(self, version, topic):
        """What one who subscribes now gets first."""
        reader = self.connected(version)
        reader.subscribe(topic)
        return reader.message()

    def test_of_a_connect_that_is_refused_is_nothing(self):
        """[3.1.1 MQTT-3.1.2-8] [5.0 MQTT-3.1.2-7] There is no session that it could belong to."""
        for version in self.versions():
            topic, watcher = self.watch(version)
            options = will(version, topic)
            options["flags"] |= 1
            self.refuse(version, **options)
            self.mark(version, topic)
            self.assertEqual(b"mark", watcher.message().payload)
        topic, watcher = self.watch(V5, "5")
        client = self.client(V5)
        client.send(wire.connect(self.name(), V5, pairs=[("authentication_method", "none")], **will(V5, topic)))
        self.assertEqual(b"\0\x8c", client.packet(wire.CONNACK).body[:2])
        client.expect_closed()
        self.mark(V5, topic)
        self.assertEqual(b"mark", watcher.message().payload)

    def test_of_a_session_that_expires_at_once_has_no_delay(self):
        """[5.0 MQTT-3.1.2-8] The session's end is the earlier of the two: Session Expiry Interval 0 with a delay."""
        topic, watcher = self.watch(V5)
        self.with_will(V5, topic, pairs=[("will_delay_interval", 3600)]).socket.close()
        self.assertEqual(b"will", watcher.message().payload)

    def refuse(self, version, **options):
        client = self.client(version)
        client.send(wire.connect(self.name("refused"), version, **options))
        if version == V5:
            self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
        client.expect_closed()
        self.witness.ping()


if __name__ == "__main__":
    harness.main()
