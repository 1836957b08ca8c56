"""Who comes in: users with passwords, who has no name, what the refused are told, users that change while the server runs, and
sessions that belong to their user."""

import signal
import unittest

import door
import harness
import wire
from wire import V5, V311

USERS = {"alice": "secret of alice", "bob": "p\u00e4ssw\u00f6rd: with a colon", "nobody": ""}


class users(unittest.TestCase):
    def test_the_right_password_alone(self):
        files = door.files(self, USERS)
        self.assertRegex(files.users.read_text(encoding="utf-8"), r"^alice:\$7\$")
        for version in wire.VERSIONS:
            server = harness.start(self, *files.settings())  # anew, since wrong passwords of one address are limited
            for user in ("alice", "bob"):
                with self.subTest(user, version=version), door.connected(server, user, USERS[user], version) as client:
                    client.ping()
            for user, password in (
                ("alice", "wrong"), ("alice", ""), ("alice", None), ("alice", USERS["bob"]), ("alice", USERS["alice"] + "x"),
                ("Alice", USERS["alice"]), ("mallory", "x"), ("", "x"), ("alice:", USERS["alice"]),
            ):
                with self.subTest(user, password=password, version=version):
                    code = door.answer(server.port, "c", version, **door.credentials(user, password))
                    self.assertIn(code, (door.BAD_PASSWORD[version], door.NOT_AUTHORIZED[version]) if user == "" else (door.BAD_PASSWORD[version],))
            self.assertEqual(door.NOT_AUTHORIZED[version], door.answer(server.port, "c", version))
            lines = server.wait_for_line("not accepted")
            self.assertFalse(any("secret" in line for line in lines), "a password stands in the log")

    def test_the_user_name_stands_where_the_client_is_shown(self):
        files = door.files(self, USERS)
        server = harness.start(self, *files.settings())
        with door.connected(server, "alice", USERS["alice"]):
            self.assertIn("'alice'", " ".join(line for line in server.wait_for_line("connected: MQTT") if "connected: MQTT" in line))

    def test_many_at_once_with_the_same_password_and_with_wrong_ones(self):
        files = door.files(self, USERS)
        server = harness.start(self, *files.settings())

        def right(n):
            with door.connected(server, "alice", USERS["alice"], client_id=f"right-{n}") as client:
                client.ping()

        def wrong(n):
            code = door.answer(server.port, f"wrong-{n}", V5, **door.credentials("alice", f"wrong {n}"))
            self.assertIn(code, (0x86, 0x89, 0x9F))

        harness.in_parallel([lambda n=n: right(n) for n in range(40)] + [lambda n=n: wrong(n) for n in range(10)])

    def test_passwd_of_headgate_and_of_mosquitto_write_the_same_file(self):
        files = door.files(self, {"alice": "one"})
        shown = harness.run("passwd", "list", "--file", str(files.users))
        self.assertEqual((0, "alice\n"), (shown.returncode, shown.stdout), shown.stderr)
        removed = harness.run("passwd", "remove", "alice", "--file", str(files.users))
        self.assertEqual(0, removed.returncode, removed.stderr)
        self.assertEqual("", files.users.read_text(encoding="utf-8"))


class anonymous(unittest.TestCase):
    def codes(self, *settings):
        server = harness.start(self, *settings)
        return [door.answer(server.port, "c", version) for version in wire.VERSIONS]

    def test_automatic_lets_in_this_machine_as_long_as_there_are_no_users(self):
        self.assertEqual([0, 0], self.codes())
        self.assertEqual([5, 0x87], self.codes(*door.files(self, {"alice": "x"}).settings()))
        self.assertEqual([5, 0x87], self.codes(*door.files(self, {}).settings()))  # a file without users is one

    def test_allowed_or_refused_by_a_listener(self):
        files = door.files(self, {"alice": "x"})
        self.assertEqual([0, 0], self.codes(*files.settings(), "listeners.tcp.anonymous=allow"))
        self.assertEqual([5, 0x87], self.codes(*files.settings(), "listeners.tcp.anonymous=refuse"))
        server = harness.start(self, *files.settings(), "listeners.tcp.anonymous=allow", "listeners.closed.port=0")
        for version in wire.VERSIONS:
            self.assertEqual(0, door.answer(server.port, "c", version))
            self.assertEqual(door.NOT_AUTHORIZED[version], door.answer(server.port_of("closed"), "c", version))
            self.assertEqual(0, door.answer(server.port_of("closed"), "c", version, **door.credentials("alice", "x")))
            # A name is a claim that has to be proved, where nobody needs one as well.
            self.assertEqual(door.BAD_PASSWORD[version], door.answer(server.port, "c", version, **door.credentials("alice", "wrong")))


