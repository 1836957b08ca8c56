"""Clauses 4.2 and 7: network connections, and what conformance asks of a server."""

import hashlib

from conversation import V5, harness, wire
from subscribing import subscribing


class stream(subscribing):
    def test_packets_may_be_cut_anywhere(self):
        """[3.1.1 MQTT-7.1.1-1] [5.0 MQTT-4.2.0-1] What a client sends is one stream: a byte at a time, or many packets at once."""
        for version in self.versions():
            topic = self.name(f"t{version}")
            whole = (
                wire.connect(self.name(f"c{version}"), version) + wire.subscribe(1, topic, version) + wire.publish(topic + "/x", "x" * 200, version, 1, 2)
                + wire.publish(topic + "/x", "y", version, 2, 3) + wire.pubrel(3) + wire.unsubscribe(4, [topic], version) + wire.PING
            )
            wanted = sorted([wire.CONNACK, wire.SUBACK, wire.PUBACK, wire.PUBREC, wire.PUBCOMP, wire.UNSUBACK, wire.PINGRESP])
            for size in (1, 2, 3, 7, 50, len(whole)):
                client = self.client(version)
                for at in range(0, len(whole), size):
                    client.send(whole[at : at + size])
                self.assertEqual(wanted, sorted(client.packet().type for _ in wanted), f"in pieces of {size}")
                client.send(wire.goodbye())
                client.expect_closed()

    def test_nothing_is_lost_or_reordered_in_either_direction(self):
        """[3.1.1 MQTT-7.1.1-1] [5.0 MQTT-4.2.0-1] Some megabytes come out as they went in, also to one that reads late."""
        for version in self.versions():
            topic = self.name(f"t{version}")
            publisher, subscriber = self.connected(version), self.connected(version, receive_buffer_bytes=4096)
            self.granted(subscriber, (topic, 1))
            payloads = [hashlib.sha256(str(n).encode()).digest() * (1 + n * n % 1000) for n in range(250)]
            for first in range(0, len(payloads), 50):
                part = payloads[first : first + 50]
                publisher.send(b"".join(wire.publish(topic, each, version, 1, 1 + at) for at, each in enumerate(part)))
                for _ in part:
                    publisher.packet(wire.PUBACK)
            for each in payloads:
                self.assertEqual(each, self.next_message(subscriber).payload)

    def test_what_is_sent_while_something_waits_does_not_overtake_it(self):
        """[3.1.1 MQTT-7.1.1-1] [5.0 MQTT-4.2.0-1] The subscriber makes room a little at a time, and each time something new is published."""
        for version in self.versions():
            topic, count, come = self.name(f"t{version}"), 0, 0
            publisher, subscriber = self.connected(version), self.connected(version, receive_buffer_bytes=4096)
            self.granted(subscriber, topic)
            before = self.server.stats()["sends_partly_taken"]
            while self.server.stats()["sends_partly_taken"] == before:
                self.publish(publisher, topic, str(count).rjust(4096))
                count += 1
            for _ in range(200):
                self.assertEqual(str(come).encode(), subscriber.message().payload.strip())
                come += 1
                self.publish(publisher, topic, str(count).rjust(1024))
                count += 1
            for number in range(come, count):
                self.assertEqual(str(number).encode(), subscriber.message().payload.strip())

    def test_each_connection_is_its_own(self):
        """[3.1.1 MQTT-7.1.1-1] [5.0 MQTT-4.2.0-1] Half a packet of one, and the end of another, leave all others alone."""
        for version in self.versions():
            half, gone, whole = (self.connected(version) for _ in range(3))
            half.send(wire.publish(self.name("t"), "x" * 100, version)[:50])
            gone.send(wire.publish(self.name("t"), "x" * 100, version)[:50])
            gone.socket.close()
            self.granted(whole, self.name("t"))
            half.send(wire.publish(self.name("t"), "x" * 100, version)[50:])
            self.assertEqual(b"x" * 100, whole.message().payload)


class no_extension_is_needed(subscribing):
    def test_a_client_that_knows_the_standard_alone(self):
        """[3.1.1 MQTT-7.0.0-2] The plainest packets are enough for every exchange: no user name, no property, no topic of the server's."""
        for version in self.versions():
            properties = "00" if version == V5 else ""
            client = self.client(version)
            client.send(f"10 0{'e' if version == V5 else 'd'} 0004 4d515454 0{version} 02 0000 {properties} 0001 61")
            self.assertEqual(b"\0\0", client.packet(wire.CONNACK).body[:2])
            other = self.client(version)
            other.send(wire.connect("b", version))
            other.packet(wire.CONNACK)
            client.send(wire.subscribe(1, [("a", 2)], version))
            client.packet(wire.SUBACK)
            for qos in range(3):
                self.publish(other, "a", "x", qos)
                self.assertEqual(("a", b"x", qos), self.next_message(client)[:3])
            client.send(wire.unsubscribe(2, ["a"], version))
            client.packet(wire.UNSUBACK)
            client.ping()
            client.send("e0 00")
            client.expect_closed()


if __name__ == "__main__":
    harness.main()
