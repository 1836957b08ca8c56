"""Checks what is committed besides the sources: scripts, licence, registered tests, and that nothing names the machine that it
was written on."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import sources

# Paths that exist on one machine only, and hosts that serve one workplace. Temporary files get their place from the system
# (mktemp, std::filesystem::temp_directory_path, tempfile), so that no test depends on what another one left.
MACHINE = re.compile(
    r"(?<![\w.$}/*-])/(?:work|root|Users)/\w"
    r"|(?<![\w.$}/*-])/home/\w"
    r"|(?<![\w.$}/*-])/tmp/(?!headgate)\w"
    r"|https?://[^\s/\"']*(?:registry|artifact|mirror|proxy|pypi)[^\s/\"']*"
)


def texts(root):
    for path in sources.files(root):
        try:
            yield path, sources.read(root, path)
        except UnicodeDecodeError:
            continue  # golden bytes


def machine_paths(root):
    for path, text in texts(root):
        for number, line in enumerate(text.splitlines(), 1):
            if match := MACHINE.search(line):
                yield f"{path}:{number}: {match[0]}"


def scripts(root):
    for path, text in texts(root):
        if path.suffix == ".sh" or re.match(r"#!.*\b(bash|sh)\b", text):
            yield path, text


TAKES_ALL = "CONFIGURE_DEPENDS *_test.py)"


def unregistered_tests(root):
    """Each tests/…/x_test.py stands in a CMakeLists.txt of its folder or of one above, or that of its folder takes all there are."""
    for path in sources.files(root):
        if path.parts[0] != "tests" or not path.name.endswith("_test.py"):
            continue
        lists = [root / parent / "CMakeLists.txt" for parent in path.parents if parent.parts]
        texts = [file.read_text(encoding="utf-8") for file in lists if file.exists()]
        if not any(path.name in text for text in texts) and TAKES_ALL not in "".join(texts[:1]):
            yield f"{path}: no CMakeLists.txt names it, so ctest never runs it"


class this_repository(unittest.TestCase):
    def expect_none(self, problems):
        problems = list(problems)
        if problems:
            self.fail("\n" + "\n".join(problems))

    def test_names_no_machine(self):
        self.expect_none(machine_paths(sources.ROOT))

    def test_scripts_are_well_formed(self):
        for path, text in scripts(sources.ROOT):
            with self.subTest(script=str(path)):
                checked = subprocess.run(["bash", "-n", sources.ROOT / path], capture_output=True, text=True, check=False)
                self.assertEqual(0, checked.returncode, checked.stderr)
                self.assertEqual(text.startswith("#!"), os.access(sources.ROOT / path, os.X_OK), "executable: it starts with #!")

    def test_is_under_the_apache_licence(self):
        text = sources.read(sources.ROOT, "LICENSE")
        self.assertRegex(text, r"Apache License\s+Version 2\.0, January 2004")

    def test_registers_its_tests(self):
        self.expect_none(unregistered_tests(sources.ROOT))


class made_up_tree(unittest.TestCase):
    def found(self, check, files):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(check(root))

    def test_finds_paths_of_a_machine(self):
        bad = ["/" + "home/ann/x", "cd /" + "root/x", '"/' + 'tmp/x"', "https://" + "mirror.example.org/x"]
        self.assertEqual(len(bad), len(self.found(machine_paths, {"a.md": "\n".join(bad)})))
        self.assertEqual([], self.found(machine_paths, {"a.md": "${dir}/work/x, a/root/b, https://example.org/"}))

    def test_finds_tests_that_never_run(self):
        self.assertEqual(1, len(self.found(unregistered_tests, {"tests/a/b/c_test.py": "", "tests/a/CMakeLists.txt": "d_test.py"})))
        self.assertEqual([], self.found(unregistered_tests, {"tests/a/b/c_test.py": "", "tests/a/CMakeLists.txt": "b/c_test.py"}))
        taken = {"tests/a/b/c_test.py": "", "tests/a/b/CMakeLists.txt": f"file(GLOB files {TAKES_ALL}", "tests/a/CMakeLists.txt": "d_test.py"}
        self.assertEqual([], self.found(unregistered_tests, taken))


if __name__ == "__main__":
    unittest.main()
