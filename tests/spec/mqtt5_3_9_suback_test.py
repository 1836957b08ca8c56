"""Clause 3.9: SUBACK."""

from conversation import V5, harness, wire
from subscribing import answer_of, subscribing

# What a SUBACK may carry (MQTT 5.0, 3.9.3); in 3.1.1 it is 0, 1, 2 and 0x80.
SUBSCRIBE_CODES = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2}
CODES = {wire.V311: {0, 1, 2, 0x80}, V5: SUBSCRIBE_CODES}


class suback(subscribing):
    settings = ("limits.max_subscriptions=3",)

    def test_codes_stand_in_the_order_of_the_filters(self):
        """[3.1.1 MQTT-3.9.3-1] [5.0 MQTT-3.9.3-1] A code for each, at the place of its filter, granted or failed, however they are mixed."""
        place = self.name("")
        for version in self.versions():
            failed = 0x97 if version == V5 else 0x80
            client = self.connected(version)
            self.granted(client, (place + "a", 0), (place + "b", 0), (place + "c", 0))
            asked = [("b", 2), ("x", 1), ("a", 1), ("c", 0), ("y", 0), ("z", 2), ("c", 2), ("a", 0)]
            codes = self.granted(client, *((place + text, qos) for text, qos in asked))
            self.assertEqual([2, failed, 1, 0, failed, failed, 2, 0], codes)
            self.granted(client, *((place + text, qos) for text, qos in reversed(asked)))

    def test_codes_are_those_of_suback(self):
        """[3.1.1 MQTT-3.9.3-2] [5.0 MQTT-3.9.3-2] Each is one that this packet may carry: success, too many filters, none to be read."""
        for version in self.versions():
            client = self.connected(version)
            filters = [(self.name(str(n)), n % 3) for n in range(6)] + [("$SYS/broker/version", 1), ("#", 2), ("$SYS/#", 0)]
            codes = self.granted(client, *filters)
            self.assertEqual(len(filters), len(codes))
            self.assertLessEqual(set(codes), CODES[version])
            self.assertEqual([0, 1, 2], codes[:3])
            self.assertEqual([0x97 if version == V5 else 0x80], list(set(codes[3:])))

    def test_its_properties_never_make_it_too_large(self):
        """[5.0 MQTT-3.9.2-1] [5.0 MQTT-3.9.2-2] A client whose Maximum Packet Size just holds the codes gets a SUBACK that is no larger."""
        for count in (1, 6, 20):
            size = 2 + 2 + 1 + count
            filters = [self.name(str(n)) for n in range(count)]
            client = self.connected(V5, pairs=[("maximum_packet_size", max(size, 20))])
            client.send(wire.subscribe(0x0102, [(each, 1) for each in filters], V5))
            found = client.packet(wire.SUBACK)
            self.assertLessEqual(2 + len(found.body), max(size, 20))
            self.assertEqual((0x0102, [1, 1, 1][:count] + [0x97] * (count - 3)), answer_of(found, V5)[::2])

    def test_bytes_of_a_suback(self):
        """[3.1.1 MQTT-3.9.3-2] [5.0 MQTT-3.9.3-2] Flags 0, the packet id, no properties, the codes: nothing else."""
        for version in self.versions():
            client = self.connected(version)
            asked = [(self.name(str(n)), n) for n in (2, 1, 0)]
            client.send(wire.subscribe(0xABCD, asked, version))
            client.expect("90 06 abcd 00 02 01 00" if version == V5 else "90 05 abcd 02 01 00")
            client.ping()


if __name__ == "__main__":
    harness.main()
