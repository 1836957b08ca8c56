"""The files of the repository, and C++ source seen without its comments and strings. Used by the tests beside it."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Raw strings, line comments, block comments, strings, characters; a ' inside a number separates digits.
TOKEN = re.compile(
    r"""(?P<raw>\b(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")"""
    r"""|(?P<comment>//(?:[^\n\\]|\\.)*|/\*.*?\*/)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<number>\b\d(?:'?[\w.])*)"""
    r"""|(?P<character>'(?:[^'\\\n]|\\.)+')""",
    re.DOTALL,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The same text, every line where it was, with blanks in place of comments."""
    return TOKEN.sub(lambda match: blank(match[0]) if match["comment"] else match[0], text)


def without_comments_and_strings(text):
    """The same text, with blanks in place of comments and of what stands in strings and characters too."""

    def replaced(match):
        if match["number"]:
            return match[0]
        if match["comment"]:
            return blank(match[0])
        return '"' + blank(match[0][1:-1]) + '"'

    return TOKEN.sub(replaced, text)


def files(root=ROOT):
    """Every file that is committed or would be, as paths relative to the root."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=False,
    ) if (root / ".git").exists() else None
    if listing and listing.returncode == 0:
        names = {pathlib.PurePosixPath(name) for name in listing.stdout.decode().split("\0") if name}
    else:  # not a git checkout: an unpacked archive, or the made-up tree of a self-test
        names = {pathlib.PurePosixPath(path.relative_to(root).as_posix()) for path in root.rglob("*")}
        names = {name for name in names if name.parts[0] not in ("build", ".git") and "__pycache__" not in name.parts}
    return sorted(name for name in names if (root / name).is_file())


def read(root, name):
    return (root / name).read_text(encoding="utf-8")
