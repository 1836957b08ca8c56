"""What the documents tell people to type: every command of headgate that they name is one, with its options and no word too many;
the rules that README shows parse; and its way from nothing to a TLS listener with two users ends there."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import door
import harness
import tls
import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "docs/configuration.md", "deploy/systemd/README.md"]
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(headgate [^`]+)`")


def blocks(document):
    return BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))


def one_line_each(block):
    """Commands, without the backslash that goes on in the next line."""
    return [line.strip() for line in block.replace("\\\n", " ").splitlines()]


def commands():
    """(document, words after headgate) of each command that a document names."""
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        named = [found for block in blocks(document) for line in one_line_each(block)
                 for found in re.findall(r"(?:^|\|\| )headgate (.+)", line)]
        named += [found.removeprefix("headgate ") for found in INLINE.findall(BLOCK.sub("", text))]
        for command in named:
            words = shlex.split(command.split(" > ")[0], comments=True)
            yield document, words


class commands_in_documents(unittest.TestCase):
    def help(self, path):
        ended = harness.run(*path, "--help")
        self.assertEqual(0, ended.returncode, f"headgate {' '.join(path)}: {ended.stderr}")
        return ended.stdout

    def expect_known(self, words):
        path, text = [], self.help([])
        while "\nSubcommands:\n" in text:
            known = re.findall(r"^  (\w+)  ", text.split("\nSubcommands:\n")[1], re.MULTILINE)
            if not words or words[0].startswith("-"):
                return  # it is spoken of as a whole
            self.assertIn(words[0], known)
            path.append(words.pop(0))
            text = self.help(path)
        usage = re.search(r"^Usage: \S+ (.*)", text, re.MULTILINE)[1]
        # Name, and whether a value comes behind it.
        options = {name: bool(value) for names, value in re.findall(r"^  (-\S+)(?: ([A-Z]\S*))?", text, re.MULTILINE) for name in names.split(",")}
        positional = 0
        while words:
            word = words.pop(0)
            if not word.startswith("-"):
                positional += 1
                continue
            self.assertIn(word, options, f"headgate {' '.join(path)}")
            if options[word] and words:
                words.pop(0)
        self.assertLessEqual(positional, len(re.findall(r"\b[A-Z]{2,}\b", usage.replace("[OPTIONS]", ""))), f"it is: {usage}")

    def test_are_commands(self):
        found = list(commands())
        self.assertGreater(len(found), 20)
        for document, words in found:
            with self.subTest(document, command=" ".join(words)):
                self.expect_known(list(words))

    def test_what_is_none_would_be_found(self):
        for words in (["passwd", "add", "users", "ana"], ["passwd", "add", "ana", "--in", "users"], ["password", "add"], ["cert", "make"]):
            with self.subTest(words), self.assertRaises(AssertionError):
                self.expect_known(list(words))


class examples(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-documents-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)

    def test_the_rules_of_readme_parse_and_mean_what_it_says(self):
        block, = (block for block in blocks("README.md") if re.search(r"^pattern ", block, re.MULTILINE))
        file = self.path / "acl"
        file.write_text(block, encoding="utf-8")
        program = pathlib.Path(harness.binary()).with_name("acl_verdicts")
        questions = (("c", "dashboard", "plants/pump-7/state", "read"), ("c", "dashboard", "plants/pump-7/state", "write"),
                     ("c", "pump-7", "plants/pump-7/state", "write"), ("c", "pump-8", "plants/pump-7/state", "write"))
        ended = subprocess.run([program, file], input="".join("\t".join(question) + "\n" for question in questions), capture_output=True,
                               text=True, timeout=harness.DEADLINE_S, check=False)
        self.assertEqual((0, "yes\nno\nyes\nno\n", ""), (ended.returncode, ended.stdout, ended.stderr))
        harness.start(self, f"auth.acl_file={file}")

    def test_the_configurations_parse(self):
        configurations = [block for block in blocks("docs/configuration.md") if re.search(r"^listeners:", block, re.MULTILINE)]
        self.assertEqual(2, len(configurations))
        for n, block in enumerate(configurations):
            file = self.path / f"{n}.yaml"
            file.write_text(block, encoding="utf-8")
            self.assertEqual(0, harness.run("config", "check", "--config", str(file)).returncode)

    def test_from_nothing_to_a_tls_listener_with_two_users(self):
        block, = (block for block in blocks("README.md") if "headgate cert dev" in block)
        serving = None
        for line in one_line_each(block):
            if line.startswith("headgate serve "):
                serving = shlex.split(line)[2:]
            elif line.startswith("headgate "):
                is_password = line.startswith("headgate passwd ")
                command = line.split("#")[0].replace("headgate", shlex.quote(harness.binary()), 1) + (" --password-stdin" if is_password else "")
                ended = subprocess.run(["bash", "-c", command], cwd=self.path, input="a password\n" if is_password else "", capture_output=True,
                                       text=True, timeout=harness.DEADLINE_S, check=False)
                self.assertEqual(0, ended.returncode, f"{command}: {ended.stderr}")
        self.assertEqual({"--set"}, set(serving[::2]))
        # Ports and addresses are those of tests; all else is as it stands there.
        settings = [setting for setting in serving[1::2] if ".port=" not in setting and ".bind=" not in setting]
        self.assertEqual(len(serving) // 2 - 2, len(settings))
        server = harness.start(self, *settings, "listeners.tls.port=0", prefix=("env", "-C", str(self.path)))
        context = tls.trusting(self.path / "certs" / "ca.pem")
        for user in ("pump-7", "dashboard"):
            with tls.client(server.port_of("tls"), context, server_name="localhost") as client:
                client.send(wire.connect(user, **door.credentials(user, "a password")))
                self.assertEqual(0, client.packet(wire.CONNACK).body[1])


if __name__ == "__main__":
    harness.main()
