"""The command line: what it says, what it refuses and with which exit status, and how the server ends. Who reaches it from
another machine is in door_reach_test.py."""

import os
import pathlib
import re
import signal
import socket
import unittest

import harness
import wire

CANNOT_START = 2
ANY_PORT = ("--set", "listeners.tcp.port=0")


class commands(unittest.TestCase):
    def expect_refused(self, pattern, *arguments):
        """One sentence on standard error, nothing on standard output, and status 2."""
        ended = harness.run(*arguments)
        self.assertEqual((CANNOT_START, ""), (ended.returncode, ended.stdout), ended.stderr)
        self.assertRegex(ended.stderr, pattern)
        return ended.stderr

    def expect_sentence(self, pattern, *arguments):
        said = self.expect_refused(pattern, *arguments)
        self.assertRegex(said, r"^headgate: [^\n]+\n$")

    def test_version(self):
        ended = harness.run("--version")
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        self.assertRegex(ended.stdout, r"^headgate \d+\.\d+\.\d+\n$")

    def test_help(self):
        for arguments, names in ((("--help",), ("serve", "config")), (("serve", "--help"), ("--set", "KEY=VALUE"))):
            ended = harness.run(*arguments)
            self.assertEqual((0, ""), (ended.returncode, ended.stderr))
            for name in names:
                self.assertIn(name, ended.stdout)

    def test_commands_that_there_are_not(self):
        self.expect_refused("subcommand", *())
        self.expect_sentence("unknown command 'brew'", "brew")
        self.expect_sentence("unknown command 'brew'", "brew", *ANY_PORT)
        self.expect_refused("--brew", "serve", "--brew")
        self.expect_refused("--set", "serve", "--set")
        self.expect_refused("subcommand", "config")

    def test_an_unknown_key_names_the_nearest(self):
        self.expect_sentence("unknown key 'listeners.tcp.prot': did you mean 'listeners.tcp.port'", "serve", "--set", "listeners.tcp.prot=0")
        self.expect_sentence("did you mean 'limits.max_clients'", "serve", "--set", "limits.maxclients=7")
        self.expect_sentence("did you mean 'log.memory_bytes'", "config", "show", "--set", "memory_bytes=7")

    def test_values_that_are_none(self):
        wrong = [
            "listeners.tcp.port=65536", "listeners.tcp.port=-1", "listeners.tcp.port=", "listeners.tcp.port=1883x", "listeners.tcp.port= 1",
            "limits.max_packet_bytes=268435456", "limits.max_inflight=0", "log.memory_bytes=1", "log.memory_bytes=99999999999999999999",
            "listeners.tcp.anonymous=yes", "listeners.tcp.bind=localhost", "listeners.tcp.bind=", "listeners.tcp.bind=1.2.3",
        ]
        for assignment in wrong:
            key, value = assignment.split("=")
            with self.subTest(assignment):
                self.expect_sentence(f"'{re.escape(value)}' is no value for {key}: it takes ", "serve", "--set", assignment)
        self.expect_sentence("'listeners.tcp.port' is not of the form KEY=VALUE", "serve", "--set", "listeners.tcp.port")

    def test_config_show(self):
        ended = harness.run("config", "show", "--set", "listeners.tcp.port=1999", "--set", "limits.max_clients=77")
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        lines = ended.stdout.splitlines()
        for line in lines:
            self.assertRegex(line, r"^[a-z_.]+ += \S* +# \S.*$")
        shown = dict(re.match(r"(\S+) += (\S*) ", line).groups() for line in lines)
        self.assertEqual(("1999", "77", "127.0.0.1"), (shown["listeners.tcp.port"], shown["limits.max_clients"], shown["listeners.tcp.bind"]))
        # What it shows it takes again.
        again = [argument for key, value in shown.items() for argument in ("--set", f"{key}={value}")]
        values = [line.partition("#")[0] for line in lines]
        self.assertEqual(values, [line.partition("#")[0] for line in harness.run("config", "show", *again).stdout.splitlines()])

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.expect_sentence(f"127.0.0.1 port {port}: Address already in use; .*listeners.tcp.port", "serve", "--set", f"listeners.tcp.port={port}")
        # Several workers listen on one port together; another server never joins them, whatever its own number.
        for here, there in ((1, 1), (1, 3), (3, 1), (3, 3)):
            with self.subTest(here=here, there=there):
                server = harness.start(self, f"workers={here}")
                self.expect_sentence("Address already in use", "serve", "--set", f"listeners.tcp.port={server.port}", "--set", f"workers={there}")
                with wire.connected(server.port, "a") as client:
                    client.ping()

    def test_an_address_of_another_machine(self):
        allow = ("--set", "listeners.tcp.anonymous=allow")
        self.expect_sentence("192.0.2.1 port 0: Cannot assign requested address", "serve", *ANY_PORT, "--set", "listeners.tcp.bind=192.0.2.1", *allow)

    def test_an_open_address_without_users_is_refused(self):
        for address in ("0.0.0.0", "::", "192.0.2.1"):
            with self.subTest(address):
                self.expect_sentence("listeners.tcp.anonymous=allow", "serve", *ANY_PORT, "--set", f"listeners.tcp.bind={address}")


