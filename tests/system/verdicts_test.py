"""Random questions (user, client id, topic, read or write) have the same answer from mosquitto, from Headgate and from the functions
behind its ports, under random rules and passwords made by mosquitto_passwd.

A read is allowed if a message of an administrator arrives at the client; a write, if a message of the client arrives at the
administrator. Both have subscribed to everything. What was asked is over when messages that everybody may read and write, one for
each shard at least, have arrived behind it.

Left out are the cases in which Headgate is stricter on purpose (proxy/auth/acl.hpp; tests/unit/proxy/auth has them): names with '/',
or with '$' at their beginning.
"""

import collections
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import unittest

import harness
import wire

question = collections.namedtuple("question", "client_id user topic wanted")

SEEDS = range(1, 6)
QUESTIONS_TO_ALL = 400  # of each seed
QUESTIONS_TO_FUNCTIONS = 2000  # of each seed, more than these to mosquitto and the functions alone
MARKERS = 64  # topics of as many names are in all shards
EVERYTHING = ["#", "$SYS/#", "$dev/#", "$marker/#"]

USERS = ["alice", "bob b", "j\u00fcrgen", "a+b", "x#", "50%u", "Alice", "o'neil", "me@example.com"]
CLIENT_IDS = ["c1", "c 2", "\u00e9", "c+", "#c", "%c", "c:1", "c1x"]
LEVELS = ["a", "b", "c d", "", "\u00fc", "a$", "alice", "c1", "long level with words"]


# ---- what is asked


def random_topic(dice, with_server_topics):
    first = dice.choice(["", "", "", "", "$dev/", "$SYS/broker/connection/", "$SYS/" if with_server_topics else ""])
    if first.startswith("$SYS/broker"):
        return first + dice.choice(["a", "c1", "alice"]) + "/state"
    levels = [dice.choice(LEVELS + USERS[:3] + CLIENT_IDS[:2]) for _ in range(dice.randint(1, 4))]
    if dice.random() < 0.3:
        levels[dice.randrange(len(levels))] = dice.choice(["alice", "c1", "c1alice"])
    topic = first + "/".join(levels)
    return "a" if topic == "" or "+" in topic or "#" in topic else topic


def random_filter(dice, is_pattern):
    levels = random_topic(dice, True).split("/")
    for at, level in enumerate(levels):
        if level.startswith("$"):
            continue
        if dice.random() < 0.25:
            levels[at] = "+"
        elif is_pattern and dice.random() < 0.5:
            levels[at] = dice.choice(["%c", "%u", "%c%u", "x%c", "%%c", "%u%"])
    if dice.random() < 0.3:
        levels = [*levels[: dice.randint(1, len(levels))], "#"]
    elif dice.random() < 0.05:
        return "#"
    return "/".join(levels)


def random_rule(dice, kind):
    access = dice.choice(["read", "write", "readwrite", "readwrite", "deny"])
    text = random_filter(dice, kind == "pattern")
    if access == "readwrite" and " " not in text and dice.random() < 0.5:
        return f"{kind} {text}"
    return f"{kind} {access} {text}"


def random_acl(dice):
    """Lines of an ACL file in which everybody has the markers, and the administrator everything by rules of his own."""
    def rules(kind, most):
        return [random_rule(dice, kind) for _ in range(dice.randint(0, most))]

    marker = "topic readwrite $marker/#"
    lines = ["# rules", *rules("topic", 8), marker]
    for user in dice.sample(USERS, len(USERS) - 2):
        lines += ["", f"user {user}", *rules("topic", 8), *rules("pattern", 1)]
    for user in USERS:
        lines += [f"user {user}", marker]
    lines += ["user admin", *(f"topic readwrite {text}" for text in EVERYTHING), *rules("pattern", 4)]
    return "".join(line + dice.choice(["\n", "\n", "\r\n", "  \n"]) for line in lines)


def random_questions(dice, count):
    asked = []
    while len(asked) < count:
        client_id, user = dice.choice(CLIENT_IDS), dice.choice(USERS + [""])
        for _ in range(40):
            wanted = dice.choice(["read", "write"])
            # Nobody can publish to other topics of the server, so that reading them cannot be asked about.
            asked.append(question(client_id, user, random_topic(dice, wanted == "write"), wanted))
    return asked[:count]


# ---- how it is asked


def log_in(port, client_id, user):
    rest = wire.data(user) + wire.data("password of " + user) if user else b""
    client = wire.client(port)
    client.send(wire.connect(client_id, flags=0xC0 if user else 0, rest=rest))
    answer = client.packet(wire.CONNACK)
    if answer.body[1] != 0:
        raise AssertionError(f"{user!r} was refused: {answer}")
    client.subscribe(*EVERYTHING)
    return client


def markers(payload):
    return b"".join(wire.publish(f"$marker/{n}", payload) for n in range(MARKERS))


def payloads_until(client, marker):
    """What came before the last of the markers with this payload."""
    seen, left = set(), MARKERS
    while left > 0:
        payload = client.message().payload.decode()
        seen.add(payload)
        left -= payload == marker
    return seen


