"""Checks the sources against the table "Folders, and who may include whom" of ARCHITECTURE.md.

Every #include "…" of a source folder must be allowed by the row of its folder (a path belongs to the longest folder of the
table), libraries that do I/O appear only in folders whose row says so, a namespace is named after its folder, and the
libraries of CMakeLists.txt depend on no more than the table allows.
"""

import fnmatch
import pathlib
import re
import tempfile
import unittest

import sources

HEADING = "Folders, and who may include whom"

# Library -> headers. They appear where a row says I/O, names the library, or may include all.
IO_LIBRARIES = {
    "Asio": ["boost/asio*", "asio*"],
    "Beast": ["boost/beast*"],
    "OpenSSL": ["openssl/*"],
    "hiredis": ["hiredis/*"],
    "RocksDB": ["rocksdb/*"],
    "librdkafka": ["librdkafka/*"],
    "yaml-cpp": ["yaml-cpp/*"],
    "sockets": ["sys/epoll.h", "sys/eventfd.h", "sys/socket.h", "sys/un.h", "netinet/*", "arpa/inet.h", "netdb.h", "poll.h"],
}
# These belong to cold paths: starting up, telling people.
COLD_LIBRARIES = {"spdlog": ["spdlog/*"], "fmt": ["fmt/*"], "CLI11": ["CLI/*"]}
COLD_FOLDERS = ["cli", "admin", "loadtest/commands"]
NOT_SOURCES = ["deploy", "tests"]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
NAMESPACE = re.compile(r"^[ \t]*(?:inline\s+)?namespace\s+([\w:]+)\s*\{", re.MULTILINE)
LIBRARY = re.compile(r"^\s*headgate_library\(([^)]*)\)", re.MULTILINE)


class row:
    """One line of the table. The cell "may include" reads: items; what engines in subfolders may use besides; libraries."""

    def __init__(self, folder, what, may_include):
        self.folder, self.what, self.text = folder, what, may_include
        cell = re.sub(r"\(.*?\)", "", may_include)  # "worker (ports)": which part of it is left to the reader
        cell = re.sub(r"(\S*)\{([^}]*)\}", lambda m: ", ".join(m[1] + part.strip() for part in m[2].split(",")), cell)
        first, *more = cell.split(";")
        words = re.split(r"[,\s`]+", first.split(":")[0])  # after a colon: what it is
        self.items = [word for word in words if word not in ("", "–", "and")]
        self.engine_items = [word for clause in more if "engines also" in clause for word in clause.split()]
        self.everything = "all" in self.items

    def may_include(self, path, owner, in_subfolder):
        """owner: the folder that the included path belongs to."""
        items = self.items + (self.engine_items if in_subfolder else [])
        if self.everything or owner == self.folder:
            return True
        return any(fnmatch.fnmatchcase(owner, item) or ("*" in item and fnmatch.fnmatchcase(path, item)) for item in items)

    def may_do_io(self, library, subfolder):
        if self.everything or self.what.startswith("I/O") or library.lower() in self.text.lower():
            return True
        marked = re.findall(r"((?:`[\w-]+/`,?\s*)+)\(I/O\)", self.what)
        return any(f"`{subfolder}/`" in names for names in marked)


def read_table(markdown):
    """Folder -> row, from the first table under the heading."""
    section = markdown.split(HEADING, 1)
    if len(section) != 2:
        raise ValueError(f"ARCHITECTURE.md has no section «{HEADING}»")
    table = {}
    for line in section[1].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            if table:
                break
            continue
        if cells[0] == "folder" or set(cells[0]) <= set("-: "):
            continue
        for folder in re.findall(r"`([^`]+)/`", cells[0]):
            table[folder] = row(folder, cells[1], cells[2])
    if not table:
        raise ValueError(f"the section «{HEADING}» holds no table")
    return table


