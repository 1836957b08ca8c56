"""Clause 3.12: PINGREQ."""

from conversation import conversation, harness


class pingreq(conversation):
    def test_pingreq_is_answered(self):
        """[3.1.1 MQTT-3.12.4-1] [5.0 MQTT-3.12.4-1] Each PINGREQ gets one PINGRESP."""
        for version in self.versions():
            client = self.connected(version)
            client.send("c0 00 c0 00")
            client.expect("d0 00 d0 00")

    def test_pingreq_with_a_body_is_malformed(self):
        """Its Remaining Length is 0, and its flags are."""
        for version in self.versions():
            for content in ("c0 01 00", "c1 00"):
                self.assert_refused(self.connected(version), 0x81, content)


if __name__ == "__main__":
    harness.main()
