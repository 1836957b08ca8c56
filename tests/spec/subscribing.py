"""What tests of subscriptions share: subscribing and publishing with all answers awaited, and showing that nothing comes."""

import collections

from conversation import V5, conversation, wire

answer = collections.namedtuple("answer", "packet_id properties codes")

NO_LOCAL, RETAIN_AS_PUBLISHED = 0x04, 0x08
NEW_ONLY, NO_RETAINED = 0x10, 0x20  # Retain Handling 1 and 2


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


class subscribing(conversation):
    def granted(self, client, *filters, packet_id=1, pairs=()):
        """Subscribes to filters, or pairs of a filter and its options; gives the codes of the SUBACK.

        Messages may come before it (3.8.4): they are kept for received().
        """
        asked = [(each, 0) if isinstance(each, (str, bytes)) else each for each in filters]
        client.send(wire.subscribe(packet_id, asked, client.version, pairs))
        while (packet := client.packet(wire.SUBACK, wire.PUBLISH)).type == wire.PUBLISH:
            self.early(client).append(wire.as_message(packet, client.version))
        found = answer_of(packet, client.version)
        self.assertEqual(packet_id, found.packet_id)
        return found.codes

    def early(self, client):
        """Messages that came before a SUBACK, and are to be received() still."""
        return self.__dict__.setdefault("_early", {}).setdefault(client, [])

    def dropped(self, client, *filters, packet_id=2):
        """Unsubscribes from filters; gives the codes of the UNSUBACK."""
        client.send(wire.unsubscribe(packet_id, filters, client.version))
        found = answer_of(client.packet(wire.UNSUBACK), client.version)
        self.assertEqual(packet_id, found.packet_id)
        return found.codes

    def publish(self, client, topic, payload, qos=1, retain=False, pairs=()):
        """Publishes, and waits until the server has taken it over."""
        client.send(wire.publish(topic, payload, client.version, qos, 1 if qos else 0, pairs, 1 if retain else 0))
        if qos == 0:
            client.ping()
        if qos == 1:
            client.packet(wire.PUBACK)
        if qos == 2:
            client.packet(wire.PUBREC)
            client.send(wire.pubrel(1))
            client.packet(wire.PUBCOMP)

    def received(self, client):
        """The next message, before any other packet; acknowledged as its QoS wants."""
        found = self.early(client).pop(0) if self.early(client) else client.message()
        if found.qos == 1:
            client.send(wire.puback(found.packet_id))
        if found.qos == 2:
            client.send(wire.pubrec(found.packet_id))
            client.packet(wire.PUBREL)
            client.send(wire.pubcomp(found.packet_id))
        return found

    def assert_none_came(self, client, topic, publisher):
        """Nothing that was published to the topic before, and taken over, has come to a client without a filter for it.

        From here on it has one. Its worker hears of the topic from one shard, in order: what was published before would come
        before the SUBACK, or before the message that is published now.
        """
        self.assertLess(self.granted(client, topic)[0], 3)
        self.publish(publisher, topic, "the end")
        self.assertEqual([], self.early(client))
        found = client.message()
        self.assertEqual((topic, b"the end"), (found.topic, found.payload))
