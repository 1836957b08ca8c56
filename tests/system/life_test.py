"""The life of a server as operators lead it: SIGHUP, the words for the service manager, the lock of the data directory, what it says
when nobody listens, and how it ends when it cannot go on."""

import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import tempfile
import unittest

import admin_peer
import harness
import wire

CANNOT_START, FAILED = 2, 3
MAXIMUM_PACKET_SIZE = "maximum_packet_size"


def maximum_packet_size(port):
    """What a client of MQTT 5 is told in CONNACK."""
    with wire.client(port, wire.V5) as client:
        client.send(wire.connect("asks", wire.V5))
        fields = wire.cursor(client.packet(wire.CONNACK).body)
        fields.take(2)
        return dict(fields.properties())[MAXIMUM_PACKET_SIZE]


class reloading(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-life-")
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name, "headgate.yaml")

    def start(self, text):
        self.file.write_text(text, encoding="utf-8")
        return harness.start(self, prefix=("env", f"HEADGATE_CONFIG={self.file}"))

    def reload(self, server, text, last):
        """Writes the file, sends SIGHUP and gives the lines of the log from then on, up to one with `last` in it."""
        before = len(server.log())
        self.file.write_text(text, encoding="utf-8")
        server.signal(signal.SIGHUP)
        return server.wait_for_line(last, after=before)

    def test_what_may_change_does_and_the_rest_is_named(self):
        server = self.start("limits: { max_packet_bytes: 64KiB }\n")
        self.assertEqual(64 * 1024, maximum_packet_size(server.port))
        said = "\n".join(self.reload(server, "limits: { max_packet_bytes: 32KiB, topic_entries: 5000 }\n", "reloaded:"))
        self.assertIn("limits.max_packet_bytes is '32KiB' from now on; it was '64KiB'", said)
        self.assertRegex(said, r"limits\.topic_entries stays '\d+' until a restart makes it '5000'")
        self.assertEqual(32 * 1024, maximum_packet_size(server.port))
        self.assertIn("has nothing new", "\n".join(self.reload(server, "limits: { max_packet_bytes: 32KiB }\n", "reloaded:")))

    def test_a_bad_file_leaves_everything_as_it_was(self):
        server = self.start("limits: { max_packet_bytes: 64KiB }\n")
        said = self.reload(server, "limits:\n  max_packet_byte: 32KiB\n  max_clients: many\n", "nothing is reloaded")
        self.assertTrue(any(f"{self.file}:2: unknown key" in line and "'limits.max_packet_bytes'" in line for line in said), said)
        self.assertTrue(any(f"{self.file}:3: " in line for line in said), said)
        self.assertEqual(64 * 1024, maximum_packet_size(server.port))
        self.file.unlink()
        before = len(server.log())
        server.signal(signal.SIGHUP)
        server.wait_for_line("nothing is reloaded", after=before)
        self.assertEqual(64 * 1024, maximum_packet_size(server.port))

    def test_the_log_changes_and_what_was_asked_for_is_told_at_every_level(self):
        server = self.start("logging: { level: error }\n")
        with wire.connected(server.port, "unseen"):
            server.wait_for(lambda stats: stats["clients"] == 1, "the client is there")
        server.wait_for(lambda stats: stats["clients"] == 0, "the client has gone")
        said = self.reload(server, "logging: { level: info, format: json }\nworkers: 7\n", "reloaded:")
        self.assertFalse(any("unseen" in line for line in server.log()), server.log())
        self.assertTrue(any("until a restart" in line for line in said) or "workers=" in str(harness.SETTINGS_OF_ALL), said)
        with wire.connected(server.port, "seen"):
            server.wait_for(lambda stats: stats["clients"] == 1, "the client is there")
        harness.eventually(lambda: server.stats() and any('"event":"client_connected"' in line and '"client":"seen"' in line for line in server.log()), "the log has the client as JSON")

    def test_without_a_file_there_is_nothing_to_reload(self):
        server = harness.start(self)
        server.signal(signal.SIGHUP)
        server.wait_for_line("nothing to reload")

    def test_without_a_file_of_settings_those_of_users_are_read_again(self):
        users = pathlib.Path(self.file.parent, "users")
        users.touch(mode=0o600)
        server = harness.start(self, f"auth.password_file={users}")
        for _ in range(2):  # at the second one all lines of the first have come
            before = len(server.log())
            server.signal(signal.SIGHUP)
            server.wait_for_line("users, rules and certificates are read again: 0 users", after=before)
        self.assertFalse(any("nothing to reload" in line for line in server.log()), server.log())


