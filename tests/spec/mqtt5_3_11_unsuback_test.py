"""Clause 3.11: UNSUBACK."""

from conversation import V5, harness, wire
from subscribing import answer_of, subscribing

UNSUBSCRIBE_CODES = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91}  # MQTT 5.0, 3.11.3


class unsuback(subscribing):
    def test_codes_stand_in_the_order_of_the_filters(self):
        """[5.0 MQTT-3.11.3-1] Success or 'no subscription existed' for each, at its place."""
        client, place = self.connected(V5), self.name("")
        for pattern in ("10110", "01", "000", "111", "1", "0", "0110100110010110"):
            held = [place + str(n) for n, mark in enumerate(pattern) if mark == "1"]
            if held:
                self.granted(client, *held)
            codes = self.dropped(client, *(place + str(n) for n in range(len(pattern))))
            self.assertEqual([0 if mark == "1" else 0x11 for mark in pattern], codes)

    def test_codes_are_those_of_unsuback(self):
        """[5.0 MQTT-3.11.3-2] One for each filter, of this packet's own, whatever kind of filter it is."""
        client = self.connected(V5)
        kinds = [self.name(each) for each in ("t", "+", "#", "/", " ", "")] + ["$share/g/" + self.name("t"), "$SYS/none/+"]
        for _ in range(2):
            codes = self.dropped(client, *kinds)
            self.assertEqual(len(kinds), len(codes))
            self.assertLessEqual(set(codes), UNSUBSCRIBE_CODES)
            self.assertEqual([0x11] * len(kinds), codes)
            self.granted(client, *kinds)
            self.assertEqual([0] * len(kinds), self.dropped(client, *kinds))

    def test_its_properties_never_make_it_too_large(self):
        """[5.0 MQTT-3.11.2-1] [5.0 MQTT-3.11.2-2] A client whose Maximum Packet Size just holds the codes gets an UNSUBACK that is no larger."""
        for count in (15, 20, 40):
            client = self.connected(V5, pairs=[("maximum_packet_size", 5 + count)])
            client.send(wire.unsubscribe(0x0102, [self.name(str(n)) for n in range(count)], V5))
            found = client.packet(wire.UNSUBACK)
            self.assertLessEqual(2 + len(found.body), 5 + count)
            self.assertEqual((0x0102, [0x11] * count), answer_of(found, V5)[::2])

    def test_its_bytes(self):
        """Before MQTT 5 it is the packet id; since then properties and codes follow (3.11)."""
        for version in self.versions():
            client = self.connected(version)
            client.send(wire.unsubscribe(0xABCD, [self.name("t"), self.name("u")], version))
            client.expect("b0 05 abcd 00 11 11" if version == V5 else "b0 02 abcd")
            client.ping()


if __name__ == "__main__":
    harness.main()