def ask_server(port, questions):
    """Whether each is allowed. Questions of one client are next to each other."""
    allowed = [False] * len(questions)
    admin = log_in(port, "admin", "admin")
    at = 0
    while at < len(questions):
        end = at
        while end < len(questions) and questions[end][:2] == questions[at][:2] and end - at < 100:
            end += 1
        with log_in(port, questions[at].client_id, questions[at].user) as client:
            def messages(wanted, name):
                return b"".join(
                    wire.publish(questions[n].topic, f"{wanted} {n}") for n in range(at, end) if questions[n].wanted == wanted
                ) + markers(name)

            admin.send(messages("read", f"read {at} done"))
            client.send(messages("write", f"write {at} done"))
            got = {"read": payloads_until(client, f"read {at} done"), "write": payloads_until(admin, f"write {at} done")}
            for n in range(at, end):
                allowed[n] = f"{questions[n].wanted} {n}" in got[questions[n].wanted]
            client.send(wire.goodbye())
        at = end
    admin.socket.close()
    return allowed


def ask_functions(acl_file, questions):
    program = pathlib.Path(harness.binary()).with_name("acl_verdicts")
    lines = "".join("\t".join(one) + "\n" for one in questions)
    done = subprocess.run([program, acl_file], input=lines, capture_output=True, text=True, encoding="utf-8", timeout=harness.DEADLINE_S, check=False)
    if done.returncode != 0:
        raise AssertionError(f"acl_verdicts: {done.stderr}")
    return [line == "yes" for line in done.stdout.splitlines()]


class mosquitto:
    """Debian's, with these users and rules."""

    def __init__(self, directory, password_file, acl_file):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        configuration = directory / "mosquitto.conf"
        configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npassword_file {password_file}\nacl_file {acl_file}\n"
            "sys_interval 0\nset_tcp_nodelay true\nuser root\n", encoding="utf-8")
        self._process = subprocess.Popen([mosquitto_program(), "-c", configuration], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._lines = harness.output_lines(self._process.stdout)
        until = harness.deadline()
        while True:
            line = self._lines.next(until, "mosquitto did not say that it runs")
            if line is None:
                raise AssertionError(f"mosquitto ended: {self._lines.lines}")
            if line.endswith("running"):
                return

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._lines.join()


def mosquitto_program():
    return shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@unittest.skipUnless(mosquitto_program() and shutil.which("mosquitto_passwd"), "mosquitto is not here: Debian has it as a package")
class verdicts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.acl_file = self.directory / "rules"
        self.password_file = self.directory / "users"
        self.password_file.touch(0o600)
        for n, user in enumerate([*USERS, "admin"]):
            kind = ["sha512", "sha512-pbkdf2"][n % 2]
            subprocess.run(["mosquitto_passwd", "-H", kind, "-b", self.password_file, user, "password of " + user], check=True,
                           capture_output=True, timeout=harness.DEADLINE_S)

    def ask_mosquitto(self, questions):
        running = mosquitto(self.directory, self.password_file, self.acl_file)
        try:
            return ask_server(running.port, questions)
        finally:
            running.stop()

    def expect_equal(self, questions, wanted, answers, who):
        self.assertEqual(len(questions), len(answers))
        differing = [(one, f"mosquitto: {this}, {who}: {that}") for one, this, that in zip(questions, wanted, answers) if this != that]
        self.assertEqual([], differing[:10], f"{len(differing)} differ, by the rules\n{self.acl_file.read_text(encoding='utf-8')}")

    def expect_both_answers(self, answers):
        """Questions that are all answered alike would show nothing."""
        self.assertGreater(sum(answers), len(answers) // 10)
        self.assertLess(sum(answers), len(answers) * 9 // 10)

    def test_of_the_functions(self):
        total = []
        for seed in SEEDS:
            dice = random.Random(seed)
            self.acl_file.write_bytes(random_acl(dice).encode())
            questions = random_questions(dice, QUESTIONS_TO_FUNCTIONS)
            wanted = self.ask_mosquitto(questions)
            self.expect_equal(questions, wanted, ask_functions(self.acl_file, questions), "the functions")
            total += wanted
        self.expect_both_answers(total)

    def test_of_the_server(self):
        total = []
        for seed in SEEDS:
            dice = random.Random(100 + seed)
            self.acl_file.write_bytes(random_acl(dice).encode())
            questions = random_questions(dice, QUESTIONS_TO_ALL)
            wanted = self.ask_mosquitto(questions)
            server = harness.start(self, f"auth.password_file={self.password_file}", f"auth.acl_file={self.acl_file}", "listeners.tcp.anonymous=allow")
            self.expect_equal(questions, wanted, ask_server(server.port, questions), "Headgate")
            total += wanted
        self.assertEqual(2000, len(total))
        self.expect_both_answers(total)


if __name__ == "__main__":
    harness.main()
