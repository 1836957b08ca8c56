"""Certificates and lists of revoked ones that end: told in the log and to Prometheus, and in nobody's way at a start or reload."""

import json
import pathlib
import re
import shutil
import tempfile
import time
import unittest

import admin_peer
import certificates
import door
import harness
import tls

DAY_S = 86_400


def metric(server, name, listener="tcp"):
    found = re.search(rf'^{name}{{listener="{listener}"}} (\S+)$', admin_peer.ask(server.admin_port, "/metrics").text, re.MULTILINE)
    return found and float(found[1])


class ends(unittest.TestCase):
    def setUp(self):
        certificates.need_openssl()
        directory = tempfile.TemporaryDirectory(prefix="headgate-expiry-")
        self.addCleanup(directory.cleanup)
        self.root = certificates.authority(directory.name, "root")
        self.old = self.root.issue("old", ["DNS:server.example", "IP:127.0.0.1"], expired=True)
        self.good = self.root.issue("good", ["DNS:server.example", "IP:127.0.0.1"])
        # Files in force, which a reload finds with another content.
        self.used = certificates.pair(*(str(pathlib.Path(directory.name, name)) for name in ("used.pem", "used.key", "unused")))

    def use(self, pair):
        shutil.copy(pair.chain, self.used.chain)
        shutil.copy(pair.key, self.used.key)

    def test_an_expired_certificate_is_told_and_a_start_and_a_reload_go_on(self):
        self.use(self.old)
        server = harness.start(self, *tls.listener(self.used))
        server.wait_for_line("listeners.tcp: certificate")
        warned = [line for line in server.log() if "has expired" in line]
        self.assertEqual(1, len(warned), server.log())
        self.assertRegex(warned[0], r"warning listeners\.tcp: certificate \S+used\.pem has expired \(Feb +1 00:00:00 2020 GMT\): clients refuse it; ")
        self.assertLess(metric(server, "headgate_certificate_expiry_timestamp_seconds"), time.time())
        with tls.connected(server.port, "trusting", tls.careless(tls.TLS_1_2, tls.TLS_1_3)) as client:
            client.ping()
            self.use(self.good)
            self.assertFalse(any("expired" in line for line in door.reload(server)))
            self.assertAlmostEqual(time.time() + 30 * DAY_S, metric(server, "headgate_certificate_expiry_timestamp_seconds"), delta=600)
            with tls.connected(server.port, "careful", tls.trusting(self.root.certificate)) as careful:
                careful.ping()
            self.use(self.old)
            self.assertTrue(any("warning" in line and "has expired" in line for line in door.reload(server)))
            client.ping()

    def test_the_end_of_a_list_of_revoked_certificates(self):
        self.use(self.good)
        server = harness.start(self, *tls.listener(self.used, client_certificate="optional", client_ca=self.root.certificate,
                                                   crl=self.root.crl(days=5)))
        in_5_days = time.time() + 5 * DAY_S
        self.assertAlmostEqual(in_5_days, metric(server, "headgate_crl_expiry_timestamp_seconds"), delta=600)
        told, = json.loads(admin_peer.ask(server.admin_port, "/api/v1/stats").text)["server"]["certificates"]
        self.assertEqual("tcp", told["listener"])
        self.assertAlmostEqual(in_5_days, told["crl_expires_s"], delta=600)
        self.assertAlmostEqual(time.time() + 30 * DAY_S, told["expires_s"], delta=600)

    def test_without_tls_there_is_nothing_to_end(self):
        server = harness.start(self)
        self.assertIsNone(metric(server, "headgate_certificate_expiry_timestamp_seconds"))
        self.assertEqual([], json.loads(admin_peer.ask(server.admin_port, "/api/v1/stats").text)["server"]["certificates"])


if __name__ == "__main__":
    harness.main()
