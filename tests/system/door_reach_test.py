"""Who reaches a server from another machine, for which another network namespace stands: nobody without a name, unless a listener says
that anybody may come in."""

import contextlib
import ctypes
import http.client
import os
import re
import shutil
import subprocess
import threading
import unittest

import door
import harness
import wire
from wire import V5

OURS, THEIRS = "192.0.2.1", "192.0.2.2"  # of RFC 5737: nobody else's
CLONE_NEWNET = 0x40000000
here = {}


def ip(*arguments):
    made = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
    if made.returncode != 0:
        raise unittest.SkipTest(f"no network namespaces here: ip {' '.join(arguments)}: {made.stderr.strip()}")


def setUpModule():
    """Two namespaces with a cable between them: the server's, and that of the other machine. They end with the tests."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("network namespaces take root")
    if shutil.which("ip") is None:
        raise unittest.SkipTest("ip is not installed (Debian package iproute2)")
    ours, theirs = (f"headgate-{name}-{os.getpid()}" for name in ("server", "client"))
    for name in (ours, theirs):
        ip("netns", "add", name)
        unittest.addModuleCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
        ip("-n", name, "link", "set", "lo", "up")
    ip("link", "add", "wire", "netns", ours, "type", "veth", "peer", "name", "wire", "netns", theirs)
    for name, address in ((ours, OURS), (theirs, THEIRS)):
        ip("-n", name, "address", "add", f"{address}/24", "dev", "wire")
        ip("-n", name, "link", "set", "wire", "up")
    here.update(ours=ours, theirs=theirs)


def inside(namespace, action):
    """What the action gives, done by a thread in the namespace; sockets that it opens stay there."""
    outcome = []

    def run():
        try:
            with open(f"/run/netns/{namespace}", "rb") as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            outcome.append((action(), None))
        except BaseException as error:  # raised below
            outcome.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def answer_there(port, version=V5, address=OURS, **options):
    """The code that a client on the other machine gets."""
    return inside(here["theirs"], lambda: door.answer(port, "c", version, address=address, **options))


class reach(unittest.TestCase):
    def start(self, *settings):
        return harness.start(self, *settings, prefix=("ip", "netns", "exec", here["ours"]))

    def refused_start(self, *settings):
        arguments = [part for setting in ("listeners.tcp.port=0", "admin.port=0", *settings) for part in ("--set", setting)]
        ended = harness.run("serve", *arguments, prefix=("ip", "netns", "exec", here["ours"]))
        self.assertEqual(2, ended.returncode, ended.stdout)
        return ended.stderr

    def test_the_default_is_this_machine_alone(self):
        server = self.start()
        self.assertEqual(0, inside(here["ours"], lambda: door.answer(server.port, "c", V5)))
        for port in (server.port, server.admin_port):
            with self.assertRaises(ConnectionRefusedError):
                answer_there(port)

    def test_whoever_opens_a_listener_has_to_say_who_may_come_in(self):
        said = self.refused_start("listeners.tcp.bind=0.0.0.0")
        self.assertIn("listeners.tcp.bind", said)
        self.assertIn("anonymous", said)
        self.assertIn("admin.token_file", self.refused_start("admin.bind=0.0.0.0"))

    def test_with_users_nobody_comes_in_without_a_name(self):
        files = door.files(self, {"alice": "secret"})
        for address, bind in ((OURS, "0.0.0.0"), (OURS, OURS)):
            server = self.start(*files.settings(), f"listeners.tcp.bind={bind}")
            for version in wire.VERSIONS:
                self.assertEqual(door.NOT_AUTHORIZED[version], answer_there(server.port, version, address))
                self.assertEqual(door.BAD_PASSWORD[version], answer_there(server.port, version, address, **door.credentials("alice", "x")))
                self.assertEqual(0, answer_there(server.port, version, address, **door.credentials("alice", "secret")))
            with self.assertRaises(ConnectionRefusedError):
                answer_there(server.admin_port)

    def test_a_listener_that_says_so_lets_anybody_in(self):
        files = door.files(self, {"alice": "secret"})
        server = self.start(*files.settings(), "listeners.open.bind=0.0.0.0", "listeners.open.port=0", "listeners.open.anonymous=allow",
                            "listeners.closed.bind=0.0.0.0", "listeners.closed.port=0")
        open_port, closed_port = (server.port_of(name) for name in ("open", "closed"))

        def warned(port):
            return any("anybody" in line and re.search(rf":{port}\b", line) for line in server.output())

        harness.eventually(lambda: server.stats() and warned(open_port), "it warns of the open listener")
        self.assertFalse(warned(closed_port), server.output())
        for version in wire.VERSIONS:
            self.assertEqual(0, answer_there(open_port, version))
            self.assertEqual(door.NOT_AUTHORIZED[version], answer_there(closed_port, version))

    def test_the_admin_listener_wants_its_token_there(self):
        files = door.files(self, {"alice": "secret"})
        token = files.users.with_name("token")
        token.write_text("0123456789abcdef0123\n", encoding="utf-8")
        token.chmod(0o600)
        server = self.start("admin.bind=0.0.0.0", f"admin.token_file={token}")
        found = [inside(here["theirs"], lambda path=path: ask_there(server.admin_port, path)) for path in ("/metrics", "/api/v1/clients", "/healthz")]
        self.assertEqual([401, 401, 200], found)
        self.assertEqual(200, inside(here["theirs"], lambda: ask_there(server.admin_port, "/metrics", "0123456789abcdef0123")))


def ask_there(port, path, token=None):
    """The status of an answer of the admin listener."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection = http.client.HTTPConnection(OURS, port, timeout=harness.DEADLINE_S)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status


if __name__ == "__main__":
    harness.main()
