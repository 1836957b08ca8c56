"""MQTT over a plain socket: packets of 3.1.1 and 5 as bytes, what a server sends taken apart, and a client for conversations.

Nothing is hidden: what a test sends is what stands in it, valid or not.
"""

import collections
import socket
import struct

import harness

V311, V5 = 4, 5
VERSIONS = (V311, V5)

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE = range(1, 9)
SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(9, 16)
RETAIN, DUP = 1, 8  # flags of PUBLISH

packet = collections.namedtuple("packet", "type flags body")
message = collections.namedtuple("message", "topic payload qos packet_id dup retain properties")

# How the value of a property is encoded (MQTT 5.0, 2.2.2.2).
PROPERTY_NAMES = {
    0x01: ("payload_format_indicator", "B"), 0x02: ("message_expiry_interval", "I"), 0x03: ("content_type", "s"),
    0x08: ("response_topic", "s"), 0x09: ("correlation_data", "b"), 0x0B: ("subscription_identifier", "v"),
    0x11: ("session_expiry_interval", "I"), 0x12: ("assigned_client_identifier", "s"), 0x13: ("server_keep_alive", "H"),
    0x15: ("authentication_method", "s"), 0x16: ("authentication_data", "b"), 0x17: ("request_problem_information", "B"), 0x18: ("will_delay_interval", "I"),
    0x19: ("request_response_information", "B"), 0x1A: ("response_information", "s"), 0x1C: ("server_reference", "s"),
    0x1F: ("reason_string", "s"), 0x21: ("receive_maximum", "H"), 0x22: ("topic_alias_maximum", "H"), 0x23: ("topic_alias", "H"),
    0x24: ("maximum_qos", "B"), 0x25: ("retain_available", "B"), 0x26: ("user_property", "ss"), 0x27: ("maximum_packet_size", "I"),
    0x28: ("wildcard_subscription_available", "B"), 0x29: ("subscription_identifier_available", "B"),
    0x2A: ("shared_subscription_available", "B"),
}
PROPERTY_IDS = {name: (number, kind) for number, (name, kind) in PROPERTY_NAMES.items()}


# ---- encoding


def variable(number):
    encoded = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        encoded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(encoded)


def data(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(value)) + value


def frame(first_byte, body):
    return bytes([first_byte]) + variable(len(body)) + body


def properties(pairs=(), version=V5):
    """Name and value pairs with their length before them; nothing in 3.1.1. A user property's value is a pair."""
    if version == V311:
        return b""
    encoded = b""
    for name, value in pairs:
        number, kind = PROPERTY_IDS[name]
        encoded += bytes([number])
        if kind in "BHI":
            encoded += struct.pack(">" + kind, value)
        elif kind == "v":
            encoded += variable(value)
        else:
            encoded += data(value[0]) + data(value[1]) if kind == "ss" else data(value)
    return variable(len(encoded)) + encoded


def connect(client_id, version=V311, clean=True, keep_alive_s=0, pairs=(), level=None, name="MQTT", flags=0, rest=b""):
    """`rest` stands behind the client id: a will, user name, password, which the flags must announce."""
    header = data(name) + bytes([version if level is None else level, flags | (2 if clean else 0)])
    return frame(0x10, header + struct.pack(">H", keep_alive_s) + properties(pairs, version) + data(client_id) + rest)


def publish(topic, payload=b"", version=V311, qos=0, packet_id=0, pairs=(), flags=0):
    payload = payload.encode() if isinstance(payload, str) else payload
    identifier = struct.pack(">H", packet_id) if qos else b""
    return frame(0x30 | qos << 1 | flags, data(topic) + identifier + properties(pairs, version) + payload)


def puback(packet_id):
    return frame(0x40, struct.pack(">H", packet_id))


def pubrec(packet_id):
    return frame(0x50, struct.pack(">H", packet_id))


def pubrel(packet_id):
    return frame(0x62, struct.pack(">H", packet_id))


def pubcomp(packet_id):
    return frame(0x70, struct.pack(">H", packet_id))


def subscribe(packet_id, filters, version=V311, pairs=()):
    """`filters`: pairs of a filter and its options byte, or one filter for QoS 0."""
    filters = [(filters, 0)] if isinstance(filters, str) else filters
    body = b"".join(data(text) + bytes([options]) for text, options in filters)
    return frame(0x82, struct.pack(">H", packet_id) + properties(pairs, version) + body)


def unsubscribe(packet_id, filters, version=V311, pairs=()):
    return frame(0xA2, struct.pack(">H", packet_id) + properties(pairs, version) + b"".join(map(data, filters)))


PING = frame(0xC0, b"")


def goodbye():
    return frame(0xE0, b"")


# ---- decoding