class service_manager(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-life-")
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(self.path)
        self.socket.settimeout(harness.DEADLINE_S)

    def expect(self, word):
        while word not in (said := self.socket.recv(4096).decode().splitlines()):
            self.assertEqual(["WATCHDOG=1"], said, f"before {word}")

    def test_it_hears_of_the_whole_life(self):
        prefix = ("env", f"NOTIFY_SOCKET={self.path}", "WATCHDOG_USEC=400000")
        server = harness.start(self, prefix=prefix)
        self.expect("READY=1")
        for _ in range(3):
            self.assertEqual("WATCHDOG=1", self.socket.recv(4096).decode())
        server.signal(signal.SIGHUP)
        self.expect("RELOADING=1")
        self.expect("READY=1")
        server.signal(signal.SIGTERM)
        self.expect("STOPPING=1")


class ends(unittest.TestCase):
    def expect_refused(self, pattern, *settings):
        arguments = [part for setting in settings for part in ("--set", setting)]
        ended = harness.run("serve", "--set", "listeners.tcp.port=0", *arguments)
        self.assertEqual(CANNOT_START, ended.returncode, ended.stderr)
        self.assertRegex(ended.stderr, r"^headgate: [^\n]+\n$")
        self.assertRegex(ended.stderr, pattern)

    def test_a_data_directory_of_another_server(self):
        with tempfile.TemporaryDirectory(prefix="headgate-life-") as directory:
            server = harness.start(self, f"data_dir={directory}/data")
            self.expect_refused(rf"{directory}/data.*\b{server.pid}\b", "admin.port=0", f"data_dir={directory}/data")
            server.stop()
            harness.start(self, f"data_dir={directory}/data").stop()

    def test_an_admin_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.expect_refused(rf"admin: .*{port}.*in use.*admin\.port=PORT", f"admin.port={port}")

    def test_every_listener_is_served_and_named_when_it_cannot_be(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.expect_refused(rf"listeners\.second: .*{port}.*listeners\.second\.port=PORT", "admin.port=0", f"listeners.second.port={port}")
        server = harness.start(self, "listeners.second.port=0", "listeners.second.bind=127.0.0.2")
        server.stats()
        found = re.search(r"listener second on 127\.0\.0\.2:(\d+)", "\n".join(server.output()))
        with wire.connected(server.port, "first") as first, wire.client(int(found[1]), address="127.0.0.2") as second:
            second.send(wire.connect("second"))
            second.packet(wire.CONNACK)
            second.subscribe("t")
            first.send(wire.publish("t", "from one to the other"))
            self.assertEqual(b"from one to the other", second.message().payload)

    def test_output_that_nobody_reads_keeps_no_signal_away(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        arguments = [harness.binary(), "serve", "--set", "listeners.tcp.port=0", "--set", "admin.port=0"]
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL)
        os.close(writer)
        self.addCleanup(process.kill)
        os.read(reader, 1)  # it has started
        for _ in range(40):
            process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(harness.DEADLINE_S))

    @unittest.skipIf(harness.is_sanitized(), "a sanitizer takes more address space than this leaves")
    def test_a_worker_that_fails_ends_the_server_with_a_status_of_its_own(self):
        server = harness.server("retained.memory_bytes=4GiB", "log.memory_bytes=4GiB", "sys.interval_s=0")
        self.addCleanup(server.kill)
        self.assertEqual(200, admin_peer.ask(server.admin_port, "/readyz").status)  # every thread has got what it needs
        with wire.connected(server.port, "heavy") as client:
            status = pathlib.Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
            size = int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) * 1024
            resource.prlimit(server.pid, resource.RLIMIT_AS, (size, size))
            try:
                for number in range(1000):
                    client.send(wire.publish(f"t/{number}", b"x" * 900_000, flags=1))
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertEqual(FAILED, server.wait(), server.log()[-5:])
        self.assertTrue(any("a worker has failed" in line for line in server.log()), server.log()[-5:])


if __name__ == "__main__":
    harness.main()
