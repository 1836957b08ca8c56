"""What tests of subscriptions share beyond messages.py: SUBACK and its like taken apart, and showing that nothing came without a filter."""

import collections

from conversation import V5, wire
from messages import messages

answer = collections.namedtuple("answer", "packet_id properties codes")


def answer_of(found, version):
    """A SUBACK or UNSUBACK taken apart."""
    fields = wire.cursor(found.body)
    packet_id = fields.number("H")
    pairs = fields.properties() if version == V5 else []
    return answer(packet_id, pairs, list(fields.rest()))


def reason_of(found):
    """The reason code and the properties of a server's DISCONNECT, or of its CONNACK behind the flags."""
    fields = wire.cursor(found.body)
    if found.type == wire.CONNACK:
        fields.number("B")
    reason = fields.number("B") if found.body else 0
    return reason, fields.properties() if fields.at < len(found.body) else []


def disconnect(reason, pairs=None):
    """A DISCONNECT of MQTT 5 with a reason code, and properties unless there are none."""
    return wire.frame(0xE0, bytes([reason]) + (b"" if pairs is None else wire.properties(pairs)))


class subscribing(messages):
    def granted(self, client, *filters, packet_id=1, pairs=()):
        """Subscribes to filters, or pairs of a filter and its options; gives the codes of the SUBACK."""
        asked = [(each, 0) if isinstance(each, (str, bytes)) else each for each in filters]
        client.send(wire.subscribe(packet_id, asked, client.version, pairs))
        found = answer_of(self.answer_among_messages(client, wire.SUBACK), client.version)  # messages may come before it (3.8.4)
        self.assertEqual(packet_id, found.packet_id)
        return found.codes

    def dropped(self, client, *filters, packet_id=2):
        """Unsubscribes from filters; gives the codes of the UNSUBACK."""
        client.send(wire.unsubscribe(packet_id, filters, client.version))
        found = answer_of(client.packet(wire.UNSUBACK), client.version)
        self.assertEqual(packet_id, found.packet_id)
        return found.codes

    def assert_none_came(self, client, topic, publisher):
        """Nothing that was published to the topic before, and taken over, has come to a client without a filter for it.

        From here on it has one. Its worker hears of the topic from one shard, in order: what was published before would come
        before the SUBACK, or before the message that is published now. The first PUBACK says that the shard has all of QoS 0.
        """
        self.publish(publisher, topic, "nobody's")
        self.assertLess(self.granted(client, topic)[0], 3)
        self.publish(publisher, topic, "the end")
        self.assertEqual([], self.held(client))
        found = client.message()
        self.assertEqual((topic, b"the end"), (found.topic, found.payload))
