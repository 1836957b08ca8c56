"""`headgate cert dev` in a directory that it finds empty, filled, or damaged: what is good stays, and it says what it did."""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

import certificates
import harness

DONE, CANNOT = 0, 2


class development(unittest.TestCase):
    def setUp(self):
        certificates.need_openssl()
        directory = tempfile.TemporaryDirectory(prefix="headgate-cert-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name, "certs")

    def make(self, *arguments):
        return harness.run("cert", "dev", "--directory", str(self.path), *arguments)

    def made(self, *arguments):
        ended = self.make(*arguments)
        self.assertEqual((DONE, ""), (ended.returncode, ended.stderr))
        return ended.stdout

    def refused(self, *arguments):
        ended = self.make(*arguments)
        self.assertEqual((CANNOT, ""), (ended.returncode, ended.stdout))
        self.assertRegex(ended.stderr, r"^headgate: [^\n]+\n$")
        return ended.stderr

    def contents(self):
        return {file.name: file.read_bytes() for file in self.path.iterdir()}

    def expire(self, name, purpose="server"):
        """Puts a certificate of this authority there that has expired."""
        with tempfile.TemporaryDirectory() as directory:
            signer = certificates.authority(directory, "signer")
            shutil.copy(self.path / "ca.pem", signer.certificate)
            shutil.copy(self.path / "ca.key", signer.key)
            expired = signer.issue(name, ["DNS:localhost"], purpose=purpose, expired=True)
            shutil.copy(expired.certificate, self.path / f"{name}.pem")
            shutil.copy(expired.key, self.path / f"{name}.key")

    def verify(self, name):
        certificates.openssl("verify", "-CAfile", self.path / "ca.pem", self.path / f"{name}.pem")

    def test_the_first_time_all_is_made(self):
        said = self.made("--client", "pump-7", "--name", "broker.example", "--name", "192.0.2.7")
        for line in (r"Made an authority \(\S+/ca\.pem\), valid until \w+ .* GMT\.\n",
                     r"Made a server certificate for broker\.example, 192\.0\.2\.7 \(\S+/server\.pem\), valid until ",
                     r"Made a certificate for the client pump-7 \(\S+/pump-7\.pem\), valid until ",
                     r"mosquitto_sub -h broker\.example -p 8883 --cafile \S+/ca\.pem --cert \S+/pump-7\.pem --key \S+/pump-7\.key"):
            self.assertRegex(said, line)
        self.verify("server")
        self.verify("pump-7")
        for name in ("ca", "server", "pump-7"):
            self.assertEqual(0o600, stat.S_IMODE(os.stat(self.path / f"{name}.key").st_mode))

    def test_a_second_time_what_is_there_stays(self):
        self.made("--client", "pump-7", "--name", "broker.example")
        before = self.contents()
        said = self.made("--client", "pump-7", "--client", "pump-8")
        self.assertRegex(said, r"Kept the authority .*\nKept the server certificate for broker\.example .*; --name makes another one\.\n"
                               r"Kept the certificate for the client pump-7 .*\nMade a certificate for the client pump-8 ")
        self.assertIn("mosquitto_sub -h broker.example ", said)
        after = self.contents()
        self.assertEqual(before, {name: after[name] for name in before})
        self.assertEqual({"pump-8.pem", "pump-8.key"}, set(after) - set(before))

    def test_another_name_replaces_the_servers_alone_and_what_was_there_stays_beside_it(self):
        self.made("--client", "pump-7")
        before = self.contents()
        said = self.made("--client", "pump-7", "--name", "other.example")
        self.assertRegex(said, r"Replaced the server certificate for other\.example .*: --name was given; what was there is \S+/server\.pem\.old now\.\n")
        self.assertIn("Kept the certificate for the client pump-7", said)
        after = self.contents()
        for end in (".pem", ".key"):
            self.assertEqual(before["server" + end], after[f"server{end}.old"])
            self.assertNotEqual(before["server" + end], after["server" + end])
            self.assertEqual(before["pump-7" + end], after["pump-7" + end])
        self.verify("server")

    def test_what_has_expired_is_made_anew(self):
        self.made("--client", "pump-7")
        for name in ("server", "pump-7"):
            self.expire(name)
        said = self.made("--client", "pump-7")
        self.assertEqual(2, len(re.findall(r"^Replaced the .*: it had expired; ", said, re.MULTILINE)), said)
        self.verify("server")
        self.verify("pump-7")

    def test_what_is_of_no_use_is_made_anew(self):
        self.made("--client", "pump-7", "--client", "pump-8", "--client", "pump-9")
        (self.path / "server.pem").write_text("nothing", encoding="utf-8")
        shutil.copy(self.path / "pump-8.key", self.path / "pump-7.key")
        (self.path / "pump-8.key").unlink()
        for name in ("ca.pem", "ca.key"):
            (self.path / name).rename(self.path / (name + ".away"))
        said = self.made("--client", "pump-7", "--client", "pump-8", "--client", "pump-9")
        for line in ("Made an authority", r"Replaced the server .*: it was damaged;", r"client pump-7 .*: its key was another's;",
                     r"client pump-8 .*: one of its two files was missing;", r"client pump-9 .*: another authority had signed it;"):
            self.assertRegex(said, line)
        for name in ("server", "pump-7", "pump-8", "pump-9"):
            self.verify(name)

    def test_an_authority_that_will_not_do_is_named(self):
        self.made()
        good = self.contents()
        for name, content, sentence in (("ca.key", b"nothing", "ca.key is damaged: "), ("ca.pem", b"nothing", "ca.pem is damaged: "),
                                        ("ca.key", good["server.key"], "ca.key is not the key of ")):
            (self.path / name).write_bytes(content)
            self.assertIn(f"{self.path}/{sentence}", self.refused())
            (self.path / name).write_bytes(good[name])
        (self.path / "ca.key").unlink()
        self.assertIn("ca.key cannot be read: No such file", self.refused())

    def test_an_authority_that_has_expired_signs_nothing(self):
        self.made()
        self.expire("ca", purpose="authority")
        self.assertRegex(self.refused(), r"ca\.pem has expired \(Feb +1 00:00:00 2020 GMT\), so nobody takes what it signs: ")

    def test_an_authority_that_ends_first_is_told(self):
        self.path.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=short", "-days", "100",
                        "-keyout", "ca.key", "-out", "ca.pem"], cwd=self.path, check=True, capture_output=True, timeout=harness.DEADLINE_S)
        ended = self.make("--days", "101")
        self.assertEqual(DONE, ended.returncode)
        self.assertRegex(ended.stderr, r"^headgate: the authority \S+/ca\.pem ends on .*, before what it signed: ")
        self.path = self.path.with_name("longer")
        self.made("--days", "3649")

    def test_names_of_clients(self):
        for name in (".hidden", "-x", "a/b", "a b", "é", "a'b", "a\nb"):
            with self.subTest(name):
                self.assertIn("take letters, digits, '-', '_' and '.', and neither '-' nor '.' first", self.make(f"--client={name}").stderr)
        for name in ("ca", "server"):
            self.assertIn("is the name of other files", self.refused("--client", name))
        self.assertIn("room for 64 characters", self.refused("--client", "x" * 65))
        self.made("--client", "Pump_7.north", "--client", "x" * 64)
        self.verify("Pump_7.north")

    def test_names_of_hosts(self):
        self.made("--name", "build_host")
        self.made("--name", "a" * 60 + ".example.com")
        self.verify("server")
        self.assertIn("'a b' is neither a host name nor an address", self.refused("--name", "a b"))


if __name__ == "__main__":
    harness.main()