class serving(unittest.TestCase):
    def test_an_open_address_is_warned_of(self):
        server = harness.start(self, "listeners.tcp.bind=0.0.0.0", "listeners.tcp.anonymous=allow")
        server.stats()
        self.assertTrue(any("warning: anybody" in line and "0.0.0.0" in line for line in server.output()), server.output())

    def test_a_start_on_loopback_says_how_to_open_up(self):
        server = harness.start(self)
        server.stats()
        self.assertTrue(any("only this machine" in line and "anonymous=allow" in line for line in server.output()), server.output())
        self.assertEqual([], server.log())

    def test_ipv6(self):
        if not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("this machine has no IPv6")
        server = harness.start(self, "listeners.tcp.bind=::1")
        with socket.create_connection(("::1", server.port), harness.DEADLINE_S) as opened:
            opened.settimeout(harness.DEADLINE_S)
            opened.sendall(wire.connect("a") + wire.PING)
            self.assertEqual(b"\x20\x02\0\0", opened.recv(4))

    def test_each_worker_is_a_thread_with_a_name(self):
        server = harness.start(self, "workers=3")
        wanted = {"headgate", "headgate-0", "headgate-1", "headgate-2", "headgate-hash0", "headgate-svc"}

        def names():
            tasks = pathlib.Path(f"/proc/{server.pid}/task").iterdir()
            return {(task / "comm").read_text(encoding="utf-8").strip() for task in tasks}

        # A thread names itself when it begins, which may be after the server says that it listens.
        harness.eventually(lambda: server.stats() and names() == wanted, f"the threads are {wanted}")

    def test_signals_end_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for clients, workers in ((0, 1), (1, 1), (0, 3), (8, 3)):
                with self.subTest(number.name, clients=clients, workers=workers):
                    server = harness.start(self, f"workers={workers}")
                    connected = [wire.connected(server.port, f"c{n}") for n in range(clients)]
                    server.signal(number)
                    self.assertEqual(0, server.wait())
                    for client in connected:
                        with client:
                            client.expect_closed()

    def test_no_signal_is_lost_that_comes_while_another_is_obeyed(self):
        server = harness.start(self)
        turns = [server.stats()["turns"] for _ in range(3000)]
        self.assertEqual(sorted(turns), turns)

    def test_counters_are_asked_for_with_sigusr1(self):
        server = harness.start(self)
        with wire.connected(server.port, "a") as client:
            client.subscribe("t")
            client.send(wire.publish("t", "x") + wire.publish("t", "y", qos=1, packet_id=1))
            for _ in range(3):
                client.packet(wire.PUBLISH, wire.PUBACK)
            stats = server.stats()
        names = ("clients", "filters", "connects", "publishes_in_qos0", "publishes_in_qos1", "deliveries_out_qos0", "deliveries_out_qos1")
        self.assertEqual([1, 1, 1, 1, 1, 2, 0], [stats[name] for name in names])


if __name__ == "__main__":
    harness.main()
