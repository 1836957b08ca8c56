"""The configuration as an operator meets it: files that are good, each way in which one can be bad, and what the commands say of
them. Every refusal is one sentence a problem, on standard error, with status 2."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import harness
import wire

CANNOT_START = 2
ROOT = pathlib.Path(__file__).resolve().parents[2]


class configuration(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = str(pathlib.Path(directory.name) / "headgate.yaml")

    def write(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        pathlib.Path(self.path).write_bytes(data)

    def set_variable(self, name, value):
        before = os.environ.get(name)
        os.environ[name] = value
        self.addCleanup(lambda: os.environ.pop(name) if before is None else os.environ.__setitem__(name, before))

    def expect_refused(self, *sentences, command=("config", "check"), options=None):
        options = ("--config", self.path) if options is None else options
        ended = harness.run(*command, *options)
        self.assertEqual((CANNOT_START, ""), (ended.returncode, ended.stdout), ended.stderr)
        self.assertEqual([f"headgate: {sentence}" for sentence in sentences], ended.stderr.splitlines())

    def expect_good(self, *command):
        ended = harness.run(*command)
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        return ended.stdout

    def shown(self, *options):
        lines = self.expect_good("config", "show", *options).splitlines()
        return dict(re.match(r"(\S+) += (.*?) +# ", line).groups() for line in lines)


class good_files(configuration):
    def test_a_file_is_served(self):
        self.write("workers: 1\nlisteners:\n  tcp:\n    port: 0\nlimits:\n  max_clients: 7\n")
        server = harness.start(self, prefix=("env", f"HEADGATE_CONFIG={self.path}"))
        server.stats()  # what it says at the start has been said
        self.assertTrue(any(self.path in line for line in server.output()), server.output())
        self.assertTrue(any("room for 7 clients" in line for line in server.output()), server.output())
        with wire.connected(server.port, "a") as client:
            client.ping()

    def test_each_source_wins_over_those_before_it(self):
        self.write("workers: 2\nlimits: { max_clients: 2, max_inflight: 2 }\n")
        self.set_variable("HEADGATE_WORKERS", "3")
        self.set_variable("HEADGATE_LIMITS_MAX_INFLIGHT", "3")
        self.set_variable("HEADGATE_SERVICE_HOST", "10.0.0.1")  # as Kubernetes does it
        options = ("-c", self.path, "--set", "limits.max_inflight=4")
        shown = self.shown(*options)
        self.assertEqual(["2", "3", "4"], [shown[key] for key in ("limits.max_clients", "workers", "limits.max_inflight")])
        changed = self.expect_good("config", "show", "--changed", *options)
        places = [f"set by {place}. " for place in ("HEADGATE_WORKERS", f"{self.path}:2", "--set")]
        self.assertEqual(3, len(changed.splitlines()))
        for line, place in zip(changed.splitlines(), places):
            self.assertIn(place, line)

    def test_check_says_that_it_is_good(self):
        self.write("workers: 2\n")
        self.assertRegex(self.expect_good("config", "check", "--config", self.path), f"^{re.escape(self.path)} is good: 1 key is set")

    def test_the_example_gives_the_defaults(self):
        self.write(self.expect_good("config", "init"))
        self.assertEqual(self.shown(), self.shown("--config", self.path))

    def test_the_reference_in_the_repository_is_the_one_of_the_program(self):
        page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        self.assertEqual(page, self.expect_good("config", "reference"), "headgate config reference > docs/configuration.md")

    def test_no_file_is_asked_for_by_an_empty_name(self):
        self.set_variable("HEADGATE_CONFIG", "/nowhere/headgate.yaml")
        self.assertEqual("0", self.shown("--config", "")["workers"])


class full_disks(unittest.TestCase):
    def test_no_command_takes_a_page_for_written_that_is_not(self):
        for command in (("init",), ("reference",), ("show", "--config", ""), ("check", "--config", "")):
            with self.subTest(command), open("/dev/full", "w", encoding="utf-8") as full:
                ended = subprocess.run(
                    [harness.binary(), "config", *command], stdout=full, stderr=subprocess.PIPE, text=True, timeout=harness.DEADLINE_S, check=False
                )
                self.assertEqual("headgate: standard output takes no more: No space left on device\n", ended.stderr)
                self.assertEqual(CANNOT_START, ended.returncode)


class bad_files(configuration):
    def test_each_error_has_its_sentence(self):
        cases = [
            ("worker: 2\n", 1, "unknown key 'worker': did you mean 'workers'?"),
            ("listener:\n  tcp: {}\n", 1, "unknown section 'listener': did you mean 'listeners'?"),
            ("limits:\n  max_client: 2\n", 2, "unknown key 'limits.max_client': did you mean 'limits.max_clients'?"),
            ("workers: [2]\n", 1, "workers takes a whole number from 0 to 64, not a list"),
            ("workers: { two: 2 }\n", 1, "workers takes a whole number from 0 to 64, not keys below it"),
            ("\nworkers:\n", 2, "workers has no value: it takes a whole number from 0 to 64"),
            ("workers: many\n", 1, "'many' is no value for workers: it takes a whole number from 0 to 64"),
            ("workers: 65\n", 1, "'65' is no value for workers: it takes a whole number from 0 to 64"),
            ("listeners: 1883\n", 1, "listeners takes keys below it, such as listeners.tcp.bind, and not the value '1883'"),
            ("workers: 1\nworkers: 2\n", 2, "'workers' is there twice: line 1 has it as well"),
            ("limits:\n\tmax_clients: 1\n", 2, "a tab stands before 'max_clients: 1': indent with spaces"),
            ("limits: }\n", 1, "this is not YAML: illegal flow end (at column 9)"),
            (b"workers: \xff\n", 1, "this is no text in UTF-8: the byte 0xff cannot stand there"),
            (b"workers: 1\n\0", 2, "this is no text in UTF-8: the byte 0x00 cannot stand there"),
            ("data_dir: 'x\nworkers: 1\n", 1, "the closing ' is missing on this line"),
        ]
        for command in (("config", "check"), ("serve",)):
            for text, line, sentence in cases:
                with self.subTest(text, command=command[0]):
                    self.write(text)
                    self.expect_refused(f"{self.path}:{line}: {sentence}", command=command)

    def test_all_problems_are_told(self):
        self.write("worker: 2\nlimits:\n  max_clients: -1\n")
        self.set_variable("HEADGATE_LIMITS_X", "1")
        self.expect_refused(
            f"{self.path}:1: unknown key 'worker': did you mean 'workers'?",
            f"{self.path}:3: '-1' is no value for limits.max_clients: it takes a whole number from 0 to 4294967295",
            "HEADGATE_LIMITS_X: this variable of the environment is no key: did you mean HEADGATE_LIMITS_MAX_CLIENTS?",
            "--set: 'workers' is not of the form KEY=VALUE",
            options=("--config", self.path, "--set", "workers"),
        )

    def test_a_file_that_cannot_be_read(self):
        self.expect_refused(f"cannot read the configuration '{self.path}': No such file or directory", command=("serve",))
        directory = os.path.dirname(self.path)
        self.expect_refused(f"cannot read the configuration '{directory}': Is a directory", options=("--config", directory))
        self.set_variable("HEADGATE_CONFIG", self.path)
        self.expect_refused(f"cannot read the configuration '{self.path}': No such file or directory", options=())

    def test_a_pipe(self):
        os.mkfifo(self.path)
        self.expect_refused(
            f"cannot read the configuration '{self.path}': it is a pipe; what a command writes can be given as /dev/stdin", command=("serve",)
        )

    def test_standard_input(self):
        command = [harness.binary(), "config", "check", "--config", "/dev/stdin"]
        for text, status in (("workers: 2\n", 0), ("worker: 2\n", CANNOT_START)):
            ended = subprocess.run(command, input=text, capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
            self.assertEqual(status, ended.returncode, ended.stderr)
        with open("/dev/null", encoding="utf-8") as nothing:
            self.assertEqual(0, subprocess.run(command, stdin=nothing, capture_output=True, timeout=harness.DEADLINE_S, check=False).returncode)
        ended = subprocess.run(command, input="", capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(CANNOT_START, ended.returncode)
        self.assertEqual("headgate: cannot read the configuration '/dev/stdin': nothing comes from this pipe\n", ended.stderr)

    def test_a_file_that_only_others_may_read(self):
        self.write("workers: 2\n")
        os.chmod(self.path, 0)
        # Root may read every file, so that somebody else has to ask.
        nobody = ("setpriv", "--reuid=65534", "--clear-groups") if os.geteuid() == 0 else ()
        if nobody and shutil.which("setpriv") is None:
            self.skipTest("root may read every file, and there is no setpriv")
        if harness.run("--version", prefix=nobody).returncode != 0:
            self.skipTest("nobody but root may run the program")
        ended = harness.run("serve", "--config", self.path, prefix=nobody)
        self.assertEqual(f"headgate: cannot read the configuration '{self.path}': Permission denied\n", ended.stderr)
        self.assertEqual(CANNOT_START, ended.returncode)

    def test_an_open_listener_names_its_line(self):
        self.write("listeners:\n  lan:\n    bind: 0.0.0.0\n    port: 0\n")
        self.expect_refused(
            f"{self.path}:3: listeners.lan.bind=0.0.0.0 is open to other machines, and asks nobody for a password: name users in a file and "
            "set auth.password_file to it ('headgate passwd add NAME --file FILE' writes one), or keep 127.0.0.1, or let anybody in with 'anonymous: allow' below listeners.lan in the file, or --set listeners.lan.anonymous=allow",
            command=("serve",),
        )
        self.write("listeners:\n  lan:\n    bind: 0.0.0.0\n    port: 0\n    anonymous: allow\n")
        self.expect_good("config", "check", "--config", self.path)

    def test_two_listeners_on_one_port(self):
        self.write("listeners:\n  a: { port: 1884 }\n  b: { port: 1884 }\n")
        self.expect_refused(
            f"{self.path}:3: listeners.a and listeners.b cannot both have port 1884 of 127.0.0.1: give listeners.b.port another one"
        )

    def test_an_open_admin_listener(self):
        self.write("admin: { bind: 0.0.0.0 }\n")
        self.expect_refused(
            f"{self.path}:1: admin.bind=0.0.0.0 is open to other machines, and asks nobody who he is: put a token of 16 characters or "
            "more into a file ('openssl rand -hex 24' makes one) and set admin.token_file to it, or use 127.0.0.1 or ::1"
        )
        self.write("admin: { bind: 0.0.0.0, token_file: admin.token }\n")
        self.expect_good("config", "check", "--config", self.path)

    def test_keys_that_do_not_go_together_name_their_line(self):
        self.write("listeners:\n  tls:\n    transport: tls\n    certificate: server.pem\n")
        self.expect_refused(
            f"{self.path}:3: listeners.tls.transport=tls needs a certificate and its key: set listeners.tls.key to the names of PEM "
            "files ('headgate cert dev' makes some for trying things out)"
        )
        self.write("listeners:\n  tcp:\n    port: 0\n    crl: crl.pem\n")
        self.expect_refused(
            f"{self.path}:4: listeners.tcp.crl means nothing without TLS: set listeners.tcp.transport to tls, or leave it out"
        )
        self.write("auth:\n  acl_file: acl\nlisteners:\n  tcp:\n    anonymous: refuse\n")
        self.expect_refused(
            f"{self.path}:5: listeners.tcp.anonymous=refuse leaves nobody who could come in, since there are neither users nor "
            "certificates of clients: name users in a file and set auth.password_file to it ('headgate passwd add NAME --file FILE' writes one), or let "
            "anybody in with 'anonymous: allow' below listeners.tcp in the file, or --set listeners.tcp.anonymous=allow"
        )

    def test_the_listener_with_users_of_the_example(self):
        text = self.expect_good("config", "init")
        for line in ("tls:", "  bind: 0.0.0.0", "  port: 8883", "  transport: tls", '  certificate: "/etc/headgate/server.pem"',
                     '  key: "/etc/headgate/server.key"'):
            self.assertIn(f"  # {line}\n", text)
            text = text.replace(f"  # {line}\n", f"  {line}\n")
        self.write(text)
        self.assertIn("asks nobody for a password", harness.run("config", "check", "--config", self.path).stderr)
        self.assertIn('  #   password_file: "/etc/headgate/users"\n', text)
        self.write(text.replace('  password_file: ""\n', '  password_file: "/etc/headgate/users"\n', 1))
        self.expect_good("config", "check", "--config", self.path)

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.write(f"listeners:\n  tcp:\n    port: {port}\n")
            ended = harness.run("serve", "--config", self.path)
        self.assertEqual(CANNOT_START, ended.returncode)
        self.assertRegex(ended.stderr.splitlines()[-1], f"^headgate: .*127.0.0.1 port {port}: Address already in use; .*listeners.tcp.port")


if __name__ == "__main__":
    harness.main()
