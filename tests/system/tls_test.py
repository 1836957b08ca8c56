"""MQTT over TLS as clients that do everything right meet it: versions, names, protocols, resumption, large messages, slow readers."""

import pathlib
import ssl
import tempfile
import unittest

import certificates
import harness
import tls
import wire
from wire import V5

made = {}


def setUpModule():
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
    unittest.addModuleCleanup(directory.cleanup)
    root = certificates.authority(directory.name, "root")
    between = root.authority("between")
    made.update(
        directory=directory.name, root=root, between=between,
        server=between.issue("server", ["DNS:server.example", "IP:127.0.0.1"]),
        rsa=between.issue("rsa", ["DNS:server.example", "IP:127.0.0.1"], algorithm="rsa"),
        other=root.issue("other", ["DNS:other.example", "DNS:*.many.example"]),
    )


def trusting(**options):
    return tls.trusting(made["root"].certificate, **options)


class versions(unittest.TestCase):
    def test_each_version_of_mqtt_over_each_version_of_tls(self):
        for key in ("server", "rsa"):
            server = harness.start(self, *tls.listener(made[key]))
            for version in tls.VERSIONS:
                for mqtt in wire.VERSIONS:
                    with self.subTest(key=key, tls=version.name, mqtt=mqtt), tls.connected(server.port, "c", trusting(version=version), mqtt) as client:
                        self.assertEqual(version.name, client.socket.version().replace(".", "_"))
                        client.subscribe("t/#", qos=2)
                        for qos in (0, 1):
                            client.send(wire.publish(f"t/{qos}", f"payload {qos}", mqtt, qos=qos, packet_id=7))
                            found = {packet.type: packet for packet in (client.packet(wire.PUBLISH, wire.PUBACK) for _ in range(1 + qos))}
                            message = wire.as_message(found[wire.PUBLISH], mqtt)
                            self.assertEqual((f"t/{qos}", f"payload {qos}".encode(), qos), message[:3])
                        client.ping()

    def test_plain_and_tls_listeners_beside_each_other(self):
        server = harness.start(self, *tls.listener(made["server"], name="safe", port=0))
        with wire.connected(server.port, "plain", V5) as plain, tls.connected(server.port_of("safe"), "safe", trusting()) as safe:
            safe.subscribe("t")
            plain.send(wire.publish("t", "from the plain side", V5))
            self.assertEqual(b"from the plain side", safe.message().payload)
            plain.subscribe("u")
            safe.send(wire.publish("u", "from the safe side"))
            self.assertEqual(b"from the safe side", plain.message().payload)

    def test_the_least_version_is_the_listeners(self):
        server = harness.start(self, *tls.listener(made["server"], tls_version="1.3"))
        tls.connected(server.port, "new", trusting(version=tls.TLS_1_3)).socket.close()
        with self.assertRaises(ssl.SSLError) as refused:
            tls.connected(server.port, "old", trusting(version=tls.TLS_1_2))
        self.assertIn("PROTOCOL_VERSION", str(refused.exception.reason))

    def test_the_ciphers_of_1_2_are_the_listeners(self):
        server = harness.start(self, *tls.listener(made["server"], tls_ciphers="ECDHE-ECDSA-CHACHA20-POLY1305"))
        with tls.connected(server.port, "a", trusting(version=tls.TLS_1_2)) as client:
            self.assertEqual("ECDHE-ECDSA-CHACHA20-POLY1305", client.socket.cipher()[0])
        context = trusting(version=tls.TLS_1_2)
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        with self.assertRaises(ssl.SSLError):
            tls.connected(server.port, "b", context)

    def test_ends_in_order_are_told_to_tls_as_well(self):
        server = harness.start(self, *tls.listener(made["server"]))
        for version in tls.VERSIONS:
            for mqtt in wire.VERSIONS:
                with self.subTest(tls=version.name, mqtt=mqtt), tls.by_hand(server.port, trusting(version=version)) as client:
                    client.shake_hands()
                    client.send(client.record(wire.connect("c", mqtt) + wire.goodbye()))
                    content = bytearray()
                    while piece := client.receive():  # an end without close_notify raises
                        content += piece
                    self.assertEqual(wire.CONNACK, content[0] >> 4)
                with tls.connected(server.port, "older", trusting(version=version), mqtt) as older:
                    with tls.connected(server.port, "older", trusting(version=version), mqtt):
                        older.expect_disconnect(0x8E)


class names(unittest.TestCase):
    def shown(self, server, name, check=True):
        context = trusting()
        context.check_hostname = check
        with tls.connected(server.port, "c", context, server_name=name) as client:
            return client.certificate()

    def test_the_name_that_a_client_asks_for_chooses(self):
        server = harness.start(self, *tls.listener(made["server"], made["other"]))
        first, other = (ssl.PEM_cert_to_DER_cert(pathlib.Path(made[key].certificate).read_text(encoding="utf-8")) for key in ("server", "other"))
        for name, check, expected in (
            ("server.example", True, first), ("other.example", True, other), ("x.many.example", True, other), ("OTHER.example", False, other),
            ("unknown.example", False, first), ("a.b.many.example", False, first), ("127.0.0.1", True, first), (None, False, first),
        ):
            with self.subTest(name):
                self.assertEqual(expected, self.shown(server, name, check))

    def test_a_client_may_name_the_protocol_and_no_other_one(self):
        server = harness.start(self, *tls.listener(made["server"]))
        for version in tls.VERSIONS:
            for offered, expected in ((["mqtt"], "mqtt"), (["http/1.1", "mqtt"], "mqtt"), (None, None)):
                with self.subTest(version=version.name, offered=offered), tls.connected(server.port, "c", trusting(version=version, alpn=offered)) as client:
                    self.assertEqual(expected, client.socket.selected_alpn_protocol())
                    client.ping()
        for hello in (tls.client_hello(extensions=tls.protocols("http/1.1", "mqtts")), tls.client_hello_of_1_3(extensions=tls.protocols("h2"))):
            with tls.connect_plain(server.port) as client:
                client.sendall(hello)
                self.assertEqual(120, tls.read_answer(client).alert)  # no_application_protocol (RFC 7301, 3.2)
                self.assertIn("ALPN", tls.wait_for_one_line(server, client.getsockname()[1]))


