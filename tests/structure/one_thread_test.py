"""Checks that a test program marked ONE_THREAD, which ThreadSanitizer is not run on, reaches no source that starts a thread."""

import pathlib
import re
import tempfile
import unittest

import sources

MARKED = re.compile(r"headgate_test\((\S+)[^)]*\bONE_THREAD\b[^)]*\)")
INCLUDED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
STARTS_THREADS = re.compile(r"#\s*include\s*<(?:thread|future)>|\bpthread_create\b")


def marked_folders(root):
    for path in sources.files(root):
        if path.name == "CMakeLists.txt":
            yield from MARKED.findall(sources.read(root, path))


def reached(root, first):
    """The sources that these include, each header with the source of its name, and so on."""
    known, waiting = set(), list(first)
    while waiting:
        path = waiting.pop()
        if path in known or not (root / path).is_file():
            continue
        known.add(path)
        waiting.append(path.with_suffix(".cpp"))
        text = sources.without_comments(sources.read(root, path))
        waiting.extend(pathlib.Path(name) for name in INCLUDED.findall(text))
    return known


def starters_of_threads(root):
    for folder in marked_folders(root):
        first = [path.relative_to(root) for path in (root / "tests" / folder).glob("*_test.cpp")]
        for path in sorted(reached(root, first)):
            if STARTS_THREADS.search(sources.without_comments(sources.read(root, path))):
                yield f"tests/{folder} is marked ONE_THREAD and reaches {path}, which starts threads: take the mark away"


class this_repository(unittest.TestCase):
    def test_marks_what_starts_no_thread(self):
        self.assertGreater(len(list(marked_folders(sources.ROOT))), 0)
        problems = list(starters_of_threads(sources.ROOT))
        if problems:
            self.fail("\n" + "\n".join(problems))


class made_up_tree(unittest.TestCase):
    def found(self, mark, thread):
        files = {
            "tests/CMakeLists.txt": f"headgate_test(unit/a FOLDERS a{mark})",
            "tests/unit/a/a_test.cpp": '#include "a/b.hpp"',
            "a/b.hpp": "",
            "a/b.cpp": '#include "a/c.hpp"',
            "a/c.hpp": thread,
        }
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(starters_of_threads(root))

    def test_finds_a_thread_behind_what_is_included(self):
        self.assertEqual(1, len(self.found(" ONE_THREAD", "#include <thread>")))
        self.assertEqual([], self.found(" ONE_THREAD", "// #include <thread>"))
        self.assertEqual([], self.found("", "#include <thread>"))


if __name__ == "__main__":
    unittest.main()
