"""The commands that ask a running headgate (client, topic, stats), and what its admin listener says of it: health, readiness, and
metrics that count what clients did."""

import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import admin_peer
import harness
import wire

DONE, NO, CANNOT = 0, 1, 2


def on_terminal(*arguments):
    """Runs a command whose output is a terminal; gives what it wrote there."""
    master, slave = pty.openpty()
    process = subprocess.Popen([harness.binary(), *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    text = b""
    while True:
        try:
            some = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not some:
            break
        text += some
    os.close(master)
    process.wait(harness.DEADLINE_S)
    return text.decode().replace("\r\n", "\n")


class commands(unittest.TestCase):
    """Over made-up workers."""

    def setUp(self):
        self.admin = admin_peer.fake_admin()
        self.addCleanup(self.admin.__exit__)
        self.at = ("--admin", f"127.0.0.1:{self.admin.port}")

    def run_command(self, *arguments):
        return harness.run(*arguments, *self.at)

    def expect(self, status, *arguments):
        ended = self.run_command(*arguments)
        self.assertEqual(status, ended.returncode, ended.stderr)
        return ended

    def test_lists_clients_for_programs(self):
        lines = self.expect(DONE, "client", "list").stdout.splitlines()
        self.assertEqual(["device/1 of 2", "x1", "x2", "x3", "ü"], [line.split("\t")[0] for line in lines])
        lines = self.expect(DONE, "client", "list", "--match", "x", "--json").stdout.splitlines()
        self.assertEqual(["x1", "x2", "x3"], [json.loads(line)["id"] for line in lines])

    def test_lists_as_many_as_asked_for(self):
        some = self.expect(DONE, "client", "list", "--limit", "2")
        self.assertEqual(2, len(some.stdout.splitlines()))
        self.assertIn("--all", some.stderr)
        self.assertEqual(5, len(self.expect(DONE, "client", "list", "--all").stdout.splitlines()))
        self.assertEqual("", self.expect(DONE, "client", "list", "--match", "nobody").stdout)

    def test_aligns_columns_on_a_terminal(self):
        lines = on_terminal("client", "list", *self.at).splitlines()
        self.assertRegex(lines[0], r"^CLIENT ID +ADDRESS ")
        column = lines[0].index("ADDRESS")
        self.assertEqual({"127.0.0.1:5000"}, {line[column:].split()[0] for line in lines[1:]})

    def test_shows_one_client(self):
        shown = self.expect(DONE, "client", "show", "device/1 of 2").stdout
        self.assertRegex(shown, r"(?m)^id +device/1 of 2$")
        self.assertIn('sensors/+/"quoted"', shown)
        self.assertEqual("device/1 of 2", json.loads(self.expect(DONE, "client", "show", "device/1 of 2", "--json").stdout)["client"]["id"])

    def test_kicks(self):
        self.assertEqual("kicked x1\n", self.expect(DONE, "client", "kick", "x1").stdout)

    def test_says_no_for_clients_that_are_not_there(self):
        for command in ("show", "kick"):
            ended = self.expect(NO, "client", command, "nobody\x1b[2J")
            self.assertEqual("", ended.stdout)
            self.assertRegex(ended.stderr, r"^headgate: no client 'nobody\\x1b\[2J' is connected; [^\n]+\n$")

    def test_topics(self):
        self.assertEqual("a/b\t1\t2\n", self.expect(DONE, "topic", "list", "--limit", "1").stdout)
        shown = self.expect(DONE, "topic", "show", "/a b/c").stdout
        self.assertRegex(shown, r"(?m)^topic +/a b/c$")
        self.assertRegex(shown, r"(?m)^a/# +7$")
        self.assertRegex(self.expect(CANNOT, "topic", "list", "a#").stderr, r"^headgate: match is no topic filter: [^\n]+\n$")
        self.assertRegex(self.expect(CANNOT, "topic", "show", "a/+").stderr, r"^headgate: this is no topic [^\n]+\n$")

    def test_stats(self):
        rows = dict(line.split("\t") for line in self.expect(DONE, "stats").stdout.splitlines())
        self.assertEqual(("41", "50"), (rows["gateway.connects"], rows["workers.1.turns"]))
        self.assertEqual(41, json.loads(self.expect(DONE, "stats", "--json").stdout)["gateway"]["connects"])
        lines = self.expect(DONE, "stats", "--watch", "0.1", "--count", "2").stdout.splitlines()
        self.assertEqual(3, len(lines))
        self.assertEqual(["20", "0"], lines[2].split()[:2])

    def test_wrong_options(self):
        for arguments in (("client", "list", "--limit", "0"), ("client", "list", "--all", "--limit", "1"), ("client", "show"),
                          ("stats", "--count", "2"), ("stats", "--watch", "0"), ("client",)):
            self.assertEqual(CANNOT, harness.run(*arguments).returncode, arguments)

    def test_address_from_the_environment(self):
        environment = {**os.environ, "HEADGATE_ADMIN": self.at[1]}
        ended = subprocess.run([harness.binary(), "client", "list"], env=environment, capture_output=True, text=True,
                               timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(5, len(ended.stdout.splitlines()), ended.stderr)


class with_a_token(unittest.TestCase):
    TOKEN = "0123456789abcdef"

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / "token"
        self.write(self.TOKEN)

    def write(self, token):
        self.file.write_text(token + "\n", encoding="utf-8")

    def test_commands_show_it(self):
        with admin_peer.fake_admin(self.TOKEN) as admin:
            at = ("--admin", f"127.0.0.1:{admin.port}")
            for command in (("stats",), ("client", "list"), ("client", "show", "x1"), ("client", "kick", "x1"), ("topic", "list"),
                            ("topic", "show", "a")):
                with self.subTest(command):
                    ended = harness.run(*command, *at)
                    self.assertEqual((CANNOT, ""), (ended.returncode, ended.stdout))
                    self.assertRegex(ended.stderr, r"^headgate: this listener asks for the token [^\n]+--token-file FILE\n$")
                    self.assertEqual(DONE, harness.run(*command, *at, "--token-file", self.file).returncode)
            environment = {**os.environ, "HEADGATE_ADMIN_TOKEN_FILE": str(self.file)}
            ended = subprocess.run([harness.binary(), "client", "list", *at], env=environment, capture_output=True, text=True,
                                   timeout=harness.DEADLINE_S, check=False)
            self.assertEqual(5, len(ended.stdout.splitlines()), ended.stderr)

    def test_a_file_without_one(self):
        self.write("short")
        sentence = f"the token in '{self.file}', its first line, has 5 characters and needs 16 to 1024: 'openssl rand -hex 24' makes one\n"
        self.assertEqual(f"headgate: {sentence}", harness.run("stats", "--token-file", self.file).stderr)
        ended = harness.run("serve", "--set", "listeners.tcp.port=0", "--set", "admin.port=0", "--set", f"admin.token_file={self.file}")
        self.assertEqual((CANNOT, f"headgate: admin.token_file: {sentence}"), (ended.returncode, ended.stderr))

    def test_is_exchanged_at_a_reload(self):
        server = harness.start(self, f"admin.token_file={self.file}", "admin.bind=0.0.0.0")
        self.assertEqual(200, admin_peer.ask(server.admin_port, "/healthz").status)

        def status(token):
            return admin_peer.ask(server.admin_port, "/metrics", headers={"Authorization": f"Bearer {token}"}).status

        self.assertEqual([200, 401], [status(self.TOKEN), status("x" * 16)])
        self.write("x" * 16)
        server.signal(signal.SIGHUP)
        server.wait_for_line("nothing to reload")
        self.assertEqual([401, 200], [status(self.TOKEN), status("x" * 16)])
        self.write("short")
        server.signal(signal.SIGHUP)
        said = server.wait_for_line("nothing is reloaded")
        self.assertTrue(any("admin.token_file: the token in" in line and "has 5 characters" in line for line in said), said)
        self.assertEqual([401, 200], [status(self.TOKEN), status("x" * 16)])


class nobody_there(unittest.TestCase):
    def expect_sentence(self, pattern, address):
        ended = harness.run("client", "list", "--admin", address)
        self.assertEqual((CANNOT, ""), (ended.returncode, ended.stdout))
        self.assertRegex(ended.stderr, r"^headgate: [^\n]+\n$")
        self.assertRegex(ended.stderr, pattern)

    def test_nobody_listens(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # and does not listen
            self.expect_sentence(r"no admin listener answers at .*; is headgate running, with admin\.enabled\?",
                                 f"127.0.0.1:{unused.getsockname()[1]}")

    def test_no_address(self):
        for address in ("localhost", ":18083", "127.0.0.1:", "127.0.0.1:http"):
            self.expect_sentence("no address of an admin listener", address)

    def test_something_else_listens(self):
        for said in (b"SSH-2.0-server\r\n", b""):
            with socket.create_server(("127.0.0.1", 0)) as other:

                def answer(other=other, said=said):
                    connection, _ = other.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(said)

                thread = threading.Thread(target=answer)
                thread.start()
                self.expect_sentence("is no admin listener of headgate", f"127.0.0.1:{other.getsockname()[1]}")
                thread.join()

    def test_workers_are_silent(self):
        with admin_peer.fake_admin("silent") as silent:
            self.expect_sentence("a worker did not answer in time", f"127.0.0.1:{silent.port}")


def series(text):
    """Metrics by name and labels."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


class running_server(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)
        self.port = self.server.admin_port

    def metrics(self):
        return series(admin_peer.ask(self.port, "/metrics").text)

    def test_is_healthy_and_ready(self):
        self.assertEqual("ok\n", admin_peer.ask(self.port, "/healthz").text)
        ready = admin_peer.ask(self.port, "/readyz")
        self.assertEqual((200, True), (ready.status, ready.json()["ready"]), ready.text)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_is_content(self):
        text = admin_peer.ask(self.port, "/metrics").text
        ended = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                               timeout=harness.DEADLINE_S, check=False)
        self.assertEqual((0, ""), (ended.returncode, ended.stdout + ended.stderr))

    def test_metrics_count_what_clients_did(self):
        before = self.metrics()
        with wire.connected(self.server.port, "subscriber") as subscriber, wire.connected(self.server.port, "publisher") as publisher:
            subscriber.subscribe("sensors/#")
            publisher.send(wire.publish("sensors/1", b"21.5", qos=1, packet_id=1))
            publisher.expect(wire.puback(1))
            subscriber.message()
            now = self.metrics()
            grew = {name: value - before.get(name, 0) for name, value in now.items()}
            self.assertEqual(2, grew["headgate_clients"])
            self.assertEqual(1, grew['headgate_publishes_total{qos="1"}'])
            self.assertEqual(1, grew['headgate_deliveries_total{qos="0"}'])
            self.assertEqual(1, grew["headgate_publish_acknowledgement_seconds_count"])

    def test_every_counter_only_grows(self):
        first, second = self.metrics(), self.metrics()
        self.assertEqual(set(first), set(second))
        self.assertEqual({}, {name: (first[name], second[name]) for name in first
                              if re.search(r"_(total|count|bucket)\b", name) and second[name] < first[name]})

    def test_commands_reach_it(self):
        at = ("--admin", f"127.0.0.1:{self.port}")
        with wire.connected(self.server.port, "fridge 7/ü") as client:
            client.subscribe("sensors/+")
            self.assertIn("fridge 7/ü\t127.0.0.1:", harness.run("client", "list", *at).stdout)
            self.assertIn("sensors/+", harness.run("client", "show", "fridge 7/ü", *at).stdout)
            self.assertEqual("kicked fridge 7/ü\n", harness.run("client", "kick", "fridge 7/ü", *at).stdout)
            client.expect_closed()
        self.assertEqual(NO, harness.run("client", "kick", "fridge 7/ü", *at).returncode)


if __name__ == "__main__":
    harness.main()