def owner_of(path, table):
    """The longest folder of the table that holds the path, or nothing."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in table:
            return str(parent)
    return None


def included(path, text):
    for match in INCLUDE.finditer(sources.without_comments(text)):
        yield match[1], match[2]


def library_of(header, libraries):
    for library, patterns in libraries.items():
        if any(fnmatch.fnmatchcase(header, pattern) for pattern in patterns):
            return library
    return None


def check_includes(root, path, table):
    folder = owner_of(path, table)
    rule = table[folder]
    subfolder = str(path.relative_to(folder).parent)
    for own, system in included(path, sources.read(root, path)):
        if own is not None:
            if not (root / own).is_file():
                yield f'{path}: "{own}" is no file from the root of the repository; a library stands in <>'
            elif not rule.may_include(own, owner_of(own, table) or "", subfolder != "."):
                yield f'{path}: {folder} may not include "{own}"'
            continue
        if (root / system).is_file():
            yield f'{path}: <{system}> is a file of this repository; it stands in ""'
        library = library_of(system, IO_LIBRARIES)
        if library and not rule.may_do_io(library, subfolder.split("/")[0]):
            yield f"{path}: <{system}> ({library}) is for folders that do I/O"
        library = library_of(system, COLD_LIBRARIES)
        if library and folder not in COLD_FOLDERS:
            yield f"{path}: <{system}> ({library}) is for {', '.join(COLD_FOLDERS)} only"


def check_form(root, path):
    text = sources.read(root, path)
    if path.suffix == ".hpp" and not text.startswith("#pragma once\n"):
        yield f"{path}: does not start with #pragma once"
    wanted = "::".join(["headgate", *path.parent.parts]).replace("-", "_")
    found = NAMESPACE.findall(sources.without_comments_and_strings(text))
    if path.name != "main.cpp" and wanted not in found:
        yield f"{path}: does not open namespace {wanted}"
    for name in found:
        if name.startswith("headgate") and name != wanted and not name.startswith(wanted + "::"):
            yield f"{path}: opens namespace {name}; in this folder it is {wanted}"


def check_cmake(text, table):
    """The FOLDERS of each headgate_library stand in its row."""
    for match in LIBRARY.finditer(re.sub(r"#.*", "", text)):
        folder, *words = match[1].split()
        if folder not in table:
            yield f"CMakeLists.txt: {folder} has no row in the table"
            continue
        group = None
        for word in words:
            if word.isupper():
                group = word
            elif group == "FOLDERS" and not table[folder].may_include("", word, False):
                yield f"CMakeLists.txt: {folder} may not depend on {word}"


def check_table(root, table, paths):
    """Rows name folders that exist, and includes go one way."""
    for folder in table:
        if not any(pathlib.PurePosixPath(folder) in path.parents for path in paths):
            yield f"ARCHITECTURE.md: the folder {folder}/ of the table holds nothing"
    below = {}
    for folder, rule in table.items():
        if folder in NOT_SOURCES or rule.everything:
            continue
        for word in rule.items:
            if "*" not in word and word not in table:
                yield f"ARCHITECTURE.md: the row of {folder}/ allows {word}, which is no folder of the table"
        below[folder] = {other for other in table if other != folder and rule.may_include("", other, False)}
    while below:  # take away what includes nothing of the rest, and what nothing of the rest includes
        ends = [folder for folder in below if not below[folder] or not any(folder in others for others in below.values())]
        if not ends:
            yield f"ARCHITECTURE.md: the table lets these include each other in a circle: {', '.join(sorted(below))}"
            return
        below = {folder: others - set(ends) for folder, others in below.items() if folder not in ends}


def check(root):
    """Everything that is wrong in the tree, as sentences."""
    table = read_table(sources.read(root, "ARCHITECTURE.md"))
    paths = sources.files(root)
    problems = list(check_table(root, table, paths))
    problems += check_cmake(sources.read(root, "CMakeLists.txt"), table)
    for path in paths:
        if path.suffix not in (".hpp", ".cpp") or path.parts[0] in NOT_SOURCES:
            continue
        if owner_of(path, table) is None:
            problems.append(f"{path}: its folder has no row in the table of ARCHITECTURE.md")
            continue
        problems += check_includes(root, path, table)
        problems += check_form(root, path)
    return problems


class this_repository(unittest.TestCase):
    def test_keeps_to_its_table(self):
        problems = check(sources.ROOT)
        if problems:
            self.fail("\n" + "\n".join(problems))


TABLE = f"""# Made up

## {HEADING}

