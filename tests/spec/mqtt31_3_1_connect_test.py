"""MQTT 3.1 (protocol level 3, "MQIsdp"), which has no numbered statements: where it differs, and what mqtt/connect.hpp says of it."""

from conversation import V5, V311, conversation, harness, wire


def connect(client_id, clean=True, **options):
    return wire.connect(client_id, level=3, name="MQIsdp", clean=clean, **options)


class mqtt_3_1(conversation):
    def come(self, client_id=None, **options):
        client = self.client()
        client.send(connect(self.name() if client_id is None else client_id, **options))
        client.expect("20 02 00 00")
        return client

    def test_a_conversation(self):
        """Packets are those of 3.1.1, and a client of 3.1 talks with others."""
        client, others = self.come(), [self.connected(version) for version in self.versions()]
        for other in others:
            other.subscribe(self.name("t"), qos=1)
        client.send(wire.subscribe(1, [(self.name("back"), 2)]))
        client.expect("90 03 0001 02")
        client.send(wire.publish(self.name("t"), "x", qos=1, packet_id=7))
        client.expect("40 02 0007")
        for other in others:
            self.assertEqual(b"x", other.message().payload)
            other.send(wire.publish(self.name("back"), "y", other.version))
            client.expect(wire.publish(self.name("back"), "y"))
        client.send("c0 00")
        client.expect("d0 00")
        client.send("e0 00")
        client.expect_closed()

    def test_a_zero_length_client_id_in_each_version(self):
        """3.1 refuses it, 3.1.1 without Clean Session, both with return code 2; MQTT 5 gives one to everybody."""
        witness = self.connected()
        for content in (connect(""), connect("", clean=False), wire.connect("", clean=False)):
            client = self.client()
            client.send(content + wire.PING)
            client.expect("20 02 00 02")
            client.expect_closed()
        self.connected(V311, "").ping()
        for clean in (True, False):
            client = self.client(V5)
            client.send(wire.connect("", V5, clean))
            found = client.packet(wire.CONNACK)
            self.assertEqual(b"\0\0", found.body[:2])
            self.assertTrue(dict(wire.cursor(found.body[2:]).properties())["assigned_client_identifier"])
        witness.ping()

    def test_client_ids_of_1_to_23_characters_and_longer_ones(self):
        """3.1 asks to refuse those above 23; as other servers do, Headgate takes them."""
        for size in (1, 22, 23, 24, 65_535):
            self.come("x" * size).ping()

    def test_name_and_level_go_together(self):
        """Another level than 3 is refused with return code 1 beside this name, and level 3 beside that of 3.1.1."""
        for content in (*(wire.connect(self.name(), level=level, name="MQIsdp") for level in (0, 2, 4, 5, 6)), wire.connect(self.name(), level=3)):
            client = self.client()
            client.send(content)
            client.expect("20 02 00 01")
            client.expect_closed()

    def test_the_first_byte_of_connack_is_reserved(self):
        """It has no Session Present, though the session goes on; and the other versions see that one."""
        client = self.come(clean=False)
        client.subscribe(self.name("t"), qos=1)
        client.send(wire.goodbye())
        client.expect_closed()
        publisher = self.connected()
        publisher.send(wire.publish(self.name("t"), "x", qos=1, packet_id=1))
        publisher.packet(wire.PUBACK)
        client = self.come(clean=False)
        self.assertEqual(b"x", client.message().payload)
        client = self.client()
        client.send(wire.connect(self.name(), clean=False))
        client.expect("20 02 01 00")

    def test_flags_without_a_will_are_disregarded_and_so_is_the_reserved_one(self):
        """Which 3.1.1 and 5.0 refuse."""
        for flags in (0x01, 0x08, 0x10, 0x18, 0x20, 0x38):
            self.come(flags=flags).ping()

    def test_user_name_and_password_may_be_missing_though_announced(self):
        """The Remaining Length has precedence over their flags; a password without the flag of a user name is refused."""
        for flags, rest in ((0x80, b""), (0xC0, b""), (0xC0, wire.data("user")), (0xC0, wire.data("user") + wire.data("word"))):
            self.come(flags=flags, rest=rest).ping()
        client = self.client()
        client.send(connect(self.name(), flags=0x40, rest=wire.data("word")))
        client.expect_closed()

    def test_a_will_goes_out(self):
        """As in the later versions: when the connection is lost, not after DISCONNECT; QoS 3 is refused."""
        watcher = self.connected()
        watcher.subscribe(self.name("t"), qos=2)
        for qos in (0, 1, 2):
            will = {"flags": 4 | qos << 3, "rest": wire.data(self.name("t")) + wire.data(f"will {qos}")}
            ended = self.come(**will)
            ended.send(wire.goodbye())
            ended.expect_closed()
            self.come(**will).socket.close()
            found = watcher.message()
            self.assertEqual((qos, f"will {qos}".encode()), (found.qos, found.payload))
            if qos == 2:
                watcher.send(wire.pubrec(found.packet_id))
        client = self.client()
        client.send(connect(self.name(), flags=0x1C, rest=wire.data("t") + wire.data("x")))
        client.expect_closed()

    def test_what_is_sent_again_may_have_dup_set(self):
        """PUBREL, SUBSCRIBE and UNSUBSCRIBE, in 3.1 alone."""
        again = [
            ("8a" + wire.subscribe(1, self.name("t"))[1:].hex(), "90 03 0001 00"), ("aa" + wire.unsubscribe(1, [self.name("t")])[1:].hex(), "b0 02 0001"),
            ("6a 02 0001", "70 02 0001"),
        ]
        client = self.come()
        for content, answer in again:
            client.send(content)
            client.expect(answer)
            self.assert_refused(self.connected(), 0x81, content)
            self.assert_refused(self.connected(V5), 0x81, content)


if __name__ == "__main__":
    harness.main()
