"""MQTT over TLS for tests: a client on Python's ssl, one whose records the test carries itself, and ClientHellos made by hand."""

import collections
import os
import socket
import ssl
import struct
import warnings

import harness
import wire
from wire import V311

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
VERSIONS = (TLS_1_2, TLS_1_3)

HANDSHAKE_RECORD, ALERT_RECORD = 22, 21
SERVER_HELLO = 2
MAXIMUM_RECORD_BYTES = 1 << 14

# What a server may take without weakness in TLS 1.2: forward secret and authenticated (RFC 9325, 4.2).
SOUND_SUITES = {
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384", 0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305", 0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
    0x009E: "DHE-RSA-AES128-GCM-SHA256", 0x009F: "DHE-RSA-AES256-GCM-SHA384", 0xCCAA: "DHE-RSA-CHACHA20-POLY1305",
}


def trusting(ca, version=None, alpn=None, client=None):
    """A context that verifies the server by this authority's certificate; `client`: a pair of certificates.py to show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(ca))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if alpn is not None:
        context.set_alpn_protocols(alpn)
    if client is not None:
        context.load_cert_chain(client.chain, client.key)
    return context


def careless(lowest, highest, ciphers="ALL:eNULL:@SECLEVEL=0"):
    """A context that takes whatever the server shows, and offers what nobody should."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = lowest, highest
    return context


class client(wire.client):
    """A connection whose handshake is made. A server name that is an address is verified, and not sent."""

    def __init__(self, port, context, version=V311, server_name="127.0.0.1", session=None, receive_buffer_bytes=None, address="127.0.0.1"):
        super().__init__(port, version, receive_buffer_bytes, address)
        plain = self.socket
        self.local_port = plain.getsockname()[1]
        try:
            self.socket = context.wrap_socket(plain, server_hostname=server_name, session=session)
        except BaseException:
            plain.close()
            raise

    def certificate(self):
        return self.socket.getpeercert(binary_form=True)

    def answer_to(self, client_id, **options):
        """The body of the CONNACK."""
        self.send(wire.connect(client_id, self.version, **options))
        return self.packet(wire.CONNACK).body


def connected(port, client_id, context, version=V311, server_name="127.0.0.1", session=None, receive_buffer_bytes=None, **options):
    """A client whose CONNECT was accepted."""
    opened = client(port, context, version, server_name, session, receive_buffer_bytes)
    answer = opened.answer_to(client_id, **options)
    if answer[1] != 0:
        raise AssertionError(f"CONNECT was refused: {answer.hex()}")
    return opened


# ---- records carried by the test


def connect_plain(port):
    opened = socket.create_connection(("127.0.0.1", port), harness.DEADLINE_S)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def read_to_end(opened):
    """What comes until the server closes, in order or by a reset."""
    received = bytearray()
    until = harness.deadline()
    while True:
        opened.settimeout(max(0.001, harness.left(until)))
        try:
            piece = opened.recv(65536)
        except ConnectionResetError:
            return bytes(received)
        except TimeoutError:
            raise AssertionError(f"the server did not close; it sent {bytes(received[:80]).hex(' ')}") from None
        if not piece:
            return bytes(received)
        received += piece