class cursor:
    """Reads fields one after the other; reaching past the end is an error of the server under test."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, size):
        if self.at + size > len(self.body):
            raise AssertionError(f"a field reaches past the end of {self.body.hex()}")
        self.at += size
        return self.body[self.at - size : self.at]

    def number(self, kind):
        return struct.unpack(">" + kind, self.take(struct.calcsize(">" + kind)))[0]

    def variable(self):
        value = shift = 0
        while True:
            byte = self.number("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def data(self):
        return self.take(self.number("H"))

    def rest(self):
        return self.take(len(self.body) - self.at)

    def properties(self):
        """Pairs of name and value, in their order."""
        inner = cursor(self.take(self.variable()))
        found = []
        while inner.at < len(inner.body):
            name, kind = PROPERTY_NAMES[inner.number("B")]
            if kind in "BHI":
                value = inner.number(kind)
            elif kind == "v":
                value = inner.variable()
            elif kind == "ss":
                value = (inner.data().decode(), inner.data().decode())
            else:
                value = inner.data() if kind == "b" else inner.data().decode()
            found.append((name, value))
        return found


def split_packet(received):
    """The first whole packet of a bytearray, taken out of it; None while it is incomplete."""
    length = shift = 0
    for at in range(1, 5):
        if at >= len(received):
            return None
        length |= (received[at] & 0x7F) << shift
        shift += 7
        if received[at] < 0x80:
            break
    else:
        raise AssertionError(f"the server sent a Remaining Length that is none: {received[:8].hex()}")
    end = at + 1 + length
    if len(received) < end:
        return None
    found = packet(received[0] >> 4, received[0] & 0xF, bytes(received[at + 1 : end]))
    del received[:end]
    return found


def as_message(found, version=V311):
    """A PUBLISH taken apart."""
    if found.type != PUBLISH:
        raise AssertionError(f"expected a PUBLISH, got {found}")
    fields = cursor(found.body)
    topic, qos = fields.data().decode(), found.flags >> 1 & 3
    packet_id = fields.number("H") if qos else 0
    pairs = fields.properties() if version == V5 else []
    return message(topic, fields.rest(), qos, packet_id, bool(found.flags & 8), bool(found.flags & 1), pairs)


# ---- a client


class client:
    """One connection. Whatever it waits for has the deadline of the harness."""

    def __init__(self, port, version=V311, receive_buffer_bytes=None, address="127.0.0.1"):
        self.version = version
        self.socket = socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(harness.DEADLINE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect((address, port))
        self._received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, content):
        """Bytes, or hexadecimal digits with spaces where they help."""
        self.socket.settimeout(harness.DEADLINE_S)
        self.socket.sendall(bytes.fromhex(content) if isinstance(content, str) else content)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _receive_more(self, until, waited_for):
        """False at the end of the stream."""
        self.socket.settimeout(max(0.001, harness.left(until)))
        try:
            piece = self.socket.recv(256 * 1024)
        except TimeoutError:
            raise AssertionError(f"{waited_for} did not come in time; so far: {bytes(self._received[:80]).hex(' ')}") from None
        self._received += piece
        return bool(piece)

    def expect(self, content):
        """Exactly these bytes come next; bytes or hexadecimal digits."""
        wanted, until = bytes.fromhex(content) if isinstance(content, str) else content, harness.deadline()
        shown = wanted[:80].hex(" ")
        while len(self._received) < len(wanted):
            if not self._receive_more(until, shown):
                raise AssertionError(f"closed instead of {shown}; got {bytes(self._received[:80]).hex(' ')}")
        if self._received[: len(wanted)] != wanted:
            raise AssertionError(f"expected {shown}, got {bytes(self._received[:80]).hex(' ')}")
        del self._received[: len(wanted)]

    def packet(self, *types):
        """The next packet, of one of the types where given; None at the end of the stream, if no type is."""
        until = harness.deadline()
        while (found := split_packet(self._received)) is None:
            if self._receive_more(until, "a whole packet"):
                continue
            if types or self._received:
                raise AssertionError(f"closed instead of packet type {types}; left: {bytes(self._received).hex(' ')}")
            return None
        if types and found.type not in types:
            raise AssertionError(f"expected packet type {types}, got {found}")
        return found

    def message(self, version=None):
        return as_message(self.packet(PUBLISH), version or self.version)

    def expect_closed(self):
        """Nothing more comes, and the server has closed its side."""
        found = self.packet()
        if found is not None:
            raise AssertionError(f"expected the connection to be closed, got {found}")

    def expect_closed_or_reset(self):
        """The server closed without having read what was sent, which the kernel may turn into a reset."""
        try:
            self.expect_closed()
        except ConnectionResetError:
            pass

    def expect_disconnect(self, reason):
        """In MQTT 5 a DISCONNECT with this reason, then the end; in 3.1.1 just the end."""
        if self.version == V5:
            found = self.packet(DISCONNECT)
            if found.body[:1] != bytes([reason]):
                raise AssertionError(f"expected DISCONNECT with 0x{reason:02x}, got {found}")
        self.expect_closed()

    def subscribe(self, *filters, qos=0, packet_id=1):
        self.send(subscribe(packet_id, [(text, qos) for text in filters], self.version))
        return self.packet(SUBACK)

    def ping(self):
        """A round trip: what was sent before is done, and what the server sent before has come."""
        self.send(PING)
        self.packet(PINGRESP)


def connected(port, client_id, version=V311, receive_buffer_bytes=None, **options):
    """A client whose CONNECT was accepted."""
    opened = client(port, version, receive_buffer_bytes)
    opened.send(connect(client_id, version, **options))
    answer = opened.packet(CONNACK)
    if answer.body[1] != 0:
        raise AssertionError(f"CONNECT was refused: {answer}")
    return opened
