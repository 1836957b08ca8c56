"""Clause 4.6: the order of messages."""

from conversation import V5, V311, harness, wire
from messages import KEPT, messages

COUNT = 300


class order(messages):
    def payloads(self, count=COUNT):
        return [str(n).encode() for n in range(count)]

    def publish_unanswered(self, publisher, topic, qos, payloads, first=1):
        """All in one piece, and then all answers: the server has many of one client at once."""
        numbers = range(first, first + len(payloads))
        publisher.send(b"".join(wire.publish(topic, payload, publisher.version, qos, number) for payload, number in zip(payloads, numbers)))
        if qos == 1:
            publisher.expect(b"".join(map(wire.puback, numbers)))
        elif qos == 2:
            publisher.expect(b"".join(map(wire.pubrec, numbers)))
            publisher.send(b"".join(map(wire.pubrel, numbers)))
            publisher.expect(b"".join(map(wire.pubcomp, numbers)))

    def publish_mixed(self, publisher, topic, payloads):
        """All in one piece, at QoS 1 and 2 in turns: they stand together in the server's log, too."""
        numbers = range(1, 1 + len(payloads))
        publisher.send(b"".join(wire.publish(topic, payload, publisher.version, 1 + number % 2, number) for payload, number in zip(payloads, numbers)))
        publisher.expect(b"".join((wire.pubrec if number % 2 else wire.puback)(number) for number in numbers))
        publisher.send(b"".join(map(wire.pubrel, numbers[::2])))
        publisher.expect(b"".join(map(wire.pubcomp, numbers[::2])))

    def test_messages_of_a_topic_and_qos_come_in_their_order(self):
        """[3.1.1 MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] [5.0 MQTT-4.6.0-5] [5.0 MQTT-4.6.0-6] As their client sent them, to every subscriber that has them at that QoS, by every kind of filter."""
        for version in self.versions():
            for qos in (0, 1, 2):
                topic, publisher = self.name(f"{version} {qos}"), self.connected(version)
                clients = [self.subscriber(version, *((text, 2) for text in filters)) for filters in ([topic], [f"{topic}/#"], [topic, f"{topic}/#", "+/+"])]
                self.publish_unanswered(publisher, topic, qos, self.payloads())
                for client in clients:
                    found = [self.message(client) for _ in range(COUNT)]
                    self.assertEqual([(payload, qos) for payload in self.payloads()], [(each.payload, each.qos) for each in found])

    def test_messages_of_several_publishers_each_keep_their_order(self):
        """[3.1.1 MQTT-4.6.0-6] [5.0 MQTT-4.6.0-5] Whatever comes between."""
        topic, publishers = self.name(), [self.connected(version) for version in (V311, V5, V311)]
        clients = [self.subscriber(version, (topic, 1)) for version in (V311, V5)]
        sends = [
            lambda number=number, publisher=publisher: self.publish_unanswered(publisher, topic, 1, [f"{number} {n}".encode() for n in range(COUNT)])
            for number, publisher in enumerate(publishers)
        ]
        harness.in_parallel(sends)
        for client in clients:
            found = [self.message(client).payload.decode().split() for _ in range(3 * COUNT)]
            for number in range(3):
                self.assertEqual([str(n) for n in range(COUNT)], [payload for publisher, payload in found if publisher == str(number)])

    def test_a_slow_client_gets_them_in_their_order(self):
        """[3.1.1 MQTT-4.6.0-6] [5.0 MQTT-4.6.0-5] Whether they wait for its Receive Maximum, or for its return."""
        for qos in (1, 2):
            topic, publisher = self.name(str(qos)), self.connected()
            client, away = self.connected(V5, pairs=[("receive_maximum", 3)]), self.keeping(V311, topic)
            for each in (client, away):
                self.subscribe(each, (topic, qos))
            self.lose(away)
            self.publish_unanswered(publisher, topic, qos, self.payloads())
            back = self.keeping(V311, topic)
            self.publish_unanswered(publisher, topic, qos, [b"last"])
            for each in (client, back):
                self.assertEqual([*self.payloads(), b"last"], [self.next_message(each).payload for _ in range(COUNT + 1)])

    def test_what_is_sent_again_keeps_its_order(self):
        """[3.1.1 MQTT-4.6.0-1] [5.0 MQTT-4.6.0-5] As it was sent at first, QoS 1 and 2 among each other, and before anything new."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 2))
            for number in range(50):
                self.publish(publisher, topic, str(number), 1 + number % 3 % 2)
            self.publish_mixed(publisher, topic, self.payloads(100)[50:])
            found = [self.message(client) for _ in range(100)]
            self.assertEqual(self.payloads(100), [each.payload for each in found])
            for number in (5, 50, 98):
                self.answer(client, found[number])
            client.ping()
            self.lose(client)
            self.publish_all(publisher, topic, ("new 1", "new 2"))
            client = self.keeping(version, topic)
            wanted = [each._replace(dup=True) for number, each in enumerate(found) if number not in (5, 50, 98)]
            self.assertEqual(wanted, [self.message(client) for _ in wanted])
            self.assertEqual([b"new 1", b"new 2"], [self.message(client).payload for _ in range(2)])

    def test_what_is_sent_again_keeps_its_order_in_a_small_window(self):
        """[5.0 MQTT-4.6.0-5] Also when the client takes fewer at once than it did before."""
        topic, publisher = self.name(), self.connected()
        client = self.keeping(V5, "s")
        self.subscribe(client, (topic, 2))
        for number in range(50):
            self.publish(publisher, topic, str(number), 1 + number % 2)
        for _ in range(50):
            self.message(client)
        self.lose(client)
        client = self.connected(V5, self.name("s"), clean=False, pairs=[*KEPT, ("receive_maximum", 2)])
        self.publish(publisher, topic, "new")
        self.assertEqual([*self.payloads(50), b"new"], [self.next_message(client).payload for _ in range(51)])

    def test_pubrels_come_in_the_order_of_pubrecs(self):
        """[3.1.1 MQTT-4.6.0-4] As the client sent these, whatever the order of the messages."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.subscriber(version, (topic, 2))
            self.publish_unanswered(publisher, topic, 2, self.payloads(50))
            numbers = [self.message(client).packet_id for _ in range(50)]
            for ordered in (numbers[::2] + numbers[1::2], numbers[::-1]):
                client.send(b"".join(map(wire.pubrec, ordered)))
                client.expect(b"".join(map(wire.pubrel, ordered)))

    def test_what_a_client_publishes_is_acknowledged_in_its_order(self):
        """PUBACKs and PUBRECs for one topic; publish_unanswered() expects exactly these bytes."""
        for version in self.versions():
            publisher = self.connected(version)
            for qos in (1, 2):
                self.publish_unanswered(publisher, self.name(str(version)), qos, self.payloads())


if __name__ == "__main__":
    harness.main()
