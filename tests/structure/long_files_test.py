"""Lists the longest files and functions. Over 500 lines a file or 70 a function it asks for a split, or for a line with the
reason in long_list.txt beside this test; a line there that is no longer needed fails as well.

Data tables do not count: a block in braces without a semicolon, such as the values of an array or an enumeration.
"""

import ast
import collections
import pathlib
import re
import tempfile
import unittest

import sources

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
SUFFIXES = (".hpp", ".cpp", ".c", ".py", ".sh")
REASONS = "tests/structure/long_list.txt"

length = collections.namedtuple("length", "lines name")

SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
ACCESS = re.compile(r"\b(public|private|protected)\s*:(?!:)")
NAME = re.compile(r"(?:operator\s*(?:\(\)|[^\s\w(]+|[\w\s*&]+)|[~\w:<>]+)\s*$")


def code_only(text):
    """C++ with blanks for comments, strings and preprocessor lines; of #if … #else … #endif only the first branch."""
    lines, other_branches, continued = [], [], False
    for line in sources.without_comments_and_strings(text).split("\n"):
        directive = re.match(r"\s*#\s*(\w+)", line)
        if directive and not continued:
            if directive[1] in ("if", "ifdef", "ifndef"):
                other_branches.append(False)
            elif directive[1] in ("else", "elif") and other_branches:
                other_branches[-1] = True
            elif directive[1] == "endif" and other_branches:
                other_branches.pop()
        hidden = directive or continued or any(other_branches)
        continued = bool(directive or continued) and line.rstrip().endswith("\\")
        lines.append(" " * len(line) if hidden else line)
    return "\n".join(lines)


def blocks(code):
    """Every pair of braces: (start of the statement it belongs to, open, close, depth, is data), outer ones last."""
    open_blocks, start, found = [], 0, []
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if match[0] == "{":
            open_blocks.append([start, at, False])
            start = at + 1
        elif match[0] == ";":
            start = at + 1
            for block in open_blocks:
                block[2] = True
        elif open_blocks:
            begin, opened, has_statements = open_blocks.pop()
            found.append((begin, opened, at, len(open_blocks), not has_statements))
            # After values, as in "size_{0}", the statement goes on; after a body the next one starts.
            is_body = has_statements or not code[opened + 1 : at].strip() and code[begin:opened].rstrip().endswith((")", "const"))
            start = at + 1 if is_body or SCOPE.search(code[begin:opened]) else begin
    return found


def without_nested(text, left, right):
    """What stands outside of the brackets."""
    outside, depth = [], 0
    for character in text:
        depth += character == left
        if depth == 0:
            outside.append(character)
        depth -= character == right and depth > 0
    return "".join(outside)


def name_of(header):
    """The name before the first parenthesis, with the arguments of TEST(…), or nothing if this is no function."""
    parts = ACCESS.split(header)
    header = re.sub(r"\[\[.*?\]\]", "", parts[-1])
    header = re.sub(r"^\s*template\s*<", "<", header)
    if header.lstrip().startswith("<"):
        header = without_nested(header, "<", ">")
    if "(" not in header or SCOPE.search(without_nested(without_nested(header, "(", ")"), "<", ">")):
        return None
    before, after = header.split("(", 1)
    if re.search(r"operator\s*$", before):
        before += "()"
    name = NAME.search(before)
    name = name[0].strip() if name else before.strip()
    if name.isupper() or re.match(r"[A-Z]+_[A-Z_]+$", name):
        name += "(" + " ".join(after.split(")")[0].split()) + ")"
    return name


def lines_between(code, begin, end):
    return code.count("\n", begin, end) + 1


def measure_cpp(text):
    """(lines of the file, lengths of its functions), both without data tables."""
    code = code_only(text)
    found = blocks(code)
    data = []  # the outermost blocks without statements
    for block in sorted((b for b in found if b[4]), key=lambda b: b[3]):
        if not any(other[1] < block[1] and block[2] < other[2] for other in data):
            data.append(block)

    def lines_of_data(begin, end):
        return sum(max(0, code.count("\n", opened, closed) - 1) for _, opened, closed, _, _ in data if begin <= opened and closed <= end)

    functions, covered = [], []
    for begin, opened, closed, _, is_data in sorted(found, key=lambda b: b[3]):
        if is_data or any(outer[0] < opened and closed < outer[1] for outer in covered):
            continue
        name = name_of(code[begin:opened])
        if name is None:
            continue
        covered.append((opened, closed))
        header = ACCESS.split(code[begin:opened])[-1]
        first = opened - len(header.lstrip())
        functions.append(length(lines_between(code, first, closed) - lines_of_data(opened, closed), name))
    return text.count("\n") - lines_of_data(0, len(code)), functions


