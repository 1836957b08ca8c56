"""headgate-loadtest with TLS, user names and passwords, against Headgate and against mosquitto: what it says of either is the same."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

import certificates
import harness
import loadtest

USERS = {"one": "first", "two": "second"}
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class mosquitto:
    """One that ends with the test."""

    def __init__(self, test, folder, lines):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        file = folder / "mosquitto.conf"
        file.write_text("\n".join([f"listener {self.port} 127.0.0.1", *lines, "max_queued_messages 0"]) + "\n", encoding="utf-8")
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        test.addCleanup(self.stop)
        harness.eventually(lambda: listens(self.port) or self.process.poll() is not None, "mosquitto does not listen")
        test.assertIsNone(self.process.poll(), "mosquitto ended")

    def stop(self):
        self.process.terminate()
        self.process.wait(harness.DEADLINE_S)


class door:
    """The tests; `serve` starts a server with TLS, with users, or with both."""

    def setUp(self):
        certificates.need_openssl()
        if shutil.which("mosquitto_passwd") is None:
            self.skipTest("mosquitto_passwd is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.root = certificates.authority(self.folder, "root")
        self.server = self.root.issue("server", names=["IP:127.0.0.1", "DNS:broker.test"])
        self.passwords = self.folder / "passwords"
        self.passwords.write_text("", encoding="utf-8")
        for user, password in USERS.items():
            subprocess.run(["mosquitto_passwd", "-b", str(self.passwords), user, password], check=True, capture_output=True,
                           timeout=harness.DEADLINE_S)
        self.ca = str(self.root.certificate)
        # mosquitto gives up the rights of the one who started it.
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def conn(self, port, *options):
        return loadtest.run(port, "conn", "-c", "5", "-d", "300ms", "--warm-up", "100ms", "--stall", "1s", *options)

    def reasons(self, done):
        return " / ".join(done.figures["connections"]["reasons"])

    def test_messages_go_over_tls_in_both_versions(self):
        port = self.serve(tls=True)
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                done = loadtest.run(port, "pairs", "-c", "5", "-q", "1", "-s", "40..40000", "-d", "500ms", "--tls", "--ca", self.ca,
                                    "--tls-version", version)
                self.assertEqual((0, {}), (done.status, done.faults()), done)
                self.assertGreater(done.figures["deliveries"], 50, done)
                self.assertEqual(10, done.figures["connections"]["full_handshakes"], done)
                self.assertIn(f"{version} at most", done.figures["conditions"]["TLS"])

    def test_who_comes_again_resumes_the_session_or_does_not(self):
        port = self.serve(tls=True)
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                tls = ("--cycle", "--tls", "--ca", self.ca, "--tls-version", version)
                counted = self.conn(port, *tls).figures["connections"]
                self.assertEqual(5, counted["full_handshakes"], counted)
                self.assertGreater(counted["resumed_handshakes"], 5, counted)
                counted = self.conn(port, *tls, "--no-resume").figures["connections"]
                self.assertEqual(0, counted["resumed_handshakes"], counted)
                self.assertGreater(counted["full_handshakes"], 5, counted)

    def test_who_the_server_is_is_verified(self):
        port = self.serve(tls=True)
        done = self.conn(port, "--tls", "--ca", self.ca, "--server-name", "broker.test")
        self.assertEqual(0, done.status, done)
        done = self.conn(port, "--tls", "--insecure")
        self.assertEqual(0, done.status, done)
        done = self.conn(port, "--tls", "--ca", self.ca, "--server-name", "other.test")
        self.assertEqual(1, done.status, done)
        self.assertIn("TLS: the server's certificate is for another name", self.reasons(done))
        other = certificates.authority(self.folder, "other")
        done = self.conn(port, "--tls", "--ca", str(other.certificate))
        self.assertEqual(1, done.status, done)
        self.assertIn("TLS: the server's certificate is not trusted", self.reasons(done))
        self.assertEqual(0, done.figures["connections"]["full_handshakes"], done)
        self.assertGreater(done.figures["connections"]["failed"], 0, done)

    def test_a_client_shows_its_certificate(self):
        port = self.serve(tls=True, clients=True)
        client = self.root.issue("client", purpose="client")
        tls = ("--tls", "--ca", self.ca)
        self.assertEqual(0, self.conn(port, *tls, "--cert", client.chain, "--key", client.key).status)
        done = self.conn(port, *tls)
        self.assertEqual(1, done.status, done)
        self.assertEqual(0, done.figures["connections"]["accepted"], done)

    def test_who_speaks_tls_to_a_plain_listener_is_told(self):
        done = self.conn(self.serve(), "--tls", "--ca", self.ca)
        self.assertEqual(1, done.status, done)
        self.assertIn("TLS", self.reasons(done))

    def test_users_have_passwords(self):
        port = self.serve(users=True)
        self.assertEqual(0, self.conn(port, "-u", "one", "-P", "first").status)
        done = self.conn(port, "-u", "one", "-P", "second")
        self.assertEqual(1, done.status, done)
        self.assertGreater(done.figures["connections"]["refused"], 0, done)
        done = self.conn(port, "-u", "one", "-P", "wrong-%c", "-r", "200", "--expect-refused", "-d", "1")
        self.assertEqual(0, done.status, done)
        self.assertEqual(0, done.figures["connections"]["accepted"], done)
        self.assertAlmostEqual(200, done.figures["refusals_per_s"], delta=20)
        done = self.conn(port, "-u", "one", "-P", "first", "-r", "100", "--expect-refused")
        self.assertEqual(1, done.status, done)
        self.assertIn("connections were accepted that were to be refused", done.output)

    def test_a_plan_has_both(self):
        port = self.serve(tls=True, users=True)
        file = self.folder / "plan.yaml"
        file.write_text(f"""\