class changing_users(unittest.TestCase):
    def setUp(self):
        self.files = door.files(self, {"alice": "a", "bob": "b", "carol": "c"})
        self.server = harness.start(self, *self.files.settings())

    def until_answered(self, version, user, password, code):
        """A worker may know the new users a little before another one, which the next client may come to. Nobody is told anything
        but what goes by the old ones or by the new ones, or to try again when they changed while the password was looked at."""
        def is_answered():
            answer = door.answer(self.server.port, "c", version, **door.credentials(user, password))
            self.assertIn(answer, (0, door.BAD_PASSWORD[version], door.BUSY[version]))
            return answer == code

        harness.eventually(is_answered, f"{user} with {password!r} is answered {code}")

    def test_who_is_removed_or_has_another_password_is_sent_away_and_others_stay(self):
        for version in wire.VERSIONS:
            with door.connected(self.server, "alice", "a", version) as alice, door.connected(self.server, "bob", "b", version) as bob:
                with door.connected(self.server, "carol", "c", version) as carol:
                    self.files.remove("bob")
                    self.files.add("carol", "another")
                    self.files.add("dave", "d")
                    self.server.signal(signal.SIGHUP)
                    bob.expect_disconnect(0x87)
                    carol.expect_disconnect(0x87)
                    alice.ping()
                for user, password in (("bob", "b"), ("carol", "c")):
                    self.until_answered(version, user, password, door.BAD_PASSWORD[version])
                for user, password in (("carol", "another"), ("dave", "d")):
                    self.until_answered(version, user, password, 0)
                alice.ping()
            self.files.add("bob", "b")
            self.files.add("carol", "c")
            self.server.signal(signal.SIGHUP)
            self.until_answered(version, "carol", "c", 0)

    def test_a_bad_file_leaves_the_users_as_they_are(self):
        with door.connected(self.server, "alice", "a", V5) as alice:
            good = self.files.users.read_text(encoding="utf-8")
            for text, line in ((good + "dave:plain text\n", 4), ("erin\n", 1), (good + "alice:$7$101$x\n", 4), ("# all gone\n:$6$x$y\n", 2)):
                self.files.users.write_text(text, encoding="utf-8")
                door.reload(self.server, f"{self.files.users}:{line}: ")
                alice.ping()
                self.assertEqual(0, door.answer(self.server.port, "c", V5, **door.credentials("bob", "b")))
            self.files.users.unlink()
            door.reload(self.server, str(self.files.users))
            self.assertEqual(0, door.answer(self.server.port, "c", V5, **door.credentials("bob", "b")))
            alice.ping()

    def test_a_server_does_not_start_with_a_bad_file(self):
        for text in ("alice:plain\n", None):
            if text is None:
                self.files.users.unlink()
            else:
                self.files.users.write_text(text, encoding="utf-8")
            arguments = [part for setting in ("listeners.tcp.port=0", "admin.port=0", *self.files.settings()) for part in ("--set", setting)]
            ended = harness.run("serve", *arguments)
            self.assertEqual(2, ended.returncode, ended.stderr)
            self.assertIn(f"{self.files.users}:1: " if text else str(self.files.users), ended.stderr)


class sessions_of_users(unittest.TestCase):
    def kept(self, server, user, version, client_id="shared"):
        """The code of the CONNACK and whether a session was present, of a client that keeps its session."""
        pairs = [("session_expiry_interval", 600)] if version == V5 else []
        with wire.client(server.port, version) as client:
            client.send(wire.connect(client_id, version, clean=False, pairs=pairs, **door.credentials(user, user)))
            body = client.packet(wire.CONNACK).body
            if body[1] == 0:
                client.subscribe("t", qos=1)
                client.send(wire.goodbye())
                client.expect_closed()
            return body[1], body[0]

    def test_nobody_takes_over_the_session_of_another_user(self):
        files = door.files(self, {"alice": "alice", "bob": "bob"})
        server = harness.start(self, *files.settings(), "auth.bind_client_id=true")
        for version in wire.VERSIONS:
            with self.subTest(version=version):
                client_id = f"shared-{version}"
                self.assertEqual((0, 0), self.kept(server, "alice", version, client_id))
                self.assertEqual((door.NOT_AUTHORIZED[version], 0), self.kept(server, "bob", version, client_id))
                self.assertEqual((0, 1), self.kept(server, "alice", version, client_id))
                with door.connected(server, "alice", "alice", version, client_id=f"live-{version}") as live:
                    self.assertEqual(door.NOT_AUTHORIZED[version], door.answer(server.port, f"live-{version}", version, **door.credentials("bob", "bob")))
                    live.ping()

    def test_without_the_setting_a_client_id_is_everybodys(self):
        files = door.files(self, {"alice": "alice", "bob": "bob"})
        server = harness.start(self, *files.settings())
        self.assertEqual((0, 0), self.kept(server, "alice", V311))
        self.assertEqual((0, 1), self.kept(server, "bob", V311))


if __name__ == "__main__":
    harness.main()
