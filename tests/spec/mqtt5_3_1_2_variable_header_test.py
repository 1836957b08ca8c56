"""Clauses 3.1.2.1 to 3.1.2.3 and 3.1.2.8, 3.1.2.9: name and version of the protocol, the flags but for session and will."""

from conversation import V5, V311, conversation, harness, wire


class variable_header(conversation):
    def refuse(self, version, content, code=None):
        """Closed; in MQTT 5 CONNACK says why. A return code of 3.1.1 where there is one."""
        client = self.client(version)
        client.send(content)
        if version == V5:
            self.assertEqual(bytes([0, code]), client.packet(wire.CONNACK).body[:2])
        elif code is not None:
            client.expect(bytes([0x20, 2, 0, code]))
        client.expect_closed()

    def accept(self, version, content):
        client = self.client(version)
        client.send(content)
        self.assertEqual(b"\0\0", client.packet(wire.CONNACK).body[:2])
        client.ping()

    def test_another_protocol_name_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.2-1] [5.0 MQTT-3.1.2-1] It has not come to speak MQTT; capital letters are part of the name."""
        witness = self.connected()
        for version in self.versions():
            for name in ("MQTX", "mqtt", "MQTt", "MQT", "MQTT5", "", "MQTTT", " MQTT", b"\xef\xbb\xbfMQTT", "HTTP"):
                with self.subTest(name=name):
                    client = self.client(version)
                    client.send(wire.connect(self.name(), version, name=name))
                    client.expect_closed()
            self.accept(version, wire.connect(self.name(), version))
        witness.ping()

    def test_another_protocol_version_is_refused(self):
        """[3.1.1 MQTT-3.1.2-2] [5.0 MQTT-3.1.2-2] Below 5 with return code 1, above it with 0x84, and then closed."""
        witness = self.connected()
        for level in (0, 1, 2, 3):
            self.refuse(V311, wire.connect(self.name(), level=level), 1)
        for level in (6, 7, 64, 127, 255):
            self.refuse(V5, wire.connect(self.name(), V5, level=level), 0x84)
            self.refuse(V5, wire.connect(self.name(), level=level), 0x84)
        witness.ping()

    def test_the_reserved_flag_is_refused(self):
        """[3.1.1 MQTT-3.1.2-3] [5.0 MQTT-3.1.2-3] It has to be 0, whatever the other flags are."""
        witness = self.connected()
        for version in self.versions():
            for clean in (False, True):
                self.refuse(version, wire.connect(self.name(), version, clean, flags=1), 0x81 if version == V5 else None)
                self.accept(version, wire.connect(self.name(), version, clean))
        witness.ping()

    def test_a_user_name_is_there_if_and_only_if_its_flag_is_set(self):
        """[3.1.1 MQTT-3.1.2-18] [3.1.1 MQTT-3.1.2-19] [5.0 MQTT-3.1.2-16] [5.0 MQTT-3.1.2-17] Else the packet is malformed."""
        witness = self.connected()
        for version in self.versions():
            malformed = 0x81 if version == V5 else None
            self.accept(version, wire.connect(self.name(), version, flags=0x80, rest=wire.data("user")))
            self.accept(version, wire.connect(self.name(), version, flags=0x80, rest=wire.data("")))
            self.refuse(version, wire.connect(self.name(), version, flags=0x80), malformed)
            self.refuse(version, wire.connect(self.name(), version, flags=0x80, rest=b"\0\5user"), malformed)
            self.refuse(version, wire.connect(self.name(), version, rest=wire.data("user")), malformed)
            will = wire.properties((), version) + wire.data("t") + wire.data("x")
            self.refuse(version, wire.connect(self.name(), version, flags=0x84, rest=will), malformed)
            self.refuse(version, wire.connect(self.name(), version, flags=4, rest=will + wire.data("user")), malformed)
        witness.ping()

    def test_a_password_is_there_if_and_only_if_its_flag_is_set(self):
        """[3.1.1 MQTT-3.1.2-20] [3.1.1 MQTT-3.1.2-21] [5.0 MQTT-3.1.2-18] [5.0 MQTT-3.1.2-19] Else the packet is malformed."""
        witness = self.connected()
        for version in self.versions():
            malformed = 0x81 if version == V5 else None
            self.accept(version, wire.connect(self.name(), version, flags=0xC0, rest=wire.data("user") + wire.data(b"\0\xff")))
            self.accept(version, wire.connect(self.name(), version, flags=0xC0, rest=wire.data("user") + wire.data("")))
            self.refuse(version, wire.connect(self.name(), version, flags=0xC0, rest=wire.data("user")), malformed)
            self.refuse(version, wire.connect(self.name(), version, flags=0xC0, rest=wire.data("user") + b"\0\5word"), malformed)
            self.refuse(version, wire.connect(self.name(), version, flags=0x80, rest=wire.data("user") + wire.data("word")), malformed)
        self.refuse(V5, wire.connect(self.name(), V5, flags=0x40), 0x81)
        witness.ping()

    def test_a_password_without_a_user_name_is_new_in_5(self):
        """[3.1.1 MQTT-3.1.2-22] 3.1.1 forbids it; 3.1.2.9 of 5.0 allows it."""
        witness = self.connected()
        self.refuse(V311, wire.connect(self.name(), flags=0x40, rest=wire.data("word")))
        self.refuse(V311, wire.connect(self.name(), flags=0x40, rest=wire.data("user") + wire.data("word")))
        self.accept(V5, wire.connect(self.name(), V5, flags=0x40, rest=wire.data("word")))
        witness.ping()


if __name__ == "__main__":
    harness.main()
