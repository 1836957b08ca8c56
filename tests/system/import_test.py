"""From a mosquitto.conf to a running Headgate: the command line of `headgate import`, what it writes where, and that the server
starts with the result, with the listeners that are safe and no other."""

import base64
import hashlib
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness
import wire
from peers import servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
THREE_LISTENERS = """\
per_listener_settings true
max_inflight_messages 100

listener 1883 127.0.0.1
allow_anonymous true

listener 8883 127.0.0.1
certfile {0}/server.crt
keyfile {0}/server.key
password_file {0}/passwd
acl_file {0}/acl

listener 9001
protocol websockets
password_file {0}/passwd

connection cloud
address cloud.example.org
remote_password hunter2
topic sensors/# out 1
"""
OPEN = "listener 1883\nallow_anonymous true\n"
WITH_PLUGIN = "listener 1883\nallow_anonymous false\nplugin /usr/lib/auth.so\n"
WITH_USERS = "listener 1883\nallow_anonymous false\npassword_file /etc/mosquitto/passwd\n"


class importing(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def file(self, content, name="mosquitto.conf"):
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return str(path)

    def translated(self, content):
        """The path of the YAML, and the report."""
        output = self.directory / "headgate.yaml"
        ended = harness.run("import", self.file(content), "-o", str(output), "--force")
        self.assertEqual((0, ""), (ended.returncode, ended.stdout), ended.stderr)
        return str(output), ended.stderr

    def expect_refused(self, pattern, *arguments):
        ended = harness.run("import", *arguments)
        self.assertEqual((2, ""), (ended.returncode, ended.stdout), ended.stderr)
        self.assertRegex(ended.stderr, r"^headgate: [^\n]+\n$")
        self.assertRegex(ended.stderr, pattern)

    def test_standard_output_and_a_file_get_the_same(self):
        ended = harness.run("import", self.file(OPEN))
        self.assertEqual(0, ended.returncode, ended.stderr)
        output, report = self.translated(OPEN)
        self.assertEqual(ended.stdout, pathlib.Path(output).read_text(encoding="utf-8"))
        self.assertTrue(report.startswith(ended.stderr))
        self.assertIn(f"headgate serve --config {output}", report)
        self.assertEqual(["headgate.yaml", "mosquitto.conf"], sorted(path.name for path in self.directory.iterdir()))

    def test_never_overwrites_without_force(self):
        taken = self.file("mine", "headgate.yaml")
        self.expect_refused("headgate.yaml is there already: choose another name, or add --force", self.file(OPEN), "-o", taken)
        self.assertEqual("mine", pathlib.Path(taken).read_text(encoding="utf-8"))
        self.expect_refused("cannot be written: No such file or directory", self.file(OPEN), "-o", str(self.directory / "no" / "file"))

    def test_what_cannot_be_read(self):
        self.expect_refused("nowhere.conf cannot be read: No such file or directory", "nowhere.conf")
        self.expect_refused("is no file", str(self.directory))
        self.expect_refused("mosquitto.conf:2: mosquitto has no option 'brew'", self.file("\nbrew coffee\n"))
        self.expect_refused("zero byte", self.file("\0\0\0"))
        self.expect_refused("mosquitto.conf:1: include_dir: .* cannot be read", self.file(f"include_dir {self.directory}/no\n"))
        self.expect_refused("FILE", *())

    def test_includes(self):
        self.file("listener 1884 127.0.0.1\n", "conf.d/b.conf")
        self.file("allow_anonymous true\n", "conf.d/a.conf")
        output, report = self.translated(f"include_dir {self.directory}/conf.d\n")
        self.assertIn("mosquitto.conf and 2 included files:", report)
        self.assertIn("port: 1884", pathlib.Path(output).read_text(encoding="utf-8"))

    def install(self):
        """What the instructions for systemd say of the configuration, in a directory of the test."""
        text = (ROOT / "deploy" / "systemd" / "README.md").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if re.search(r"headgate (import|config init) ", line)]
        script = "\n".join(lines).replace("/etc/mosquitto", str(self.directory)).replace("/etc/headgate", str(self.directory))
        script = re.sub(r"(?<= )headgate (?=import|config)", f"{harness.binary()} ", script)
        subprocess.run(["sh", "-c", script], check=False, capture_output=True, timeout=30)
        return (self.directory / "headgate.yaml").read_text(encoding="utf-8")

    def test_installing_again_keeps_the_configuration(self):
        everything = self.install()  # no mosquitto.conf
        self.assertIn("clusters:", everything)
        self.file(OPEN)
        self.assertEqual(everything, self.install())
        (self.directory / "headgate.yaml").unlink()
        imported = self.install()
        self.assertIn("listener 1883", imported)
        self.file(imported + "# mine\n", "headgate.yaml")
        self.assertEqual(imported + "# mine\n", self.install())

    def check(self, yaml):
        return harness.run("config", "check", "--config", yaml)

    def test_the_result_is_a_good_configuration(self):
        for content in ("", OPEN, WITH_USERS, WITH_PLUGIN, THREE_LISTENERS.format("/etc/mosquitto")):
            with self.subTest(content):
                ended = self.check(self.translated(content)[0])
                self.assertEqual(0, ended.returncode, ended.stderr)

    def test_a_left_out_listener_that_is_put_back_does_not_open_by_itself(self):
        output, _ = self.translated(WITH_PLUGIN)
        text = pathlib.Path(output).read_text(encoding="utf-8")
        for line in ("tcp:", "  bind: 0.0.0.0", "  port: 1883"):
            text = text.replace(f"  # {line}\n", f"  {line}\n")
        pathlib.Path(output).write_text(text, encoding="utf-8")
        ended = self.check(output)
        self.assertEqual(2, ended.returncode)
        self.assertIn("is open to other machines", ended.stderr)

    def test_users_and_tls_are_keys_of_the_result(self):
        output, _ = self.translated(THREE_LISTENERS.format("/etc/mosquitto"))
        shown = harness.run("config", "show", "--changed", "--config", output).stdout
        changed = dict(re.match(r"(\S+) += (\S*) ", line).groups() for line in shown.splitlines())
        self.assertEqual({
            "listeners.tcp.bind": "127.0.0.1", "listeners.tcp.port": "1883", "listeners.tcp.anonymous": "allow",
            "listeners.tls.bind": "127.0.0.1", "listeners.tls.port": "8883", "listeners.tls.transport": "tls",
            "listeners.tls.certificate": "/etc/mosquitto/server.crt", "listeners.tls.key": "/etc/mosquitto/server.key",
            "listeners.tls.anonymous": "refuse", "auth.password_file": "/etc/mosquitto/passwd", "auth.acl_file": "/etc/mosquitto/acl",
            "limits.max_inflight": "100",
        }, changed)

    def make_files(self):
        """Those that the file of three listeners names: rights, one user, a certificate."""
        digest = hashlib.pbkdf2_hmac("sha512", b"correct horse", b"salt of twelve", 101)
        users = f"ana:$7$101${base64.b64encode(b'salt of twelve').decode()}${base64.b64encode(digest).decode()}\n"
        self.file(users, "passwd")
        self.file("topic readwrite sensors/#\nuser ana\ntopic readwrite #\n", "acl")
        certificate = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                       "-days", "2", "-keyout", self.directory / "server.key", "-out", self.directory / "server.crt")
        subprocess.run(certificate, check=True, capture_output=True, timeout=harness.DEADLINE_S)

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_from_three_listeners_users_and_a_bridge_to_a_running_server(self):
        self.make_files()
        output, report = self.translated(THREE_LISTENERS.format(self.directory))
        for said in ("listener 8883 127.0.0.1: listeners.tls, on 127.0.0.1:8883, with TLS, anonymous: refuse",
                     "listener 9001: LEFT OUT", "connection cloud: LEFT OUT", "auth.password_file: ", "auth.acl_file: "):
            self.assertIn(said, report)
        self.assertNotIn("hunter2", report)
        server = harness.start(self, "listeners.tls.port=0", prefix=("env", f"HEADGATE_CONFIG={output}"))
        self.assertEqual("127.0.0.1", server.address)
        with wire.connected(server.port, "newcomer") as client:
            client.subscribe("sensors/#")
            client.send(wire.publish("sensors/1", b"21.5"))
            self.assertEqual(b"21.5", client.message().payload)


