"""Clause 3.8.4: SUBACK promises every message from then on, at every shard, and a subscription that is replaced loses none."""

import random

from conversation import V5, harness, wire
from messages import NO_RETAINED
from subscribing import subscribing

ROUNDS = 60
MESSAGES = 600


class routes(subscribing):
    def test_suback_comes_only_after_the_routes_hold_at_every_shard(self):
        """[3.1.1 MQTT-3.8.4-1] [5.0 MQTT-3.8.4-1] What others publish right after a SUBACK comes: many filters, topics in all shards."""
        for version in self.versions():
            publishers = [self.connected(version) for _ in range(4)]  # on several workers
            for number in range(ROUNDS):
                self.one_round(version, publishers, self.name(f"{version}-{number}/"), number % 3)

    def one_round(self, version, publishers, place, qos):
        subscriber = self.connected(version)
        names = [f"{place}{letter}/x" for letter in "abcdefgh"]
        filters = [place + "a/x", place + "b/x", place + "c/#", place + "d/+", place + "+/x", f"+/{place.split('/', 1)[1]}h/x"]
        self.assertEqual([qos] * len(filters), self.granted(subscriber, *((each, qos) for each in filters)))
        for at, name in enumerate(names):
            publishers[at % 4].send(wire.publish(name, str(at), version, 1, 1 + at))
        for at in range(len(names)):
            publishers[at % 4].packet(wire.PUBACK)
        wanted = {(name, str(at).encode()) for at, name in enumerate(names)}
        while wanted:
            found = self.received_of(subscriber)
            wanted.discard((found.topic, found.payload))
        subscriber.socket.close()

    def received_of(self, client):
        """The next message, acknowledged; packets of earlier exchanges of QoS 2 are passed over."""
        found = client.packet(wire.PUBLISH, wire.PUBREL)
        while found.type == wire.PUBREL:
            client.send(wire.pubcomp(int.from_bytes(found.body[:2], "big")))
            found = client.packet(wire.PUBLISH, wire.PUBREL)
        found = wire.as_message(found, client.version)
        if found.qos:
            client.send(wire.puback(found.packet_id) if found.qos == 1 else wire.pubrec(found.packet_id))
        return found


class replacing(subscribing):
    def test_no_message_is_lost_by_replacing_a_subscription(self):
        """[3.1.1 MQTT-3.8.4-3] [5.0 MQTT-3.8.4-4] Nor repeated, while SUBSCRIBE after SUBSCRIBE changes QoS and options in a stream of messages."""
        for version in self.versions():
            for text in ("/#", "/3", "/+"):
                self.replaced_in_a_stream(version, self.name(f"{version}{ord(text[1])}"), text)

    def replaced_in_a_stream(self, version, place, text):
        subscriber, publisher = self.connected(version), self.connected(version)
        chosen, levels = place + text, "3" if text == "/3" else "0123456789"
        self.granted(subscriber, (chosen, 1))
        randomly = random.Random(1)
        options = [0, 1, 2] if version != V5 else [0, 1, 2, 8, 9, NO_RETAINED, NO_RETAINED | 1]
        publisher.send(b"".join(wire.publish(f"{place}/{levels[n % len(levels)]}", str(n), version, 1, n + 1) for n in range(MESSAGES)))
        came, unanswered = [], 0
        while len(came) < MESSAGES or unanswered:
            if not unanswered and len(came) < MESSAGES:
                subscriber.send(wire.subscribe(7, [(chosen, randomly.choice(options))], version))
                unanswered = 1
            packet = subscriber.packet(wire.PUBLISH, wire.SUBACK)
            if packet.type == wire.SUBACK:
                unanswered = 0
                continue
            found = wire.as_message(packet, version)
            came.append((found.topic, int(found.payload)))
            if found.qos == 1:
                subscriber.send(wire.puback(found.packet_id))
        for _ in range(MESSAGES):
            publisher.packet(wire.PUBACK)
        self.assertEqual(sorted(range(MESSAGES)), sorted(number for _, number in came))
        for topic in {topic for topic, _ in came}:
            numbers = [number for each, number in came if each == topic]
            self.assertEqual(sorted(numbers), numbers, f"out of order: {topic}")


if __name__ == "__main__":
    harness.main()