def measure_python(text):
    functions = [
        length(node.end_lineno - node.lineno + 1, node.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return text.count("\n"), functions


def measure(root):
    """(files, functions) of the tree, the longest first; a function is called FILE NAME."""
    files, functions = [], []
    for path in sources.files(root):
        if path.suffix not in SUFFIXES:
            continue
        text = sources.read(root, path)
        lines, inside = text.count("\n"), []
        if path.suffix in (".hpp", ".cpp", ".c"):
            lines, inside = measure_cpp(text)
        elif path.suffix == ".py":
            lines, inside = measure_python(text)
        files.append(length(lines, str(path)))
        functions += [length(function.lines, f"{path} {function.name}") for function in inside]
    return sorted(files, reverse=True), sorted(functions, reverse=True)


def read_reasons(root):
    """What may be long -> why. A line of the list reads "FILE: reason" or "FILE FUNCTION: reason"."""
    reasons = {}
    if not (root / REASONS).exists():
        return reasons
    for line in sources.read(root, REASONS).splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            reasons[name.strip()] = reason.strip()
    return reasons


def check(root):
    """Everything that is too long, and every entry of the list that is not as it should be, as sentences."""
    files, functions = measure(root)
    reasons = read_reasons(root)
    too_long = [entry for entry in files if entry.lines > LONGEST_FILE]
    too_long += [entry for entry in functions if entry.lines > LONGEST_FUNCTION]
    for entry in too_long:
        if entry.name not in reasons:
            yield f"{entry.name}: {entry.lines} lines. Split it, or give the reason in {REASONS}"
    for name, reason in reasons.items():
        if not reason:
            yield f"{REASONS}: {name} stands there without a reason"
        if name not in [entry.name for entry in too_long]:
            yield f"{REASONS}: {name} is not too long, or not there any more; remove it"


class this_repository(unittest.TestCase):
    def test_has_no_long_files_and_functions(self):
        files, functions = measure(sources.ROOT)
        for title, entries in (("The longest files", files), ("The longest functions", functions)):
            print(f"\n{title} (lines, without data tables):")
            for entry in entries[:10]:
                print(f"  {entry.lines:5}  {entry.name}")
        problems = list(check(sources.ROOT))
        if problems:
            self.fail("\n" + "\n".join(problems))


SAMPLE = r'''#pragma once
#include "x.hpp"  // {
#define OPEN(x) \
  if (x) {
namespace headgate::base {
enum class colour { red,
  green };
constexpr int table[] = {
    1,
    2,
};
template <typename T>
  requires(sizeof(T) > 4)
class box : public holder<T> {
 public:
  explicit box(int size)
      : size_{size}, text_{"}"} {
    grow();
  }
  int size() const { return size_; }
  bool operator()(char c) const {
    return c == '{' || c == '"' || 1'000'000 < size_;
  }
  void operator+=(int by) {
    size_ += by; }
  ~box() {}

 private:
  int size_{0};
  std::vector<int> text_{};
};
#ifdef ONE
void one() {
#else
void one(int) {
#endif
  const auto text = R"x(})x" "}";
  run([&] {
    stop();
  });
  const int more[] = {
      1,
      2,
      3,
  };
}
auto box<int>::find(std::string_view name) const -> result<std::pair<int, int>> {
  if (name.empty()) {
    return {};
  }
  return {1, 2};
}
TEST(box, finds_what_is_there) {
  EXPECT_EQ(1, 1);
}
}  // namespace headgate::base
'''


class made_up_tree(unittest.TestCase):
    def test_functions_are_measured(self):
        _, functions = measure_cpp(SAMPLE)
        wanted = [
            ("box", 4), ("size", 1), ("operator()", 3), ("operator+=", 2), ("one", 11),
            ("box<int>::find", 6), ("TEST(box, finds_what_is_there)", 3),
        ]
        self.assertEqual(sorted(wanted), sorted((entry.name, entry.lines) for entry in functions))

    def test_data_does_not_count(self):
        values = "".join(f"  {number},\n" for number in range(600))
        lines, functions = measure_cpp(f"int table[] = {{\n{values}}};\nvoid f() {{\n  int local[] = {{\n{values}  }};\n}}\n")
        self.assertEqual((6, [length(4, "f")]), (lines, functions))

    def problems(self, files):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(check(root))

    LONG_FUNCTION = "void f() {\n" + "  g();\n" * 70 + "}\n"

    def test_what_is_long_needs_a_reason(self):
        tree = {"base/a.cpp": self.LONG_FUNCTION, "base/b.hpp": "int a;\n" * 501, "tests/c_test.py": "#\n" * 501, "d.cpp": "int a;\n" * 500}
        found = self.problems(tree)
        self.assertEqual(3, len(found), found)
        self.assertTrue(any(problem.startswith("base/a.cpp f: 72 lines") for problem in found), found)
        reasons = "# why\nbase/a.cpp f: one step a line\nbase/b.hpp: names\ntests/c_test.py: one story\n"
        self.assertEqual([], self.problems({**tree, REASONS: reasons}))
        self.assertEqual(1, len(self.problems({**tree, REASONS: reasons.replace(": names", ": ")})))

    def test_a_stale_reason_is_found(self):
        found = self.problems({"base/a.cpp": "void f() {\n  g();\n}\n", REASONS: "base/a.cpp f: was long\nbase/gone.cpp: is gone\n"})
        self.assertEqual(2, len(found), found)


if __name__ == "__main__":
    unittest.main()