targets: ['127.0.0.1:{port}']
tls: {{ ca: '{self.ca}' }}
measure: {{ warm_up: 100ms, duration: 1s }}
groups:
  right: {{ clients: 3, user: two, password: second, life: {{ hold: 100ms, away: 10ms }} }}
  wrong: {{ clients: 10, user: 'no-%c', password: x, connect: {{ rate: 50, expect: refused }} }}
""", encoding="utf-8")
        done = loadtest.run(None, "run", str(file))
        self.assertEqual(0, done.status, done)
        self.assertGreater(done.figures["refusals"], 20, done)
        self.assertGreater(done.figures["connections"]["resumed_handshakes"], 5, done)


@unittest.skipIf(MOSQUITTO is None, "mosquitto is not installed")
class of_mosquitto(door, unittest.TestCase):
    def serve(self, tls=False, users=False, clients=False):
        lines = [f"password_file {self.passwords}", "allow_anonymous false"] if users else ["allow_anonymous true"]
        if tls:
            lines += [f"certfile {self.server.chain}", f"keyfile {self.server.key}"]
        if clients:
            lines += [f"cafile {self.ca}", "require_certificate true"]
        return mosquitto(self, self.folder, lines).port


class of_headgate(door, unittest.TestCase):
    def serve(self, tls=False, users=False, clients=False):
        settings = [f"auth.password_file={self.passwords}"] if users else []
        if tls:
            settings += ["listeners.tcp.transport=tls", f"listeners.tcp.certificate={self.server.chain}",
                         f"listeners.tcp.key={self.server.key}"]
        if clients:
            settings += ["listeners.tcp.client_certificate=required", f"listeners.tcp.client_ca={self.ca}"]
        return harness.start(self, *settings).port


class refused_at_once(unittest.TestCase):
    def test_what_does_not_go_together(self):
        cases = (
            (("--ca", "ca.pem"), "--ca: it is about TLS, which these clients do not speak: give --tls"),
            (("--tls", "--cert", "c.pem"), "--key: the clients' certificate is of no use without its private key"),
            (("--tls", "--insecure", "--ca", "ca.pem"), "--ca: whatever the server shows is taken"),
            (("--tls", "--tls-version", "1.1"), "'1.1' is no value for --tls-version: it takes 1.2 or 1.3"),
            (("--tls", "--ca", "/no/such/ca.pem"), "/no/such/ca.pem"),
            (("-P", "x"), "--password: before MQTT 5 there is no password without a user"),
            (("--expect-refused", "--cycle"), "--expect-refused: who is refused does nothing else"),
        )
        for options, sentence in cases:
            with self.subTest(options=options):
                done = loadtest.run(None, "conn", *options)
                self.assertEqual((2, None), (done.status, done.figures), done)
                self.assertIn(sentence, done.errors)


if __name__ == "__main__":
    harness.main()
