"""What the tests of clauses 3.3 to 3.7 and of chapter 4 share: publishers whose exchange is complete, subscribers, and how to see that nothing came."""

import pathlib
import tempfile

from conversation import V5, conversation, wire

RETAIN, DUP = 1, 8  # flags of a PUBLISH
NO_LOCAL, AS_PUBLISHED = 0x04, 0x08  # options of a subscription
NEW_ONLY, NO_RETAINED = 0x10, 0x20  # Retain Handling 1 and 2
KEPT = (("session_expiry_interval", 600),)  # properties of the CONNECT of a client of MQTT 5 whose session is to stay


def acknowledgement(first_byte, packet_id, reason=None, properties=None):
    """PUBACK and its like as MQTT 5 has them: a reason, and the pairs of properties behind it, are left out where None."""
    body = packet_id.to_bytes(2, "big")
    if reason is not None:
        body += bytes([reason]) + (b"" if properties is None else wire.properties(properties))
    return wire.frame(first_byte, body)


class messages(conversation):
    def setUp(self):
        super().setUp()
        self._packet_id = 0
        self._held = {}  # by client: messages that came while it waited for another packet

    def publish(self, client, topic, payload=b"x", qos=1, pairs=(), flags=0, retain=False):
        """Sends a PUBLISH and goes through its exchange: the server has taken the message when this returns."""
        self._packet_id += 1
        number = self._packet_id
        client.send(wire.publish(topic, payload, client.version, qos, number, pairs, flags | (RETAIN if retain else 0)))
        if qos == 0:
            client.send(wire.PING)
            self.answer_among_messages(client, wire.PINGRESP)
        elif qos == 1:
            self.assert_acknowledged(client, wire.PUBACK, number)
        elif qos == 2:
            self.assert_acknowledged(client, wire.PUBREC, number)
            client.send(wire.pubrel(number))
            self.assert_acknowledged(client, wire.PUBCOMP, number)

    def assert_acknowledged(self, client, kind, number):
        self.assertEqual(number.to_bytes(2, "big"), self.answer_among_messages(client, kind).body)

    def publish_all(self, client, topic, payloads, qos=1):
        for payload in payloads:
            self.publish(client, topic, payload, qos)

    def subscribe(self, client, *filters, pairs=()):
        """`filters` are pairs of a filter and its options; each is granted the QoS asked for."""
        client.send(wire.subscribe(9, list(filters), client.version, pairs))
        answer = self.answer_among_messages(client, wire.SUBACK)  # what is retained may come before it (3.8.4)
        self.assertEqual(bytes(options & 3 for _, options in filters), answer.body[-len(filters) :])

    def subscriber(self, version, *filters, pairs=(), **options):
        client = self.connected(version, **options)
        self.subscribe(client, *filters, pairs=pairs)
        return client

    def keeping(self, version, client_id, pairs=()):
        """A client whose session stays when it goes, and is continued when it is there already."""
        pairs = (*KEPT, *pairs) if version == V5 else ()
        return self.connected(version, self.name(client_id), clean=False, pairs=pairs)

    def lose(self, client):
        """The connection breaks, and the server knows."""
        client.half_close()
        while client.packet() is not None:
            pass
        client.socket.close()

    def answer(self, client, message):
        """Goes through the exchange of a message that a client got."""
        if message.qos == 1:
            client.send(wire.puback(message.packet_id))
        elif message.qos == 2:
            client.send(wire.pubrec(message.packet_id))
            found = self.answer_among_messages(client, wire.PUBREL)
            self.assertEqual((2, message.packet_id.to_bytes(2, "big")), (found.flags, found.body))
            client.send(wire.pubcomp(message.packet_id))

    def answer_among_messages(self, client, kind):
        """The next packet of this type; messages that come before it are those that message() gives next."""
        while (found := client.packet(wire.PUBLISH, kind)).type == wire.PUBLISH:
            self.held(client).append(found)
        return found

    def held(self, client):
        """Messages that came before another packet, and that message() gives first."""
        return self._held.setdefault(client, [])

    def message(self, client):
        """The next message."""
        held = self.held(client)
        return wire.as_message(held.pop(0), client.version) if held else client.message()

    def next_message(self, client):
        """The next message, acknowledged."""
        found = self.message(client)
        self.answer(client, found)
        return found

    def assert_message(self, client, topic, payload, qos=0, retain=False):
        """The next message, acknowledged, is this one."""
        payload = payload.encode() if isinstance(payload, str) else payload
        found = self.next_message(client)
        self.assertEqual((topic, payload, qos, retain, False), (found.topic, found.payload, found.qos, found.retain, found.dup))
        return found

    def assert_nothing_came(self, publisher, client, topic, qos=1):
        """No message of the topic is on its way to the client: one that is published now is the next."""
        self.publish(publisher, topic, "nothing before this", qos=qos)
        found = self.next_message(client)
        self.assertEqual((topic, b"nothing before this"), (found.topic, found.payload))

    def assert_alive(self):
        """The server serves others as before."""
        client = self.connected(V5)
        client.ping()


class rights(messages):
    """A server where everything may be read, and only topics of two levels, such as those of name(), may be published to."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="headgate-spec-")
        cls.addClassCleanup(directory.cleanup)
        rules = pathlib.Path(directory.name, "rules")
        rules.write_text("topic read #\ntopic write +/+\n", encoding="utf-8")
        cls.settings = (f"auth.acl_file={rules}",)
        super().setUpClass()
