"""Clients that show certificates: which are taken, what name they give their client, what the log says of the others, and how the
files of a listener are exchanged while clients are connected."""

import pathlib
import shutil
import signal
import ssl
import tempfile
import unittest

import certificates
import harness
import tls
import wire
from wire import V5, V311

made = {}
SERVER_NAMES = ["DNS:server.example", "IP:127.0.0.1"]


def setUpModule():
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
    unittest.addModuleCleanup(directory.cleanup)
    root, stranger = (certificates.authority(directory.name, name) for name in ("root", "stranger"))
    made.update(
        directory=directory.name, root=root, stranger=stranger, server=root.issue("server", SERVER_NAMES),
        alice=root.issue("alice", ["DNS:alice.example", "email:alice@example.org"], purpose="client"),
        deep=root.authority("between").issue("deep", purpose="client"),
        by_mail=root.issue("mail", ["email:mail@example.org", "URI:urn:device:7"], purpose="client"),
        by_uri=root.issue("uri", ["URI:urn:device:8"], purpose="client"),
        bare=root.issue("bare", purpose="client"),
        expired=root.issue("expired", purpose="client", expired=True),
        revoked=root.issue("revoked", purpose="client"),
        for_servers=root.issue("for-servers", ["DNS:for-servers.example"]),
        foreign=stranger.issue("alice", purpose="client"),
    )
    root.revoke(made["revoked"])
    made["crl"] = root.crl()


def trusting(client=None, version=None):
    return tls.trusting(made["root"].certificate, version=version, client=made[client] if client else None)


def mutual(ask="required", **more):
    return tls.listener(made["server"], client_certificate=ask, client_ca=made["root"].certificate, crl=made["crl"], **more)


def refusal(port, context):
    """The alert with which a handshake is refused, as OpenSSL names it, and the client's port."""
    with tls.by_hand(port, context) as client:
        try:
            client.shake_hands()
            try:
                client.send(client.record(wire.connect("refused")))
            except OSError:
                pass  # closed already; in TLS 1.3 the alert comes after what was a handshake to the client
            while client.receive():
                pass
        except (ssl.SSLError, OSError) as error:
            return getattr(error, "reason", None) or str(error), client.local_port
        return "", client.local_port


class certificates_of_clients(unittest.TestCase):
    # Whose, the alert in TLS 1.3, that in 1.2, words of the log.
    REFUSED = [
        ("foreign", "UNKNOWN_CA", "UNKNOWN_CA", "authority|issuer|unknown"),
        ("expired", "CERTIFICATE_EXPIRED", "CERTIFICATE_EXPIRED", "expired"),
        ("revoked", "CERTIFICATE_REVOKED", "CERTIFICATE_REVOKED", "revoked"),
        ("for_servers", "CERTIFICATE", "CERTIFICATE", "purpose|certificate"),
    ]

    def expect_refused(self, server, whose, version, alert, words):
        with self.subTest(whose, version=version.name):
            def attempt():
                reason, port = refusal(server.port, trusting(whose, version))
                self.assertIn(alert, reason)
                return port

            self.assertRegex(tls.told(server, attempt), f"(?i){words}")

    def test_required(self):
        server = harness.start(self, *mutual())
        for version in tls.VERSIONS:
            for mqtt in wire.VERSIONS:
                with tls.connected(server.port, "c", trusting("alice", version), mqtt) as client:
                    client.ping()
            self.expect_refused(server, None, version, "CERTIFICATE_REQUIRED" if version == tls.TLS_1_3 else "HANDSHAKE_FAILURE", "certificate")
            for whose, in_1_3, in_1_2, words in self.REFUSED:
                self.expect_refused(server, whose, version, in_1_3 if version == tls.TLS_1_3 else in_1_2, words)
        self.assertEqual(0, server.wait_for(lambda stats: stats["clients"] == 0, "all have gone")["refused_malformed"])

    def test_optional(self):
        server = harness.start(self, *mutual("optional"))
        for version in tls.VERSIONS:
            for whose in (None, "alice"):
                with tls.connected(server.port, "c", trusting(whose, version)) as client:
                    client.ping()
            for whose, in_1_3, in_1_2, words in self.REFUSED:
                self.expect_refused(server, whose, version, in_1_3 if version == tls.TLS_1_3 else in_1_2, words)

    def test_a_chain_with_an_intermediate_authority(self):
        server = harness.start(self, *tls.listener(made["server"], client_certificate="required", client_ca=made["root"].certificate, user_name="common_name"))
        with tls.connected(server.port, "c", trusting("deep")) as client:
            client.ping()
            self.assertIn("deep", tls.wait_for_one_line(server, client.local_port))


