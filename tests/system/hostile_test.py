"""Everything that can be wrong with bytes, thrown at the server on many connections at once: random bytes, every truncation and
every single-bit flip of valid packets. Only the client that sends them is closed, while another one works on undisturbed.
"""

import os
import random
import re
import selectors
import socket
import struct
import threading
import time
import unittest

import harness
import wire
from wire import V5, V311

AT_ONCE = 100
LOG_LINE = re.compile(
    r"^\S+ (info client '[^']*' at 127\.0\.0\.1:\d+ (connected: MQTT |has (disconnected|gone) after )"
    r"|warning client '[^']*' at 127\.0\.0\.1:\d+ has disconnected after \d+ s: it says '"
    r"|warning (a client|client '[^']*') at 127\.0\.0\.1:\d+ was (refused|closed after \d+ s): \S.* \([A-Z][\w ]+\)(; \w.*)?$"
    r"|(info|warning) client '[^']*' at 127\.0\.0\.1:\d+ was closed after \d+ s: another connection came "
    r"|(info|warning) \d+ lines about clients were left out in the last )"
)
LINES_A_SECOND = 100  # of each worker

FORWARDED = [
    ("payload_format_indicator", 1), ("message_expiry_interval", 60), ("content_type", "t"), ("response_topic", "evil/r"),
    ("correlation_data", b"\1\2"), ("user_property", ("k", "v")),
]


def valid_packets(version):
    """Name and bytes of packets that are right after CONNECT."""
    user = [("user_property", ("k", "v"))]
    return [
        ("PUBLISH, QoS 0", wire.publish("evil/topic", "payload", version, pairs=FORWARDED)),
        ("PUBLISH, QoS 1", wire.publish("evil/topic", "payload", version, qos=1, packet_id=0x0102, pairs=FORWARDED)),
        ("PUBLISH, QoS 2 and RETAIN", wire.publish("evil/topic", "payload", version, qos=2, packet_id=0x0102, pairs=FORWARDED, flags=1)),
        ("PUBACK", wire.puback(0x0102)),
        ("PUBREC", wire.pubrec(0x0102)),
        ("PUBREL", wire.pubrel(0x0102)),
        ("PUBCOMP", wire.pubcomp(0x0102)),
        ("PUBACK with reason", wire.frame(0x40, b"\1\2\x10" + wire.properties(user)) if version == V5 else wire.puback(1)),
        ("PUBLISH with an alias", wire.publish("evil/topic", "x", version, pairs=[("topic_alias", 9)])),
        ("SUBSCRIBE", wire.subscribe(0x0102, [("evil/+/x", 1), ("evil/y/#", 0), ("$share/g/evil", 2)], version, [*user, ("subscription_identifier", 200)])),
        ("UNSUBSCRIBE", wire.unsubscribe(0x0102, ["evil/+/x", "evil/y"], version, user)),
        ("PINGREQ", wire.PING),
        ("DISCONNECT", wire.frame(0xE0, b"\0" + wire.properties([*user, ("reason_string", "x")])) if version == V5 else wire.goodbye()),
    ]


def valid_connects(version):
    credentials = wire.data("user") + wire.data("password")
    pairs = [("session_expiry_interval", 9), ("receive_maximum", 9), ("maximum_packet_size", 9999), ("user_property", ("k", "v"))]
    will = wire.properties([("content_type", "t"), ("will_delay_interval", 1)], version) + wire.data("evil/will") + wire.data("gone")
    return [
        ("CONNECT", wire.connect("evil-client", version, keep_alive_s=60, pairs=pairs, flags=0xC0, rest=credentials)),
        ("CONNECT with a will", wire.connect("evil-client", version, flags=0x2C, rest=will)),
        ("CONNECT without Clean Session", wire.connect("evil-kept", version, clean=False, pairs=[*pairs, ("topic_alias_maximum", 9)])),
    ]


def truncations(content):
    """Every beginning of the packet, as it is and with a Remaining Length that fits it."""
    header = 2  # all of these packets are shorter than 128 bytes
    assert len(content) < 128 + header
    for size in range(1, len(content)):
        yield content[:size]
        if size >= header:
            yield content[:1] + bytes([size - header]) + content[header:size]


