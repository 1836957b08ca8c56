"""Users and rules for tests of the door: files as operators write them, and CONNECTs with a user name and a password."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import harness
import wire
from wire import V5

BAD_PASSWORD = {wire.V311: 4, V5: 0x86}  # the name is unknown, or the password is not its own
BUSY = {wire.V311: 3, V5: 0x89}
NOT_AUTHORIZED = {wire.V311: 5, V5: 0x87}
REFUSED_FILTER = {wire.V311: 0x80, V5: 0x87}


def credentials(user, password=None, will=None, version=wire.V311):
    """What wire.connect() takes for a user, and for a will, which is a topic and a payload."""
    flags, rest = 0x80, b""
    if will:
        flags |= 4
        rest = wire.properties((), version) + wire.data(will[0]) + wire.data(will[1])
    rest += wire.data(user)
    if password is not None:
        flags |= 0x40
        rest += wire.data(password)
    return {"flags": flags, "rest": rest}


class files:
    """A password file, made by mosquitto_passwd, and an ACL file, in a directory of the test."""

    def __init__(self, test, users=None, rules=None):
        directory = tempfile.TemporaryDirectory(prefix="headgate-door-")
        test.addCleanup(directory.cleanup)
        self.users, self.rules = pathlib.Path(directory.name, "users"), pathlib.Path(directory.name, "rules")
        self.has_users, self.has_rules = users is not None, rules is not None
        if self.has_users:
            self.users.touch(mode=0o600)
        for user, password in (users or {}).items():
            self.add(user, password)
        if self.has_rules:
            self.write_rules(rules)

    def settings(self):
        return ([f"auth.password_file={self.users}"] if self.has_users else []) + ([f"auth.acl_file={self.rules}"] if self.has_rules else [])

    def _passwd(self, *arguments):
        program = shutil.which("mosquitto_passwd")
        if program is None:
            raise unittest.SkipTest("mosquitto_passwd is not installed (Debian package mosquitto)")
        subprocess.run([program, *arguments], check=True, capture_output=True, timeout=harness.DEADLINE_S)

    def add(self, user, password):
        """The user, or another password for it."""
        self._passwd("-b", str(self.users), user, password)

    def remove(self, user):
        self._passwd("-D", str(self.users), user)

    def write_rules(self, text):
        self.rules.write_text(text, encoding="utf-8")


def reload(server, text="are read again"):
    """SIGHUP, and the lines of the log from then on, up to one with this text."""
    before = len(server.log())
    server.signal(signal.SIGHUP)
    return server.wait_for_line(text, after=before)


def answer(port, client_id, version, address="127.0.0.1", **options):
    """The code of the CONNACK to a CONNECT, and whether the connection is closed then."""
    with wire.client(port, version, address=address) as client:
        client.send(wire.connect(client_id, version, **options))
        code = client.packet(wire.CONNACK).body[1]
        if code:
            client.expect_closed()
        return code


def connected(server, user, password, version=wire.V311, client_id=None, **options):
    """A client that has come in by its password."""
    return wire.connected(server.port, client_id or f"{user}-{version}", version, **credentials(user, password), **options)