class names_of_clients(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
        self.addCleanup(directory.cleanup)
        self.acl = pathlib.Path(directory.name, "acl")
        self.acl.write_text("pattern readwrite %u/#\nuser mail@example.org\ntopic read also\n", encoding="utf-8")
        self.users = pathlib.Path(directory.name, "users")
        self.users.write_text("", encoding="utf-8")

    def expect_name(self, server, whose, name, **options):
        """The client may do what its name may do, and the log has the name."""
        for version in tls.VERSIONS:
            for mqtt in wire.VERSIONS:
                with self.subTest(whose, tls=version.name, mqtt=mqtt), tls.connected(server.port, "c", trusting(whose, version), mqtt, **options) as client:
                    codes = client.subscribe(f"{name}/t", "somebody/t", qos=1).body[-2:]
                    self.assertEqual(bytes([1, 0x87 if mqtt == V5 else 0x80]), codes)
                    client.send(wire.publish(f"{name}/t", "mine", mqtt))
                    client.send(wire.publish("somebody/t", "not mine", mqtt))
                    self.assertEqual(b"mine", client.message().payload)
                    client.ping()
                    came = [line for line in server.wait_for_line(f":{client.local_port} connected") if f":{client.local_port} connected" in line]
                    self.assertIn(f"user '{name}'", came[-1])

    def test_from_the_common_name(self):
        server = harness.start(self, *mutual(user_name="common_name"), f"auth.acl_file={self.acl}", f"auth.password_file={self.users}")
        self.expect_name(server, "alice", "alice")
        credentials = wire.data("mallory") + wire.data("whatever")
        self.expect_name(server, "alice", "alice", flags=0xC0, rest=credentials)

    def test_from_the_alternative_names(self):
        server = harness.start(self, *mutual(user_name="alternative_name"), f"auth.acl_file={self.acl}", f"auth.password_file={self.users}")
        self.expect_name(server, "alice", "alice.example")
        self.expect_name(server, "by_mail", "mail@example.org")
        for whose in ("by_uri",):
            with tls.connected(server.port, "c", trusting(whose)) as client:
                self.assertEqual(0, client.subscribe("urn:device:8/t").body[-1])

    def test_without_an_alternative_name_nobody_comes_in(self):
        server = harness.start(self, *mutual(user_name="alternative_name"), f"auth.acl_file={self.acl}", f"auth.password_file={self.users}")
        for version in tls.VERSIONS:
            def attempt():
                with tls.by_hand(server.port, trusting("bare", version)) as client:
                    client.shake_hands()
                    client.send(client.record(wire.connect("bare", V5)))
                    self.assertEqual(b"", client.receive())
                    return client.local_port

            self.assertIn("certificate has no name", tls.told(server, attempt))
        self.assertEqual(0, server.stats()["connects"])

    def test_an_optional_certificate_stands_for_the_password_and_who_has_none_needs_one(self):
        server = harness.start(self, *mutual("optional", user_name="common_name"), f"auth.acl_file={self.acl}", f"auth.password_file={self.users}")
        self.expect_name(server, "alice", "alice")
        for mqtt, nameless, wrong in ((V311, 5, 4), (V5, 0x87, 0x86)):
            with tls.client(server.port, trusting(), mqtt) as client:
                self.assertEqual(nameless, client.answer_to("c")[1])
            with tls.client(server.port, trusting(), mqtt) as client:
                self.assertEqual(wrong, client.answer_to("c", flags=0xC0, rest=wire.data("alice") + wire.data("x"))[1])

    def test_where_the_name_is_that_of_connect_a_certificate_names_nobody(self):
        server = harness.start(self, *mutual("required"), f"auth.password_file={self.users}")
        for mqtt, wrong in ((V311, 4), (V5, 0x86)):
            with tls.client(server.port, trusting("alice"), mqtt) as client:
                self.assertEqual(wrong, client.answer_to("c", flags=0xC0, rest=wire.data("alice") + wire.data("x"))[1])


class reloading(unittest.TestCase):
    """Files are exchanged while clients are connected."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
        self.addCleanup(directory.cleanup)
        self.chain, self.key, self.crl = (pathlib.Path(directory.name, name) for name in ("chain.pem", "key.pem", "revoked.crl"))
        self.first, self.second = made["server"], made["root"].issue("second", SERVER_NAMES)
        self.install(self.first)
        shutil.copy(made["crl"], self.crl)

    def install(self, shown):
        shutil.copy(shown.chain, self.chain)
        shutil.copy(shown.key, self.key)

    def start(self, **more):
        installed = certificates.pair(str(self.chain), str(self.key), str(self.chain))
        return harness.start(self, *tls.listener(installed, **more))

    def reload(self, server, text):
        before = len(server.log())
        server.signal(signal.SIGHUP)
        return server.wait_for_line(text, after=before)

    def expect_shown(self, server, shown, context=None):
        """New clients see this certificate."""
        wanted = ssl.PEM_cert_to_DER_cert(pathlib.Path(shown.certificate).read_text(encoding="utf-8"))

        def is_shown():
            with tls.connected(server.port, "new", context or trusting()) as client:
                return client.certificate() == wanted

        harness.eventually(is_shown, f"new clients see the certificate of {shown.certificate}")

    def test_new_certificates_are_shown_to_new_clients_and_old_ones_stay(self):
        server = self.start()
        with tls.connected(server.port, "old", trusting(), V5) as old, tls.connected(server.port, "older", trusting(version=tls.TLS_1_2)) as older:
            old.subscribe("t")
            self.expect_shown(server, self.first)
            self.install(self.second)
            server.signal(signal.SIGHUP)
            self.expect_shown(server, self.second)
            older.send(wire.publish("t", "still here"))
            self.assertEqual(b"still here", old.message().payload)
            older.ping()

    def test_bad_files_leave_the_old_ones_in_force(self):
        server = self.start()
        with tls.connected(server.port, "old", trusting()) as old:
            for content, what in (("no certificate", self.chain), (None, self.chain)):
                if content is None:
                    self.chain.unlink()
                else:
                    self.chain.write_text(content, encoding="utf-8")
                self.reload(server, str(what))
                self.expect_shown(server, self.first)
            self.install(self.second)
            shutil.copy(self.first.key, self.key)  # a key that is not the certificate's
            self.reload(server, str(self.key))
            self.expect_shown(server, self.first)
            self.install(self.second)
            server.signal(signal.SIGHUP)
            self.expect_shown(server, self.second)
            old.ping()

    def test_who_is_revoked_comes_in_no_more_with_a_session_either(self):
        server = self.start(client_certificate="required", client_ca=made["root"].certificate, crl=self.crl, user_name="common_name")
        late = made["root"].issue("late", purpose="client")
        came = []
        for version in tls.VERSIONS:
            context = tls.trusting(made["root"].certificate, version=version, client=late)
            with tls.connected(server.port, "late", context) as client:
                client.ping()
                session = client.socket.session
                self.assertFalse(session is not None and session.has_ticket, "a certificate is looked at in each handshake")
            with tls.connected(server.port, "again", context, session=session) as again:
                self.assertFalse(again.socket.session_reused)
                again.ping()
            came.append((context, session))
        made["root"].revoke(late)
        shutil.copy(made["root"].crl(), self.crl)
        server.signal(signal.SIGHUP)

        def is_refused(context, session):
            try:
                with tls.connected(server.port, "late", context, session=session):
                    return False
            except ssl.SSLError as error:
                return "CERTIFICATE_REVOKED" in error.reason
            except ConnectionResetError:
                return False

        for context, session in came:
            harness.eventually(lambda: is_refused(context, session), "a revoked certificate is refused")
        with tls.connected(server.port, "alice", trusting("alice")) as other:
            other.ping()

    def test_tickets_outlive_one_reload(self):
        server = self.start()
        for version in tls.VERSIONS:
            context = trusting(version=version)

            def resumes(session):
                with tls.connected(server.port, "c", context, session=session) as client:
                    client.ping()
                    return client.socket.session_reused

            with tls.connected(server.port, "c", context) as client:
                client.ping()
                session = client.socket.session
            self.reload(server, "read again")
            self.assertTrue(resumes(session))
            self.reload(server, "read again")
            harness.eventually(lambda: not resumes(session), "a ticket of two reloads ago is not taken")

    def test_servers_that_cannot_start_say_why(self):
        for more, words in (
            ({"certificate": "/nowhere.pem"}, "/nowhere.pem"), ({"key": made["root"].key}, "authority.key"),
            ({"certificate": made["root"].key}, "authority.key"), ({"client_certificate": "required"}, "client_ca"),
        ):
            with self.subTest(more):
                arguments = [part for setting in ("listeners.tcp.port=0", "admin.port=0", *tls.listener(self.first, **more)) for part in ("--set", setting)]
                ended = harness.run("serve", *arguments)
                self.assertEqual(2, ended.returncode, ended.stderr)
                self.assertIn(words, ended.stderr)


if __name__ == "__main__":
    harness.main()
