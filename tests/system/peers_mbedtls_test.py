"""Small devices: Mbed TLS 2.28 speaks TLS 1.2 with a chain of one kind of key, short fragments, and sessions that it takes up again.

It cannot put a handshake message together that came in several records. So the server's chain has to fit into one fragment: 512 bytes
take a P-256 certificate without an intermediate one, 1,024 bytes one of RSA.
"""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

import certificates
import harness
import tls
import wire

made = {}
NAMES = ["DNS:device.example", "IP:127.0.0.1"]
# What AES-GCM adds to a record of TLS 1.2: a nonce and a tag (RFC 5288).
ADDED_BYTES = 8 + 16


def driver():
    found = pathlib.Path(os.environ.get("HEADGATE_BINARIES", ""), "mbedtls_driver")
    if not found.is_file():
        raise unittest.SkipTest("mbedtls_driver was not built: libmbedtls-dev")
    return str(found)


def setUpModule():
    driver()
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-mbedtls-")
    unittest.addModuleCleanup(directory.cleanup)
    made["directory"] = directory.name
    for kind in ("ec", "rsa"):
        made[kind] = certificates.authority(directory.name, f"{kind}-root", kind)
        made[f"{kind} short"] = made[kind].issue(f"{kind}-short", NAMES[:1])
        made[f"{kind} server"] = made[kind].authority(f"{kind}-between").issue(f"{kind}-server", NAMES)


class device(wire.client):
    """A client whose bytes the driver carries over TLS; `said`: what it knows of the connection."""

    def __init__(self, port, kind, suites=None, fragment=0, session="-", version=wire.V311):
        ours, its = socket.socketpair()
        suites = suites or {"ec": "ecdsa", "rsa": "rsa"}[kind]
        command = [driver(), str(port), str(made[kind].certificate), suites, str(fragment), session]
        self._process = subprocess.Popen(command, stdin=its, stdout=its, stderr=subprocess.PIPE, text=True)
        its.close()
        self.version, self.socket, self._received = version, ours, bytearray()
        self._errors = harness.output_lines(self._process.stderr)
        self.said = self._line()

    def _line(self):
        """The next line that it says, such as {"resumed": "1", …}."""
        line = self._errors.next(harness.deadline(), "the device says nothing") or ""
        if line.startswith("error="):
            self._end()
            raise AssertionError(line)
        return dict(re.findall(r"(\w+)=(.+?)(?= \w+=|$)", line))

    def _end(self):
        self.socket.close()
        self._process.wait(harness.DEADLINE_S)
        self._errors.join()

    def end(self):
        """Closes the connection; gives what the device saw of it as a whole."""
        self.socket.shutdown(socket.SHUT_WR)
        seen = self._line()
        self._end()
        return seen

    def __exit__(self, *_):
        self._end()

    def connect(self, client_id):
        self.send(wire.connect(client_id, self.version))
        answer = self.packet(wire.CONNACK)
        if answer.body[1] != 0:
            raise AssertionError(f"CONNECT was refused: {answer}")


class chains(unittest.TestCase):
    def expect_round_trip(self, server, kind, **options):
        for version in wire.VERSIONS:
            with device(server.port, kind, version=version, **options) as client:
                client.connect("device")
                client.subscribe("t", qos=1)
                client.send(wire.publish("t", "x", version))
                self.assertEqual(b"x", client.message().payload)
                self.assertEqual("TLSv1.2", client.said["version"])
                self.assertIn("ECDSA" if kind == "ec" else "ECDHE-RSA", client.said["suite"])

    def test_each_kind_of_key_alone(self):
        for kind in ("ec", "rsa"):
            with self.subTest(kind):
                server = harness.start(self, *tls.listener(made[f"{kind} server"]))
                self.expect_round_trip(server, kind)
                self.expect_round_trip(server, kind, suites="both")

    def test_both_on_one_listener_whichever_is_first(self):
        for order in (("ec", "rsa"), ("rsa", "ec")):
            with self.subTest(order):
                server = harness.start(self, *tls.listener(*(made[f"{kind} server"] for kind in order)))
                for kind in order:
                    self.expect_round_trip(server, kind)

    def test_who_cannot_verify_the_chain_says_so_and_the_log_as_well(self):
        server = harness.start(self, *tls.listener(made["ec server"]))
        with self.assertRaisesRegex(AssertionError, "(?i)certificate|verif"):
            device(server.port, "rsa", suites="both")
        server.wait_for_line("does not trust our certificate")
        with self.assertRaisesRegex(AssertionError, "(?i)alert|handshake"):
            device(server.port, "rsa", suites="rsa")
        self.expect_round_trip(server, "ec")


