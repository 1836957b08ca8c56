"""Authorities, certificates and lists of revoked ones for tests of TLS, made by the `openssl` command in a directory of the test.

    root = certificates.authority(directory, "root")
    between = root.authority("between")
    server = between.issue("server", names=["DNS:broker.example"])     # server.chain, server.key: names of PEM files
    client = root.issue("alice", purpose="client")
    root.revoke(client); root.crl()
"""

import collections
import pathlib
import shutil
import subprocess
import unittest

import harness

LONG_AGO, BEFORE_NOW = "20200101000000Z", "20200201000000Z"
NOW_AND_LATER = ["-days", "30"]

# `chain`: the certificate and those of the intermediate authorities above it; `certificate`: it alone.
pair = collections.namedtuple("pair", "chain key certificate")

KEYS = {
    "ec": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}

CONFIGURATION = """\
[ca]
default_ca = this
[this]
database = {directory}/index
serial = {directory}/serial
crlnumber = {directory}/crlnumber
new_certs_dir = {directory}
certificate = {certificate}
private_key = {key}
default_md = sha256
default_crl_days = 30
unique_subject = no
policy = any
[any]
commonName = optional
[req]
distinguished_name = nothing
[nothing]
"""

USAGE = {
    "server": "basicConstraints = CA:FALSE\nkeyUsage = critical, digitalSignature, keyEncipherment\nextendedKeyUsage = serverAuth\n",
    "client": "basicConstraints = CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n",
    "authority": "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n",
}


def need_openssl():
    if shutil.which("openssl") is None:
        raise unittest.SkipTest("openssl is not installed")


def openssl(*arguments):
    made = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=harness.DEADLINE_S, check=False)
    if made.returncode != 0:
        raise AssertionError(f"openssl {' '.join(map(str, arguments))}: {made.stderr}")
    return made.stdout


class authority:
    """Signs certificates; its own is `certificate`, of which `chain` is the way down from the root, without the root."""

    def __init__(self, directory, name, algorithm="ec", above=None):
        self.directory = pathlib.Path(directory, name)
        self.directory.mkdir(parents=True)
        self.certificate, self.key = self.directory / "authority.pem", self.directory / "authority.key"
        self._algorithm, self._above, self._count, self._lists = algorithm, above, 0, 0
        self._configuration = self.directory / "openssl.cnf"
        self._configuration.write_text(
            CONFIGURATION.format(directory=self.directory, certificate=self.certificate, key=self.key), encoding="utf-8")
        for file, content in (("index", ""), ("serial", "1000\n"), ("crlnumber", "01\n")):
            (self.directory / file).write_text(content, encoding="utf-8")
        if above is None:
            openssl(*KEYS[algorithm], "-out", self.key)
            extensions = [part for line in USAGE["authority"].splitlines() for part in ("-addext", line)]
            openssl("req", "-x509", "-config", self._configuration, "-key", self.key, "-out", self.certificate, "-subj", f"/CN={name}",
                    *NOW_AND_LATER, *extensions)
            self.chain = ""
        else:
            made = above.issue(name, purpose="authority", algorithm=algorithm)
            shutil.copy(made.certificate, self.certificate)
            shutil.copy(made.key, self.key)
            self.chain = self.certificate.read_text(encoding="utf-8") + above.chain

    def authority(self, name, algorithm=None):
        """An intermediate one, below this one."""
        return authority(self.directory, name, algorithm or self._algorithm, above=self)

    def issue(self, name, names=(), algorithm=None, purpose="server", expired=False):
        """A certificate for `name` (its common name) and `names`, such as DNS:broker.example or IP:127.0.0.1."""
        self._count += 1
        stem = self.directory / f"{self._count}-{name}"
        key, request, extensions, certificate, chain = (stem.with_name(stem.name + end) for end in (".key", ".csr", ".ext", ".crt", ".chain"))
        extensions.write_text(USAGE[purpose] + (f"subjectAltName = {','.join(names)}\n" if names else ""), encoding="utf-8")
        openssl(*KEYS[algorithm or self._algorithm], "-out", key)
        openssl("req", "-new", "-config", self._configuration, "-key", key, "-out", request, "-subj", f"/CN={name}")
        when = ["-startdate", LONG_AGO, "-enddate", BEFORE_NOW] if expired else NOW_AND_LATER
        openssl("ca", "-batch", "-notext", "-config", self._configuration, "-in", request, "-out", certificate, "-extfile", extensions, *when)
        chain.write_text(certificate.read_text(encoding="utf-8") + self.chain, encoding="utf-8")
        return pair(str(chain), str(key), str(certificate))

    def revoke(self, revoked):
        openssl("ca", "-config", self._configuration, "-revoke", revoked.certificate)

    def crl(self, days=30):
        """A new list of those that are revoked by now, good for so many days; gives the name of its file."""
        self._lists += 1
        file = self.directory / f"{self._lists}.crl"
        openssl("ca", "-config", self._configuration, "-gencrl", "-crldays", days, "-out", file)
        return str(file)