def flips(content):
    for at in range(len(content)):
        for bit in range(8):
            yield content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


class attack:
    """One connection: sends everything and closes its side, then reads to the end what the server has to say."""

    def __init__(self, port, content):
        self.content, self.received = content, bytearray()
        self.socket = socket.create_connection(("127.0.0.1", port), harness.DEADLINE_S)
        self.socket.sendall(content)
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.setblocking(False)

    def read(self):
        """False at the end."""
        piece = self.socket.recv(65536)
        self.received += piece
        return bool(piece)

    def packets(self):
        """What the server sent: nothing but whole packets that a server may send."""
        rest, found = bytearray(self.received), []
        while (packet := wire.split_packet(rest)) is not None:
            found.append(packet)
        if rest:
            raise AssertionError(f"after {self.content.hex()} the server sent half a packet: {rest.hex()}")
        allowed = (wire.CONNACK, wire.PUBLISH, wire.PUBACK, wire.PUBREC, wire.PUBREL, wire.PUBCOMP, wire.SUBACK, wire.UNSUBACK, wire.PINGRESP,
                   wire.DISCONNECT)
        if any(packet.type not in allowed for packet in found):
            raise AssertionError(f"after {self.content.hex()} the server sent {found}")
        return found


def attack_all(port, contents):
    """Makes all attacks, many at once; gives the ended ones."""
    contents, ended = iter(contents), []
    with selectors.DefaultSelector() as selector:

        def begin():
            content = next(contents, None)
            if content is not None:
                opened = attack(port, content)
                selector.register(opened.socket, selectors.EVENT_READ, opened)

        for _ in range(AT_ONCE):
            begin()
        while selector.get_map():
            ready = selector.select(harness.DEADLINE_S)
            if not ready:
                waiting = next(iter(selector.get_map().values())).data
                raise AssertionError(f"the server did not close a client within {harness.DEADLINE_S} s that sent {waiting.content.hex()}")
            for key, _ in ready:
                if not key.data.read():
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    ended.append(key.data)
                    begin()
    return ended


class good_client(threading.Thread):
    """Publishes to itself with QoS 1, message after message, until stop(); the first thing that goes wrong is kept."""

    def __init__(self, port, version):
        super().__init__(daemon=True)
        self.client = wire.connected(port, f"good-{version}", version, keep_alive_s=60)
        self.client.subscribe(f"good/{version}", qos=1)
        self.topic, self.version = f"good/{version}", version
        self.round_trips, self.error = 0, None
        self.stopping, self.made_one = threading.Event(), threading.Condition()

    def run(self):
        try:
            while not self.stopping.is_set():
                self.round_trip()
        except BaseException as error:  # shown by stop()
            with self.made_one:
                self.error = error
                self.made_one.notify_all()

    def round_trip(self):
        payload = b"%d" % self.round_trips
        self.client.send(wire.publish(self.topic, payload, self.version, qos=1, packet_id=self.round_trips % 60_000 + 1))
        for _ in range(2):
            found = self.client.packet(wire.PUBLISH, wire.PUBACK)
            if found.type == wire.PUBLISH:
                message = wire.as_message(found, self.version)
                if message.payload != payload:
                    raise AssertionError(f"expected message {payload}, got {message}")
                self.client.send(wire.puback(message.packet_id))
        with self.made_one:
            self.round_trips += 1
            self.made_one.notify_all()

    def go_on(self, count):
        """Waits until it has made so many more round trips."""
        with self.made_one:
            wanted = self.round_trips + count
            going = self.made_one.wait_for(lambda: self.error or self.round_trips >= wanted, harness.DEADLINE_S)
        if not going:
            raise AssertionError(f"a well-behaved client made no {count} round trips within {harness.DEADLINE_S} s")

    def stop(self):
        self.stopping.set()
        self.join(harness.DEADLINE_S)
        self.client.socket.close()
        if self.error is not None:
            raise self.error