class by_hand:
    """A connection between which and the server the test stands: it may change, hold back and add bytes."""

    def __init__(self, port, context, server_name="127.0.0.1"):
        self.socket = connect_plain(port)
        self.local_port = self.socket.getsockname()[1]
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def to_send(self):
        return self._outgoing.read()

    def hello(self):
        """The ClientHello, not sent yet."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.to_send()

    def send(self, content):
        self.socket.sendall(content)

    def send_all(self):
        if content := self.to_send():
            self.send(content)

    def read(self):
        """Takes some bytes of the server; False at the end."""
        piece = self.socket.recv(65536)
        self._incoming.write(piece)
        if not piece:
            self._incoming.write_eof()
        return bool(piece)

    def _until_done(self, action):
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self.send_all()
                self.read()

    def shake_hands(self):
        self._until_done(self.tls.do_handshake)
        self.send_all()

    def record(self, content):
        """Bytes of the application as a record, not sent yet."""
        self.tls.write(content)
        return self.to_send()

    def receive(self, size=65536):
        """Bytes of the application; nothing at an end in order."""
        try:
            return self._until_done(lambda: self.tls.read(size))
        except ssl.SSLZeroReturnError:
            return b""

    def failure(self):
        """How the connection ends that the test has broken: the alert, as OpenSSL names it, or "ended" without one."""
        try:
            while self.receive():
                pass
        except ssl.SSLError as error:
            return (error.reason or str(error)).lower()
        except ConnectionResetError:
            pass
        return "ended"


# ---- ClientHellos

hello_answer = collections.namedtuple("hello_answer", "version suite compression alert")  # one of suite and alert is None


def _extension(number, content):
    return struct.pack(">HH", number, len(content)) + content


def _list16(numbers):
    return struct.pack(f">{len(numbers) + 1}H", 2 * len(numbers), *numbers)


def client_hello(suites=tuple(SOUND_SUITES), version=0x0303, compressions=(0,), record_version=0x0301, extensions=b""):
    """The whole record of a hello of TLS 1.2 or below, in which the versions and suites are what the test says."""
    added = (_extension(10, _list16((29, 23, 24))) + _extension(11, b"\1\0")
             + _extension(13, _list16((0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201)))
             + _extension(0xFF01, b"\0") + extensions)
    body = struct.pack(">H", version) + os.urandom(32) + b"\0" + _list16(tuple(suites)) + bytes([len(compressions), *compressions])
    body += struct.pack(">H", len(added)) + added
    return record(HANDSHAKE_RECORD, b"\1" + len(body).to_bytes(3, "big") + body, record_version)


def protocols(*names):
    """The extension that asks for protocols (ALPN, RFC 7301)."""
    listed = b"".join(bytes([len(name)]) + name.encode() for name in names)
    return _extension(16, struct.pack(">H", len(listed)) + listed)


def client_hello_of_1_3(version=0x0303, extensions=b""):
    """One that offers TLS 1.3 alone."""
    extensions += _extension(43, b"\2\3\4") + _extension(51, struct.pack(">HHH", 36, 29, 32) + os.urandom(32)) + _extension(45, b"\1\1")
    return client_hello((0x1301, 0x1302, 0x1303), version, extensions=extensions)


def record(kind, content, version=0x0303, length=None):
    return struct.pack(">BHH", kind, version, len(content) if length is None else length) + content


def records(received):
    """Kind and content of each record that is whole."""
    at, found = 0, []
    while at + 5 <= len(received):
        kind, _, length = struct.unpack_from(">BHH", received, at)
        if at + 5 + length > len(received):
            break
        found.append((kind, received[at + 5 : at + 5 + length]))
        at += 5 + length
    return found


def read_answer(opened):
    """What the server says to a ClientHello: its ServerHello, an alert, or None when it just closes."""
    received, until = bytearray(), harness.deadline()
    while not (found := records(received)):
        opened.settimeout(max(0.001, harness.left(until)))
        try:
            piece = opened.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return None
        received += piece
    kind, content = found[0]
    if kind == ALERT_RECORD:
        return hello_answer(None, None, None, content[1])
    if kind != HANDSHAKE_RECORD or content[0] != SERVER_HELLO:
        raise AssertionError(f"the server answered a ClientHello with {bytes(received[:80]).hex(' ')}")
    version, session_bytes = struct.unpack_from(">H32xB", content, 4)
    suite, compression = struct.unpack_from(">HB", content, 4 + 35 + session_bytes)
    return hello_answer(version, suite, compression, None)


def answer_to(port, hello):
    with connect_plain(port) as opened:
        opened.sendall(hello)
        return read_answer(opened)


# ---- servers


def listener(*shown, name="tcp", **more):
    """Settings of a listener that shows these certificates; `more`: further keys of it."""
    keys = {"transport": "tls", "certificate": ",".join(one.chain for one in shown), "key": ",".join(one.key for one in shown), **more}
    return [f"listeners.{name}.{key}={value}" for key, value in keys.items()]


def handshakes(stats):
    """How many are under way."""
    return stats["handshakes_now"]


def lines_about(server, local_port):
    """The lines of the log about the connection from this port."""
    return [line for line in server.log() if f":{local_port} " in line.replace(",", " ").replace(";", " ")]


def wait_for_one_line(server, local_port):
    """Waits for the line about the connection from this port, and sees that there is no other; gives it."""
    harness.eventually(lambda: server.stats() and lines_about(server, local_port), f"the log has a line about port {local_port}")
    found = lines_about(server, local_port)
    if len(found) != 1:
        raise AssertionError(f"expected one line about a connection, got {found}")
    return found[0]


def told(server, attempt, containing=""):
    """Makes the attempt, which gives the port of a connection that has failed, and gives the one line about it, of those with
    this text. A worker writes about ten failures of TLS a second and counts the others, so that it may take several attempts."""
    found = []

    def is_told():
        port = attempt()
        server.stats()
        found[:] = [line for line in lines_about(server, port) if containing in line]
        if len(found) > 1:
            raise AssertionError(f"expected one line about a connection, got {found}")
        return found

    harness.eventually(is_told, "the log has a line about an attempt")
    return found[0]
