#!/usr/bin/env python3
"""The table of all normative statements of MQTT 3.1.1 and 5.0: which test shows each, or why none can.

    tests/spec/table.py            the table, in Markdown
    tests/spec/table.py --check    the counts; status 1 when a statement is open, or a test names one that is not there
    tests/spec/table.py --draw HASH COUNT
                                   COUNT of the tested statements, drawn by HASH: version, number and tests, with tabs between
    tests/spec/table.py --tests VERSION NUMBER
                                   the tests of one statement, a line each

A test carries the numbers of its statements, as [3.1.1 MQTT-x.y.z-n] or [5.0 MQTT-x.y.z-n]: a Python test at the beginning of its
docstring, a C++ test in the comment before it.
"""

import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {"3.1.1": "mqtt_3_1_1.txt", "5.0": "mqtt_5_0.txt"}
MARK = re.compile(r"\[(3\.1\.1|5\.0) (MQTT-\d+\.\d+\.\d+-\d+)\]")
PYTHON_TEST = re.compile(r'^    def (test_\w+)\(self\):\n        """(.*?)"""', re.MULTILINE | re.DOTALL)
CPP_TEST = re.compile(r"((?:^//.*\n)+)^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
NOT_APPLICABLE = "not applicable: "


def statements(version):
    """Number and, where no test of a server can show it, why."""
    found = {}
    for line in (HERE / VERSIONS[version]).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        number, _, rest = line.partition(" ")
        if number in found or (rest and not rest.strip().startswith(NOT_APPLICABLE)):
            sys.exit(f"{VERSIONS[version]}: {line!r} is not NUMBER, or NUMBER not applicable: WHY, once")
        found[number] = rest.strip().removeprefix(NOT_APPLICABLE)
    return found


def marked_tests():
    """Pairs of a test's name and what stands in its docstring or comment."""
    for path in sorted(HERE.glob("*_test.py")):
        for name, text in PYTHON_TEST.findall(path.read_text(encoding="utf-8")):
            yield f"{path.name} {name}", text
    for path in sorted(HERE.glob("*_test.cpp")):
        for text, suite, name in CPP_TEST.findall(path.read_text(encoding="utf-8")):
            yield f"{path.name} {suite}.{name}", text


def tests_by_statement():
    found = {}
    for test, text in marked_tests():
        for mark in MARK.findall(text):
            found.setdefault(mark, []).append(test)
    return found


def problems(tests):
    """Sentences about statements without a test, and about tests of what is none."""
    known = {(version, number): reason for version in VERSIONS for number, reason in statements(version).items()}
    for (version, number), reason in known.items():
        if not reason and (version, number) not in tests:
            yield f"{version} {number} is open: no test in tests/spec carries its number"
        if reason and (version, number) in tests:
            yield f"{version} {number} has a test, and is not applicable in {VERSIONS[version]}"
    for (version, number), names in tests.items():
        if (version, number) not in known:
            yield f"{names[0]} carries {version} {number}, which is no statement"


def print_table(tests):
    for version in VERSIONS:
        print(f"\n## MQTT {version}\n\n| statement | state | shown by, or why not |\n|---|---|---|")
        for number, reason in statements(version).items():
            names = tests.get((version, number), [])
            state = "not applicable" if reason else "tested" if names else "open"
            print(f"| {number} | {state} | {reason or '<br>'.join(names)} |")


def print_counts(tests):
    for version in VERSIONS:
        all_of_it = statements(version)
        tested = sum((version, number) in tests for number in all_of_it)
        excused = sum(bool(reason) for reason in all_of_it.values())
        print(f"MQTT {version}: {len(all_of_it)} statements, {tested} tested, {excused} not applicable, {len(all_of_it) - tested - excused} open")


def order_of(row):
    version, number = row
    return version, [int(part) for part in re.findall(r"\d+", number)]


def print_drawn(tests, seed, count):
    """The same rows for the same seed, as long as the same statements are tested."""
    rows = sorted((row for row in tests if not statements(row[0]).get(row[1], "")), key=order_of)
    for row in sorted(random.Random(seed).sample(rows, min(count, len(rows))), key=order_of):
        print("\t".join((*row, *tests[row])))


def main():
    tests = tests_by_statement()
    if "--draw" in sys.argv[1:]:
        seed, count = sys.argv[sys.argv.index("--draw") + 1 :]
        print_drawn(tests, seed, int(count))
        return
    if "--tests" in sys.argv[1:]:
        row = tuple(sys.argv[sys.argv.index("--tests") + 1 :])
        print("\n".join(tests.get(row) or sys.exit(f"{' '.join(row)} has no test")))
        return
    if "--check" not in sys.argv[1:]:
        print_table(tests)
        return
    print_counts(tests)
    found = list(problems(tests))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
