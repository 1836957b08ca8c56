"""headgate passwd: users that it adds are let in by mosquitto and understood by mosquitto_passwd, and the other way round; what stands
beside them in the file stays; two at once lose nothing."""

import os
import pathlib
import pty
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

import harness
import verdicts_test
import wire

DONE, NO, CANNOT_START = 0, 1, 2
RELOAD = "A running server goes by it after SIGHUP: systemctl reload headgate\n"


class terminal:
    """A command that has a terminal of its own for standard input, and shows on it what it says."""

    def __init__(self, *arguments):
        self.side, other = pty.openpty()
        self.name = os.ttyname(other)
        self.process = subprocess.Popen([harness.binary(), *arguments], stdin=other, stdout=other, stderr=other, start_new_session=True)
        os.close(other)
        self.shown = ""

    def wait_for(self, text):
        while text not in self.shown:
            self.read(f"the terminal does not show {text!r}")
        self.shown = self.shown.split(text, 1)[1]

    def read(self, sentence):
        try:
            piece = os.read(self.side, 4096).decode()
        except OSError:  # nobody has the other end any more
            piece = ""
        if not piece:
            raise AssertionError(f"{sentence}; it shows {self.shown!r}")
        self.shown += piece

    def type(self, text):
        os.write(self.side, text.encode())

    def end(self):
        try:
            while True:
                self.read("")
        except AssertionError:
            pass
        os.close(self.side)
        return self.process.wait(harness.DEADLINE_S)


class with_a_file(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.file = self.directory / "users"

    def run_command(self, *arguments, password=None, file=None):
        command = [harness.binary(), "passwd", *arguments, "--file", str(file or self.file)]
        if password is not None:
            command.append("--password-stdin")
        return subprocess.run(command, input=(password or "").encode(), capture_output=True, timeout=harness.DEADLINE_S, check=False)

    def expect(self, status, output, errors, ended):
        self.assertEqual((status, output, errors), (ended.returncode, ended.stdout.decode(), ended.stderr.decode()))

    def expect_refused(self, sentence, ended):
        self.assertEqual(CANNOT_START, ended.returncode)
        self.assertIn(sentence, ended.stderr.decode())

    def add(self, user, password):
        ended = self.run_command("add", user, password=password + "\n")
        self.assertEqual((DONE, ""), (ended.returncode, ended.stderr.decode()))


class passwd(with_a_file):
    def test_users_come_and_go(self):
        file = str(self.file)
        self.expect(DONE, f"bob b is added to {file}\n" + RELOAD, "", self.run_command("add", "bob b", password="secret\n"))
        self.add("alice", "another")
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))
        self.expect(DONE, "alice\nbob b\n", "", self.run_command("list"))
        before = self.file.read_text(encoding="utf-8")
        self.expect(DONE, f"alice has a new password in {file}\n" + RELOAD, "", self.run_command("add", "alice", password="x"))
        after = self.file.read_text(encoding="utf-8")
        self.assertEqual(before.splitlines()[0], after.splitlines()[0])
        self.assertNotEqual(before, after)
        self.expect(DONE, f"bob b is removed from {file}\n" + RELOAD, "", self.run_command("remove", "bob b"))
        self.expect(NO, "", f"headgate: there is no user 'bob b' in {file}\n", self.run_command("remove", "bob b"))
        self.expect(DONE, "alice\n", "", self.run_command("list"))
        self.assertEqual(["users"], os.listdir(self.directory))

    def test_a_file_that_is_not_there(self):
        for command in (("list",), ("remove", "alice")):
            self.expect_refused("users cannot be read: No such file or directory", self.run_command(*command))
        self.expect_refused("cannot be written", self.run_command("add", "a", password="x", file=self.directory / "none" / "users"))
        self.expect_refused("is no file", self.run_command("list", file=self.directory))

    def test_what_is_no_user_or_no_password_is_refused(self):
        for user in ("", "a:b", "a\nb", "#a", " a"):
            self.expect_refused("choose another one", self.run_command("add", user, password="x"))
        self.expect_refused("the password is empty", self.run_command("add", "a", password="\n"))
        self.expect_refused("no line with a password", self.run_command("add", "a", password=""))
        self.expect_refused("longer than 65535", self.run_command("add", "a", password="x" * 65536))
        self.expect_refused("zero byte", self.run_command("add", "a", password="x\0y"))
        self.expect_refused("--password-stdin", self.run_command("add", "a"))
        self.assertFalse(self.file.exists())

    def test_wrong_lines_stay_and_are_named(self):
        self.file.write_text("# users\r\nbob:secret\nnonsense\nalice:plain", encoding="utf-8")
        ended = self.run_command("add", "alice", password="x")
        self.assertEqual(DONE, ended.returncode)
        self.assertIn("users:2: the password of 'bob' stands here in plain text", ended.stderr.decode())
        self.assertIn("users:3: a line is USER:HASH", ended.stderr.decode())
        text = self.file.read_bytes().decode()
        self.assertTrue(text.startswith("# users\r\nbob:secret\nnonsense\nalice:$7$1000$"), text)
        ended = self.run_command("list")
        self.assertEqual((CANNOT_START, "alice\n"), (ended.returncode, ended.stdout.decode()))
        self.assertIn("headgate: " + str(self.file) + ":3: ", ended.stderr.decode())

    def test_mode_and_link_stay(self):
        self.add("alice", "x")
        self.file.chmod(0o640)
        link = self.directory / "link"
        link.symlink_to("users")
        self.assertEqual(DONE, self.run_command("add", "bob", password="x", file=link).returncode)
        self.assertTrue(link.is_symlink())
        self.assertEqual(0o640, stat.S_IMODE(self.file.stat().st_mode))
        self.expect(DONE, "alice\nbob\n", "", self.run_command("list"))

    def test_many_at_once_lose_nothing(self):
        names = [f"user{n:02}" for n in range(24)]
        harness.in_parallel([lambda name=name: self.add(name, "x") for name in names])
        self.expect(DONE, "".join(name + "\n" for name in names), "", self.run_command("list"))
        harness.in_parallel([lambda name=name: self.run_command("remove", name) for name in names[2:]])
        self.expect(DONE, "user00\nuser01\n", "", self.run_command("list"))

    def test_the_file_of_the_configuration(self):
        ended = harness.run("passwd", "list")
        self.assertEqual(CANNOT_START, ended.returncode)
        self.assertIn("give --file FILE, or set auth.password_file in the configuration", ended.stderr)
        self.add("alice", "x")
        ended = harness.run("passwd", "list", "--set", f"auth.password_file={self.file}")
        self.assertEqual((DONE, "alice\n"), (ended.returncode, ended.stdout), ended.stderr)