class fragments(unittest.TestCase):
    def test_large_messages_in_short_records_both_ways(self):
        whole, short = (harness.start(self, *tls.listener(made[f"ec {chain}"], made[f"rsa {chain}"])) for chain in ("server", "short"))
        for kind, size, server in (
            ("ec", 512, short), ("ec", 1024, short), ("ec", 2048, whole), ("ec", 4096, whole), ("rsa", 1024, short), ("rsa", 2048, whole),
            ("rsa", 4096, whole),
        ):
            with self.subTest(kind, fragment=size), device(server.port, kind, fragment=size) as client:
                self.assertEqual(str(size), client.said["fragment"])
                client.connect("device")
                client.subscribe("t", qos=1)
                for length in (size - 1, size, size + 1, 10 * size, 300_000):
                    content = (b"%07d" % length) * (length // 7 + 1)
                    client.send(wire.publish("t", content, qos=1, packet_id=1))
                    for _ in range(2):
                        found = client.packet(wire.PUBLISH, wire.PUBACK)
                        if found.type == wire.PUBLISH:
                            message = wire.as_message(found)
                            self.assertEqual(content, message.payload)
                            client.send(wire.puback(message.packet_id))
                client.ping()
                seen = client.end()
                self.assertLessEqual(int(seen["largest"]), size + ADDED_BYTES)
                self.assertLessEqual(int(seen["largest_of_handshake"]), size + ADDED_BYTES)

    def test_many_small_messages_in_short_records(self):
        server = harness.start(self, *tls.listener(made["ec short"]))
        context = tls.trusting(made["ec"].certificate)
        with device(server.port, "ec", fragment=512) as client, tls.connected(server.port, "other", context, server_name="device.example") as other:
            client.connect("device")
            client.subscribe("t", qos=1)
            for first in range(0, 1000, 50):
                other.send(b"".join(wire.publish("t", b"%06d" % n, qos=1, packet_id=n + 1) for n in range(first, first + 50)))
                for n in range(first, first + 50):
                    message = client.message()
                    self.assertEqual(b"%06d" % n, message.payload)
                    client.send(wire.puback(message.packet_id))
            client.ping()
            self.assertLessEqual(int(client.end()["largest"]), 512 + ADDED_BYTES)


    def test_a_chain_that_does_not_fit_into_a_fragment_is_refused_by_the_device_and_told(self):
        server = harness.start(self, *tls.listener(made["rsa server"]))
        with self.assertRaisesRegex(AssertionError, "feature is not available"):
            device(server.port, "rsa", fragment=512)
        server.wait_for_line("TLS handshake")


class sessions(unittest.TestCase):
    def test_a_session_is_taken_up_again(self):
        server = harness.start(self, *tls.listener(made["ec short"], made["rsa short"]))
        for kind, sizes in (("ec", (0, 512)), ("rsa", (0, 1024))):
            for size in sizes:
                kept = str(pathlib.Path(made["directory"], f"{kind}-{size}.session"))
                for n in range(8):
                    with self.subTest(kind, fragment=size, n=n), device(server.port, kind, fragment=size, session=kept) as client:
                        self.assertEqual("1" if n else "0", client.said["resumed"])
                        client.connect("device")
                        client.ping()


class ends(unittest.TestCase):
    def test_the_server_says_that_it_closes(self):
        server = harness.start(self, *tls.listener(made["ec server"]))
        with device(server.port, "ec") as client:
            client.connect("device")
            client.send(wire.goodbye())
            client.expect_closed()
            self.assertEqual("close_notify", client._line()["ended_by"])


if __name__ == "__main__":
    harness.main()