class resumption(unittest.TestCase):
    def test_a_session_is_taken_up_again_by_every_worker(self):
        server = harness.start(self, *tls.listener(made["server"]))
        for version in tls.VERSIONS:
            with self.subTest(version=version.name):
                context = trusting(version=version)
                with tls.connected(server.port, "first", context) as first:
                    self.assertFalse(first.socket.session_reused)
                    first.ping()
                    session = first.socket.session
                self.assertTrue(session.has_ticket)
                for n in range(12):
                    with tls.connected(server.port, f"again-{n}", context, session=session) as again:
                        self.assertTrue(again.socket.session_reused, f"resumption {n}")
                        again.subscribe("t")
                        again.send(wire.publish("t", "x"))
                        self.assertEqual(b"x", again.message().payload)
                        session = again.socket.session

    def test_a_ticket_of_another_server_makes_a_full_handshake(self):
        one, another = (harness.start(self, *tls.listener(made["server"])) for _ in range(2))
        for version in tls.VERSIONS:
            with self.subTest(version=version.name):
                context = trusting(version=version)
                with tls.connected(one.port, "first", context) as first:
                    first.ping()
                    session = first.socket.session
                with tls.connected(another.port, "second", context, session=session) as second:
                    self.assertFalse(second.socket.session_reused)
                    second.ping()


class sizes(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self, *tls.listener(made["server"]))

    def test_large_messages_in_both_directions(self):
        for version in tls.VERSIONS:
            for mqtt in wire.VERSIONS:
                with self.subTest(tls=version.name, mqtt=mqtt), tls.connected(self.server.port, "c", trusting(version=version), mqtt) as client:
                    client.subscribe("t", qos=1)
                    for size in (1, 16_383, 16_384, 16_385, 100_000, 1_000_000):
                        content = (b"%08d" % size) * (size // 8 + 1)
                        client.send(wire.publish("t", content, mqtt, qos=1, packet_id=1))
                        for _ in range(2):
                            found = client.packet(wire.PUBLISH, wire.PUBACK)
                            if found.type == wire.PUBLISH:
                                message = wire.as_message(found, mqtt)
                                self.assertEqual(content, message.payload)
                                client.send(wire.puback(message.packet_id))

    def test_a_byte_a_record(self):
        for version in tls.VERSIONS:
            with tls.by_hand(self.server.port, trusting(version=version)) as client:
                client.shake_hands()
                received = bytearray()
                for content, answers in ((wire.connect("bytes") + wire.subscribe(1, "t"), (wire.CONNACK, wire.SUBACK)),
                                         (wire.publish("t", "x" * 300), (wire.PUBLISH,))):
                    client.send(b"".join(client.record(content[n : n + 1]) for n in range(len(content))))
                    for answer in answers:
                        while (found := wire.split_packet(received)) is None:
                            received += client.receive()
                        self.assertEqual(answer, found.type)

    def test_everything_comes_to_a_subscriber_that_did_not_read_for_a_long_time(self):
        count, payload = 3000, b"." * 8192
        context = trusting()
        with tls.connected(self.server.port, "lazy", context, receive_buffer_bytes=65536, clean=False) as lazy:
            lazy.subscribe("t", qos=1)
            with tls.connected(self.server.port, "p", context) as publisher, tls.connected(self.server.port, "other", context) as other:
                other.subscribe("other")
                for first in range(0, count, 100):
                    numbers = range(first, first + 100)
                    publisher.send(b"".join(wire.publish("t", b"%08d" % n + payload, qos=1, packet_id=n + 1) for n in numbers))
                    for _ in numbers:
                        publisher.packet(wire.PUBACK)
                    publisher.send(wire.publish("other", b"%d" % first))
                    self.assertEqual(b"%d" % first, other.message().payload)
            self.server.wait_for(lambda stats: stats["waiting"] == 1, "it does not wait")
            for n in range(count):
                message = lazy.message()
                self.assertEqual(b"%08d" % n, message.payload[:8])
                self.assertEqual(8200, len(message.payload))
                lazy.send(wire.puback(message.packet_id))
            lazy.ping()


class crowds(unittest.TestCase):
    def test_many_clients_come_and_go_and_leave_nothing(self):
        server = harness.start(self, *tls.listener(made["server"]))
        context = trusting()

        def come_and_go(n):
            def run():
                for turn in range(10):
                    with tls.connected(server.port, f"c{n}-{turn}", context, wire.VERSIONS[turn % 2]) as client:
                        client.subscribe(f"t/{n}")
                        client.send(wire.publish(f"t/{n}", "x", client.version))
                        client.message()
                        if turn % 3 == 0:
                            client.send(wire.goodbye())
                            client.expect_closed()

            return run

        harness.in_parallel([come_and_go(n) for n in range(8)])
        server.wait_for(lambda stats: stats["clients"] == 0, "clients that have gone are still counted")
        before = server.descriptors()
        harness.in_parallel([come_and_go(n) for n in range(8)])
        server.wait_for(lambda stats: stats["clients"] == 0, "clients that have gone are still counted")
        harness.eventually(lambda: server.stats() and server.descriptors() <= before, f"the descriptors are back to {before}")


if __name__ == "__main__":
    harness.main()
