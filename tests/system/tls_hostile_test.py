"""What can go wrong with a TLS connection: silence at every stage, garbage, records too large, another protocol, renegotiation. Each
ends clearly, with one line in the log, disturbs nobody, and leaves nothing behind."""

import os
import random
import socket
import struct
import subprocess
import tempfile
import time
import unittest

import certificates
import harness
import tls
import wire
from wire import V5

made = {}
CONNECT_TIMEOUT_S = 2


def setUpModule():
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
    unittest.addModuleCleanup(directory.cleanup)
    root = certificates.authority(directory.name, "root")
    made.update(root=root, server=root.issue("server", ["IP:127.0.0.1"]))


def trusting(**options):
    return tls.trusting(made["root"].certificate, **options)


class tls_case(unittest.TestCase):
    settings = ()

    def setUp(self):
        self.server = harness.start(self, *tls.listener(made["server"]), *self.settings)
        self.good = tls.connected(self.server.port, "good", trusting(), V5)
        self.addCleanup(self.good.socket.close)
        self.good.subscribe("good")

    def expect_undisturbed(self):
        """The connected client goes on, new ones come in, and nothing is under way that nobody waits for."""
        self.good.send(wire.publish("good", "x", V5))
        self.assertEqual(b"x", self.good.message().payload)
        with tls.connected(self.server.port, "new", trusting()) as new:
            new.ping()
        self.server.wait_for(lambda stats: stats["clients"] == 1 and tls.handshakes(stats) == 0, "all others have gone")

    def expect_nothing_left(self, attack, rounds=3):
        """After one round to warm up, further ones leave no descriptor and no memory."""
        attack()
        self.server.wait_for(lambda stats: stats["clients"] == 1 and tls.handshakes(stats) == 0, "all others have gone")
        descriptors, memory = self.server.descriptors(), self.server.memory_bytes()
        for _ in range(rounds):
            attack()
        self.expect_undisturbed()
        harness.eventually(lambda: self.server.stats() and self.server.descriptors() <= descriptors, f"the descriptors are back to {descriptors}")
        if not harness.is_sanitized():
            self.assertLess(self.server.memory_bytes() - memory, 4 << 20)


