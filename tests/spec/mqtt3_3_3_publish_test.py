"""Clause 3.3.5 of MQTT 3.1.1: a PUBLISH that its client has no right to."""

from conversation import V5, V311, harness, wire
from messages import RETAIN, rights


class not_authorized(rights):
    def test_a_publish_without_right_is_acknowledged_and_dropped(self):
        """[3.1.1 MQTT-3.3.5-2] In 3.1.1 nothing can say so: it is acknowledged by the rules of its QoS; nobody gets it, and nothing is retained."""
        topic, before = self.name(), self.server.stats()["publishes_refused"]
        client, publisher = self.subscriber(V311, ("denied", 2), (topic, 2), ("#", 0)), self.connected(V311)
        self.publish(publisher, "denied", "0", 0, flags=RETAIN)
        self.publish(publisher, "denied", "1", 1, flags=RETAIN)
        self.publish(publisher, "denied", "2", 2, flags=RETAIN)
        self.assert_nothing_came(publisher, client, topic)
        self.assert_nothing_came(publisher, self.subscriber(V311, ("denied", 2), (topic, 2)), topic)
        self.assertEqual(before + 3, self.server.stats()["publishes_refused"])

    def test_in_5_it_is_told(self):
        """There PUBACK and PUBREC have a reason, and at QoS 0 nothing is said."""
        publisher = self.connected(V5)
        publisher.send(wire.publish("denied", "0", V5))
        publisher.ping()
        publisher.send(wire.publish("denied", "1", V5, 1, 0x0102))
        publisher.expect("40 03 0102 87")
        publisher.send(wire.publish("denied", "2", V5, 2, 0x0103))
        publisher.expect("50 03 0103 87")
        self.publish(publisher, self.name(), "allowed", 2)


if __name__ == "__main__":
    harness.main()
