"""What the default listener with TLS offers, asked as scanners such as testssl do: versions, cipher suites, compression, groups."""

import ssl
import subprocess
import tempfile
import unittest

import certificates
import harness
import tls

made = {}
SSL_2_HELLO = bytes.fromhex("802b010002001200000010" "010080020080030080040080050080060040" + "11" * 16)
PROTOCOL_VERSION, HANDSHAKE_FAILURE = 70, 40

# Suites of TLS 1.2 and below, by their registered numbers (IANA): all of the blocks in which there are any.
REGISTERED = [*range(0x0001, 0x00C8), *range(0xC001, 0xC100), *range(0xCCA8, 0xCCAF), *range(0xD001, 0xD006)]


def setUpModule():
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-tls-")
    unittest.addModuleCleanup(directory.cleanup)
    root = certificates.authority(directory.name, "root", "rsa")
    made.update(root=root, **{kind: root.issue("server", ["IP:127.0.0.1"], algorithm=kind) for kind in ("ec", "rsa")})


def names_of_all_suites():
    """OpenSSL's names of all that this machine's knows below TLS 1.3, the worst among them."""
    listed = certificates.openssl("ciphers", "-s", "-tls1_2", "ALL:eNULL:@SECLEVEL=0")
    return [name for name in listed.strip().split(":") if not name.startswith("TLS_")]


class policy(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self, *tls.listener(made["ec"], made["rsa"]), "logging.level=error")

    def accepted(self, hello):
        answer = tls.answer_to(self.server.port, hello)
        return answer if answer is not None and answer.alert is None else None

    def test_nothing_below_tls_1_2(self):
        everything = tuple(REGISTERED)
        for version in (0x0300, 0x0301, 0x0302):
            for suites in (everything, tuple(tls.SOUND_SUITES)):
                answer = tls.answer_to(self.server.port, tls.client_hello(suites, version))
                self.assertTrue(answer is None or answer.alert in (PROTOCOL_VERSION, HANDSHAKE_FAILURE), f"{version:04x}: {answer}")
                # The same hello is taken when it speaks 1.2: it is the version that is refused.
                taken = self.accepted(tls.client_hello(suites, 0x0303))
                self.assertEqual(0x0303, taken.version)
                self.assertIn(taken.suite, tls.SOUND_SUITES)
        with tls.connect_plain(self.server.port) as opened:
            opened.sendall(SSL_2_HELLO)
            for kind, _ in tls.records(tls.read_to_end(opened)):
                self.assertEqual(tls.ALERT_RECORD, kind)
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.assertRaises((ssl.SSLError, OSError)):
                tls.client(self.server.port, tls.careless(version, version), server_name=None)

    def test_a_suite_of_1_2_is_forward_secret_and_authenticated(self):
        taken = {suite for suite in REGISTERED if self.accepted(tls.client_hello((suite,)))}
        self.assertLessEqual(taken, set(tls.SOUND_SUITES), [hex(suite) for suite in taken])
        self.assertLessEqual({0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9}, taken)

    def test_each_suite_of_openssl(self):
        names, taken = names_of_all_suites(), set()
        self.assertGreater(len(names), 50)
        for name in names:
            try:
                context = tls.careless(tls.TLS_1_2, tls.TLS_1_2, f"{name}:@SECLEVEL=0")
                with tls.connected(self.server.port, "c", context, server_name=None) as client:
                    taken.add(client.socket.cipher()[0])
                    self.assertIsNone(client.socket.compression())
            except (ssl.SSLError, OSError):
                pass
        self.assertLessEqual(taken, set(tls.SOUND_SUITES.values()))
        for kind in ("ECDSA", "RSA"):
            self.assertTrue(any(kind in name for name in taken), taken)

    def test_the_server_chooses_and_chooses_well(self):
        worst_first = (0x0005, 0x000A, 0x002F, 0xC013, 0xC030, 0xC02F)
        answer = self.accepted(tls.client_hello(worst_first))
        self.assertIn(answer.suite, tls.SOUND_SUITES)

    def test_nothing_is_compressed(self):
        answer = self.accepted(tls.client_hello(compressions=(1, 0)))
        self.assertEqual(0, answer.compression)
        self.assertIsNone(self.accepted(tls.client_hello(compressions=(1,))))

    def test_the_suites_of_1_3(self):
        found = self.accepted(tls.client_hello_of_1_3())
        self.assertIn(found.suite, (0x1301, 0x1302, 0x1303))
        with tls.connected(self.server.port, "c", tls.trusting(made["root"].certificate)) as client:
            self.assertEqual("TLSv1.3", client.socket.version())

    def test_a_hello_that_goes_back_to_1_2_though_it_need_not_is_refused(self):
        """TLS_FALLBACK_SCSV (RFC 7507)."""
        answer = tls.answer_to(self.server.port, tls.client_hello((*tls.SOUND_SUITES, 0x5600)))
        self.assertEqual(86, answer.alert)

    def test_extended_master_secret_and_secure_renegotiation(self):
        said = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_2"], input="", capture_output=True,
                              text=True, timeout=harness.DEADLINE_S, check=False).stdout
        self.assertIn("Secure Renegotiation IS supported", said)
        self.assertRegex(said, r"Extended master secret: yes")
        self.assertRegex(said, r"Compression: NONE")
        self.assertRegex(said, r"Server Temp Key: (X25519|ECDH, prime256v1)")


if __name__ == "__main__":
    harness.main()