| folder | what | may include |
|---|---|---|
| `base/` | words | – |
| `net/` | I/O: sockets | base |
| `broker/log/` | port; `kafka/` (I/O) | base |
| `broker/shard-map/` | map | base, broker/{{log, record}} (ports) |
| `broker/record/` | layout | base |
| `store/` | port; `redis/` (I/O) | base; the engines also broker/record (port) and their library |
| `auth/` | files | base; hashes use OpenSSL |
| `cli/` | main | all |
| `admin/` | I/O: HTTP | base, and `*/view.hpp`: plain structs |
| `tests/` | | |
"""


class made_up_tree(unittest.TestCase):
    """The test must be able to fail: each rule, broken and kept."""

    GOOD = {
        "ARCHITECTURE.md": TABLE,
        "CMakeLists.txt": "headgate_library(net FOLDERS base LIBRARIES Boost::asio)\nheadgate_library(base)",
        "base/word.hpp": "#pragma once\nnamespace headgate::base {}\n",
        "net/view.hpp": "#pragma once\n#include <sys/epoll.h>\nnamespace headgate::net {}\n",
        "broker/log/log.hpp": '#pragma once\n#include "base/word.hpp"\nnamespace headgate::broker::log {}\n',
        "broker/log/kafka/log.cpp": "#include <librdkafka/rdkafka.h>\nnamespace headgate::broker::log::kafka {}\n",
        "broker/record/view.hpp": "#pragma once\nnamespace headgate::broker::record {}\n",
        "broker/shard-map/map.cpp": '#include "broker/log/log.hpp"\nnamespace headgate::broker::shard_map {}\n',
        "store/redis/engine.cpp": '#include "broker/record/view.hpp"\n#include <hiredis/hiredis.h>\nnamespace headgate::store::redis {}\n',
        "auth/hash.cpp": "#include <openssl/evp.h>\nnamespace headgate::auth {}\n",
        "cli/main.cpp": '#include "net/view.hpp"\n#include <spdlog/spdlog.h>\nint main() {}\n',
        "admin/http.cpp": '// #include "net/none.hpp"\n#include "net/view.hpp"\nnamespace headgate::admin {}\n',
        "tests/word_test.cpp": '#include "word.hpp"\n',
    }

    def problems(self, changes):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in {**self.GOOD, **changes}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return check(root)

    def expect(self, part, changes):
        found = self.problems(changes)
        self.assertEqual(1, len(found), found)
        self.assertIn(part, found[0])

    def test_is_fine_as_it_stands(self):
        self.assertEqual([], self.problems({}))

    def test_finds_a_forbidden_include(self):
        text = 'namespace headgate::base {}\n#  include "net/view.hpp"\n'
        self.expect('base may not include "net/view.hpp"', {"base/word.cpp": text})

    def test_finds_what_only_engines_may_include(self):
        text = '#include "broker/record/view.hpp"\nnamespace headgate::store {}\n'
        self.expect('store may not include "broker/record/view.hpp"', {"store/store.cpp": text})

    def test_finds_other_headers_than_views(self):
        changes = {"net/poll.hpp": "#pragma once\nnamespace headgate::net {}\n"}
        changes["admin/http.cpp"] = '#include "net/poll.hpp"\nnamespace headgate::admin {}\n'
        self.expect('admin may not include "net/poll.hpp"', changes)

    def test_finds_includes_that_are_not_written_from_the_root(self):
        self.expect("is no file from the root", {"base/word.cpp": '#include "word.hpp"\nnamespace headgate::base {}\n'})
        self.expect('stands in ""', {"base/word.cpp": "#include <base/word.hpp>\nnamespace headgate::base {}\n"})

    def test_finds_io_outside_the_rim(self):
        for header in ("sys/epoll.h", "netinet/tcp.h", "boost/asio/ip/tcp.hpp", "openssl/ssl.h"):
            text = f"#include <{header}>\nnamespace headgate::broker::log {{}}\n"
            self.expect("is for folders that do I/O", {"broker/log/log.cpp": text})
        text = "#include <fmt/format.h>\nnamespace headgate::net {}\n"
        self.expect("(fmt) is for cli, admin, loadtest/commands only", {"net/socket.cpp": text})

    def test_finds_a_missing_pragma(self):
        self.expect("#pragma once", {"base/word.hpp": "// words\nnamespace headgate::base {}\n"})

    def test_finds_namespaces_that_are_not_the_folder(self):
        self.expect("does not open namespace headgate::base", {"base/word.cpp": "int word;\n"})
        text = "namespace headgate::base {}\nnamespace headgate::net {}\n"
        self.expect("in this folder it is headgate::base", {"base/word.cpp": text})

    def test_finds_dependencies_and_folders_that_have_no_row(self):
        self.expect("base may not depend on net", {"CMakeLists.txt": "headgate_library(base\n  FOLDERS net)"})
        self.expect("new/a.cpp: its folder has no row", {"new/a.cpp": ""})

    def test_finds_circles_and_unknown_names_in_the_table(self):
        changed = TABLE.replace("| words | – |", "| words | net |")
        self.expect("in a circle: base, net", {"ARCHITECTURE.md": changed})
        changed = TABLE.replace("| layout | base |", "| layout | bose |")
        self.expect("allows bose, which is no folder", {"ARCHITECTURE.md": changed})
        changed = TABLE.replace("| `cli/`", "| `gone/` | | – |\n| `cli/`")
        self.expect("the folder gone/ of the table holds nothing", {"ARCHITECTURE.md": changed})


if __name__ == "__main__":
    unittest.main()