@unittest.skipUnless(servers.MOSQUITTO, "mosquitto must be installed")
class by_hand(unittest.TestCase):
    """What the report says is left to do, done as it says."""

    BRIDGE = "connection cloud\naddress 127.0.0.1:{port}\nremote_clientid plant\nrestart_timeout 1\n" \
             "topic sensors/# out 1 plant/ site7/\ntopic commands/# in 1\ntopic chat/# both 1\n"

    def mosquitto(self, settings=""):
        started = servers.mosquitto(settings)
        self.addCleanup(started.stop)
        return started

    def report(self, content):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(content)
            file.flush()
            ended = harness.run("import", file.name)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stderr

    def client(self, server, client_id, *filters):
        client = wire.connected(server.port, client_id)
        self.addCleanup(client.socket.close)
        if filters:
            client.subscribe(*filters, qos=0)
        return client

    def expect(self, client, topic, payload):
        found = client.message()
        self.assertEqual((topic, payload), (found.topic, found.payload))
        return found

    def test_a_small_mosquitto_keeps_the_bridge(self):
        remote = self.mosquitto()
        server = harness.start(self)
        lines = self.BRIDGE.format(port=remote.port)
        report = self.report(f"listener {server.port} 127.0.0.1\nallow_anonymous true\n" + lines)
        recipe = re.findall(r"^            (?!listener )(.*)$", report, re.MULTILINE)
        self.assertIn(f"address 127.0.0.1:{server.port}", recipe)
        self.assertNotIn("notifications", report)
        small = "\n".join(recipe).replace("(the lines of the old file)", lines)
        bridge = self.mosquitto(small + "\n")
        for _ in range(4):  # commands and chat of one bridge, sensors and chat of the other
            bridge.wait_for_line("Received SUBACK")
        here, there = self.client(server, "here", "#"), self.client(remote, "there", "site7/#", "commands/#", "chat/#")
        here.send(wire.publish("plant/sensors/1", b"21.5"))
        self.expect(there, "site7/sensors/1", b"21.5")
        self.expect(here, "plant/sensors/1", b"21.5")
        there.send(wire.publish("commands/1", b"on"))
        self.expect(here, "commands/1", b"on")
        self.expect(there, "commands/1", b"on")
        for sender, receiver in ((here, there), (there, here)):
            sender.send(wire.publish("chat/1", b"hello"))
            for one in (sender, receiver):
                self.expect(one, "chat/1", b"hello")
        here.send(wire.publish("plant/sensors/2", b"end"))  # nothing came twice before it
        self.expect(there, "site7/sensors/2", b"end")
        self.expect(here, "plant/sensors/2", b"end")

    def test_a_bridge_takes_the_retained_messages_over(self):
        with tempfile.TemporaryDirectory() as directory:
            persistence = f"persistence true\npersistence_location {directory}/\n"
            before = servers.mosquitto(persistence)
            keeper = self.client(before, "keeper")
            for number in range(20):
                keeper.send(wire.publish(f"state/{number}", b"on", flags=1))
            keeper.ping()
            before.stop()
            server = harness.start(self)
            self.mosquitto(persistence + f"connection headgate\naddress 127.0.0.1:{server.port}\ntopic # out 1\n")
            server.wait_for(lambda stats: stats["retained_messages"] >= 20, "the retained messages did not come over")
        found = self.client(server, "late", "state/#")
        self.assertEqual({f"state/{number}" for number in range(20)}, {found.message().topic for _ in range(20)})


if __name__ == "__main__":
    harness.main()