class asking(with_a_file):
    def ask(self, first, second):
        asked = terminal("passwd", "add", "alice", "--file", str(self.file))
        asked.wait_for("Password of alice: ")
        asked.type(first + "\n")
        asked.wait_for("Once more: ")
        asked.type(second + "\n")
        status = asked.end()
        self.assertNotIn(first, asked.shown)
        return status, asked.shown

    def test_twice_and_without_echo(self):
        status, shown = self.ask("s\u00e9cret word", "s\u00e9cret word")
        self.assertEqual(DONE, status, shown)
        self.assertIn("alice is added", shown)

    def test_two_that_differ(self):
        status, shown = self.ask("secret", "other")
        self.assertEqual(CANNOT_START, status)
        self.assertIn("the two passwords differ", shown)
        self.assertFalse(self.file.exists())

    def test_a_signal_ends_it_and_gives_the_echo_back(self):
        asked = terminal("passwd", "add", "alice", "--file", str(self.file))
        asked.wait_for("Password of alice: ")
        shell = os.open(asked.name, os.O_RDWR | os.O_NOCTTY)  # whoever started it has the terminal after it as well
        self.addCleanup(os.close, shell)
        asked.process.send_signal(signal.SIGTERM)
        self.assertEqual(-signal.SIGTERM, asked.process.wait(harness.DEADLINE_S))
        asked.type("seen\n")
        asked.wait_for("seen")
        os.close(asked.side)
        self.assertFalse(self.file.exists())


@unittest.skipUnless(verdicts_test.mosquitto_program() and shutil.which("mosquitto_passwd"), "mosquitto is not here: Debian has it as a package")
class beside_mosquitto(with_a_file):
    def may_come_in(self, port, user, password):
        with wire.client(port) as client:
            client.send(wire.connect("c", flags=0xC0, rest=wire.data(user) + wire.data(password)))
            return client.packet(wire.CONNACK).body[1] == 0

    def test_each_goes_by_what_the_other_wrote(self):
        passwords = {"alice": "s\u00e9cret: $ word", "bob b": " ", "\u00fc": "x" * 300}
        for user, password in passwords.items():
            self.add(user, password)
        subprocess.run(["mosquitto_passwd", "-b", self.file, "carol", "hers"], check=True, capture_output=True, timeout=harness.DEADLINE_S)
        passwords["carol"] = "hers"
        rules = self.directory / "rules"
        rules.write_text("topic #\n", encoding="utf-8")
        running = verdicts_test.mosquitto(self.directory, self.file, rules)
        self.addCleanup(running.stop)
        server = harness.start(self, f"auth.password_file={self.file}")
        for port in (running.port, server.port):
            for user, password in passwords.items():
                self.assertTrue(self.may_come_in(port, user, password), user)
                self.assertFalse(self.may_come_in(port, user, password + "x"), user)
        subprocess.run(["mosquitto_passwd", "-D", self.file, "alice"], check=True, capture_output=True, timeout=harness.DEADLINE_S)
        self.expect(DONE, "bob b\ncarol\n\u00fc\n", "", self.run_command("list"))


if __name__ == "__main__":
    harness.main()