class silence(tls_case):
    settings = (f"limits.connect_timeout_s={CONNECT_TIMEOUT_S}",)

    def stages(self):
        """Connections that fall silent: what was done, and the socket."""
        hello = tls.client_hello()
        for name, content in (("nothing", b""), ("a byte", hello[:1]), ("the header of a record", hello[:5]), ("half a hello", hello[: len(hello) // 2])):
            opened = tls.connect_plain(self.server.port)
            opened.sendall(content)
            yield name, opened
        for name, content in (("until the hello of 1.2", hello), ("until the hello of 1.3", tls.client_hello_of_1_3())):
            opened = tls.connect_plain(self.server.port)
            opened.sendall(content)
            self.assertIsNone(tls.read_answer(opened).alert)
            yield name, opened
        for version in tls.VERSIONS:
            for name, content in (("no CONNECT", b""), ("half a CONNECT", wire.connect("half")[:5])):
                opened = tls.by_hand(self.server.port, trusting(version=version))
                opened.shake_hands()
                if content:
                    opened.send(opened.record(content))
                yield f"{name} over {version.name}", opened.socket

    def test_whoever_stops_half_way_is_closed_in_time_with_a_line(self):
        began = time.monotonic()
        silent = list(self.stages())
        for name, opened in silent:
            with self.subTest(name):
                port = opened.getsockname()[1]
                tls.read_to_end(opened)
                opened.close()
                tls.wait_for_one_line(self.server, port)
        self.assertGreaterEqual(time.monotonic() - began, CONNECT_TIMEOUT_S * 0.9)
        self.assertEqual(len(silent), self.server.stats()["connect_timeouts"])
        self.expect_undisturbed()

    def test_whoever_sends_a_byte_now_and_then_is_closed_as_well(self):
        with tls.connect_plain(self.server.port) as slow:
            slow.settimeout(0.1)
            began = time.monotonic()
            for byte in tls.client_hello():
                try:
                    slow.sendall(bytes([byte]))
                    if not slow.recv(100):
                        break
                except TimeoutError:
                    pass
                except OSError:
                    break
            self.assertLess(time.monotonic() - began, CONNECT_TIMEOUT_S + 5)

    def test_who_goes_half_way_leaves_nothing(self):
        def attack():
            for _ in range(10):
                for _, opened in self.stages():
                    opened.close()

        self.expect_nothing_left(attack)

    def test_a_storm_of_silent_ones_does_not_keep_others_out(self):
        contents = (b"", tls.client_hello()[:40], tls.client_hello(), tls.client_hello_of_1_3())
        storm = []
        for n in range(300):
            opened = tls.connect_plain(self.server.port)
            opened.sendall(contents[n % len(contents)])
            storm.append(opened)
            if n % 50 == 0:
                began = time.monotonic()
                with tls.connected(self.server.port, f"amid-{n}", trusting()) as client:
                    client.ping()
                self.assertLess(time.monotonic() - began, CONNECT_TIMEOUT_S)
        self.expect_undisturbed_amid()
        for opened in storm:
            tls.read_to_end(opened)
            opened.close()
        self.expect_undisturbed()

    def expect_undisturbed_amid(self):
        self.good.ping()
        with tls.connected(self.server.port, "late", trusting()) as client:
            client.ping()


class garbage(tls_case):
    def expect_end(self, content, words, server=None):
        """These bytes first end the connection with one line that says what was wrong."""
        server = server or self.server

        def attempt():
            with tls.connect_plain(server.port) as opened:
                opened.sendall(content)
                tls.read_to_end(opened)
                return opened.getsockname()[1]

        with self.subTest(content=content[:20].hex()):
            self.assertRegex(tls.told(server, attempt), f"(?i){words}")

    def test_other_protocols(self):
        for version in wire.VERSIONS:
            self.expect_end(wire.connect("plain", version), "MQTT|plain|without TLS|not TLS")
        for content in (b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 100, b"\xff" * 100):
            self.expect_end(content, "TLS")
        # A ClientHello as SSL 2 wrote it, offering SSL 3.
        self.expect_end(bytes.fromhex("802e 0100 0200 1500 0000 10 010080 020080 030080 040080 050080 060040 070000".replace(" ", "")) + os.urandom(16), "TLS|version")
        self.expect_undisturbed()

    def test_tls_on_the_plain_port(self):
        plain = harness.start(self)
        for hello in (tls.client_hello(), tls.client_hello_of_1_3()):
            self.expect_end(hello, "TLS", plain)
        with wire.connected(plain.port, "good") as good:
            good.ping()

    def test_records_that_are_too_large(self):
        hello = tls.client_hello()
        whole = hello[5:]
        for name, content in (
            ("a record of 65,535 bytes", tls.record(22, b"\1" + b"x" * 100, 0x0301, length=65535)),
            ("a record above 2^14 bytes", tls.record(22, b"\1\0\x50\0" + b"x" * 20_000, 0x0301)),
            ("a hello of 16 MB", tls.record(22, b"\1\xff\xff\xff" + b"x" * 1000, 0x0301)),
            ("an empty hello", tls.record(22, b"\1\0\0\0", 0x0301)),
            ("a hello that ends too early", tls.record(22, whole[:1] + struct.pack(">I", 10)[1:] + whole[4:14], 0x0301)),
            ("application data first", tls.record(23, b"x" * 100)),
            ("an unknown record", tls.record(99, b"x" * 100)),
            ("another handshake message first", tls.record(22, b"\x10\0\0\4" + b"xxxx", 0x0301)),
        ):
            with self.subTest(name):
                self.expect_end(content, r"\S")
        self.expect_undisturbed()

    def test_after_the_handshake(self):
        noise = random.Random(1).randbytes(500)
        bad = {
            "a record of 65,535 bytes": (tls.record(23, b"x" * 100, length=65535), "overflow"),
            "a record too short for its cipher": (tls.record(23, wire.connect("x")), "bad_record_mac|internal_error"),  # OpenSSL's word in 1.2
            "random bytes": (tls.record(23, noise), "bad_record_mac"),
            "a plain alert": (tls.record(21, b"\2\x28"), "."),
            "plain bytes": (wire.connect("x"), "."),
            "a plain hello": (tls.client_hello(), "."),
        }
        for version in tls.VERSIONS:
            for greeted in (False, True):
                for name, (content, words) in bad.items():
                    def attempt():
                        with tls.by_hand(self.server.port, trusting(version=version)) as client:
                            client.shake_hands()
                            if greeted:
                                client.send(client.record(wire.connect(f"evil-{client.local_port}")))
                                self.assertEqual(wire.CONNACK, client.receive()[0] >> 4)
                            client.send(content)
                            self.assertRegex(client.failure(), words)
                            return client.local_port

                    with self.subTest(name, version=version.name, greeted=greeted):
                        line = tls.told(self.server, attempt, "TLS connection")
                        self.assertNotIn("alert unknown", line)
        self.expect_undisturbed()

    def test_the_connection_breaks_without_a_word(self):
        for version in tls.VERSIONS:
            for reset in (False, True):
                with tls.by_hand(self.server.port, trusting(version=version)) as client:
                    client.shake_hands()
                    client.send(client.record(wire.connect("gone", flags=4, rest=wire.data("good") + wire.data("its will"))))
                    client.receive()
                    if reset:
                        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.assertEqual(b"its will", self.good.message().payload)
        self.expect_undisturbed()

    def test_truncations_and_flips_of_a_hello(self):
        chance = random.Random(7)
        hello = trusting_hello(self.server.port)

        def attack():
            contents = [hello[: chance.randrange(1, len(hello))] for _ in range(60)]
            for _ in range(140):
                at = chance.randrange(len(hello))
                contents.append(hello[:at] + bytes([hello[at] ^ 1 << chance.randrange(8)]) + hello[at + 1 :])
            for content in contents:
                with tls.connect_plain(self.server.port) as opened:
                    opened.sendall(content)
                    opened.shutdown(socket.SHUT_WR)
                    tls.read_to_end(opened)

        self.expect_nothing_left(attack)

    def test_flips_in_the_rest_of_a_handshake(self):
        chance = random.Random(8)

        def attack():
            for n in range(60):
                with tls.by_hand(self.server.port, trusting(version=tls.VERSIONS[n % 2])) as client:
                    client.send(client.hello())
                    while not client.tls.version() or not (flight := client.to_send()):
                        client.read()
                        try:
                            client.tls.do_handshake()
                        except tls.ssl.SSLWantReadError:
                            pass
                        if flight := client.to_send():
                            break
                    at = chance.randrange(len(flight))
                    client.send(flight[:at] + bytes([flight[at] ^ 1 << chance.randrange(8)]) + flight[at + 1 :])
                    client.socket.shutdown(socket.SHUT_WR)
                    tls.read_to_end(client.socket)

        self.expect_nothing_left(attack)


def trusting_hello(port):
    with tls.by_hand(port, trusting()) as client:
        return client.hello()


class renegotiation(tls_case):
    def test_a_client_that_wants_to_renegotiate_is_not_heard(self):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_2", "-CAfile", str(made["root"].certificate)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            self.addCleanup(process.kill)
            process.stdin.write(wire.connect("renegotiates"))
            process.stdin.flush()
            self.server.wait_for(lambda stats: stats["clients"] == 2, "it has come in")
            process.stdin.write(b"R\n")
            process.stdin.flush()
            try:
                said, _ = process.communicate(timeout=harness.DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
        self.assertIn(b"RENEGOTIATING", said)
        self.assertRegex(said, b"(?i)no.renegotiation|errno|closed|alert")
        self.assertEqual(1, said.count(b"SSL handshake has read"))
        self.expect_undisturbed()

    def come_in(self, client_id):
        """An OpenSSL client of TLS 1.3 whose CONNECT was accepted: K at the beginning of a line changes its keys."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_3", "-CAfile", str(made["root"].certificate)]
        process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        process.stdin.write(wire.connect(client_id))
        self.server.wait_for(lambda stats: stats["clients"] == 2, "it has come in")
        return process

    def update_keys(self, process):
        """Tells when the client has done it, so that none is lost among others in one read of its input."""
        process.stdin.write(b"K\n")
        while b"KEYUPDATE" not in process.stdout.readline():
            self.assertIsNone(process.poll(), "the client has ended")

    def test_some_key_updates_change_nothing(self):
        process = self.come_in("updates")
        for _ in range(20):
            self.update_keys(process)
            self.good.ping()
        process.stdin.write(wire.publish("good", "after them"))
        self.assertEqual(b"after them", self.good.message().payload)
        self.assertEqual([], [line for line in self.server.log() if "without data" in line])

    def test_many_key_updates(self):
        """A client that changes its keys again and again and says nothing is closed with a line, and disturbs nobody meanwhile."""
        process = self.come_in("updates")
        for _ in range(33):
            self.update_keys(process)
            self.good.ping()
        self.server.wait_for_line("records in a row without data")
        self.server.wait_for(lambda stats: stats["clients"] == 1, "it is closed")
        self.expect_undisturbed()


if __name__ == "__main__":
    harness.main()