class hostile(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)
        self.good = [good_client(self.server.port, version) for version in wire.VERSIONS]
        for client in self.good:
            client.start()
        self.began = time.monotonic()
        self.connects = 0

    def connect(self, version):
        """Every connection has a client id of its own, so that none takes another one's session over."""
        self.connects += 1
        return wire.connect(f"evil-{self.connects}", version)

    def judge(self):
        """The others went on, the log was not flooded, and its lines say who and why."""
        for client in self.good:
            client.go_on(10)
            client.stop()
        stats = self.server.wait_for(lambda stats: stats["clients"] == 0, "clients that were closed are still counted")
        seconds = time.monotonic() - self.began
        lines = self.server.log()
        self.assertLessEqual(len(lines), LINES_A_SECOND * self.server.workers * (seconds + 2), f"{len(lines)} lines in {seconds:.1f} s")
        for line in lines:
            self.assertRegex(line, LOG_LINE)
        print(f"{stats['connections_accepted']} connections, {stats['refused_malformed']} malformed, {stats['refused_connects']} CONNECTs refused,"
              f" {len(lines)} log lines, {sum(client.round_trips for client in self.good)} round trips in {seconds:.1f} s ", end="", flush=True)
        return stats

    def expect_counted(self, ended, version):
        """In MQTT 5 the client is told why: as many DISCONNECTs as the counter says, and at least one log line."""
        told = sum(found.type == wire.DISCONNECT for attacked in ended for found in attacked.packets())
        stats = self.judge()
        self.assertGreater(stats["refused_malformed"], len(ended) / 20)
        if version == V5:
            self.assertEqual(stats["refused_malformed"], told)
        else:
            self.assertEqual(0, told)
        warnings = [line for line in self.server.wait_for_line(" warning client ") if " warning client " in line]
        for line in warnings:
            self.assertIn(" client 'evil-", line)

    def after_connect(self, change, version):
        contents = (self.connect(version) + changed + wire.PING for _, valid in valid_packets(version) for changed in change(valid))
        ended = attack_all(self.server.port, contents)
        for attacked in ended:
            found = attacked.packets()
            self.assertEqual((wire.CONNACK, b"\0\0"), (found[0].type, found[0].body[:2]), attacked.content.hex())
        self.expect_counted(ended, version)

    def test_truncated_packets_of_3_1_1(self):
        self.after_connect(truncations, V311)

    def test_truncated_packets_of_5(self):
        self.after_connect(truncations, V5)

    def test_flipped_bits_in_packets_of_3_1_1(self):
        self.after_connect(flips, V311)

    def test_flipped_bits_in_packets_of_5(self):
        self.after_connect(flips, V5)

    def test_connects(self):
        changed = [
            content
            for version in wire.VERSIONS
            for _, valid in valid_connects(version)
            for change in (truncations, flips)
            for content in change(valid)
        ]
        for attacked in attack_all(self.server.port, changed):
            found = attacked.packets()
            self.assertLessEqual([packet.type for packet in found[:1]], [wire.CONNACK], attacked.content.hex())
        stats = self.judge()
        self.assertGreater(stats["refused_connects"] + stats["refused_malformed"], len(changed) / 4)

    def test_random_bytes(self):
        seed = int.from_bytes(os.urandom(4), "big")
        chance = random.Random(seed)
        print(f"seed {seed} ", end="", flush=True)
        contents = []
        for n in range(1500):
            noise = chance.randbytes(chance.choice((1, 2, 5, 20, 100, 1000, 70_000 if n % 50 == 0 else 9)))
            if n % 3:  # behind a valid CONNECT, and made to look like a whole packet every other time
                version = wire.VERSIONS[n % 2]
                body = noise[:5000]
                noise = self.connect(version) + (wire.frame(body[0], body[1:]) if n % 4 < 2 else noise)
            contents.append(noise)
        for attacked in attack_all(self.server.port, contents):
            attacked.packets()
        stats = self.judge()
        self.assertGreater(stats["refused_malformed"], len(contents) / 4)

    def test_who_resets_its_connection_disturbs_nobody(self):
        for n in range(500):
            opened = socket.create_connection(("127.0.0.1", self.server.port), harness.DEADLINE_S)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            version = wire.VERSIONS[n % 2]
            opened.sendall(self.connect(version) + wire.subscribe(1, [("good/#", 1)], version) + wire.PING[: n % 3])
            opened.close()
        stats = self.judge()
        self.assertEqual(502, stats["connections_accepted"])


if __name__ == "__main__":
    harness.main()
