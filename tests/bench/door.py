"""What a server's door needs in a benchmark: users, rights, certificates. Files that both servers read."""

import base64
import dataclasses
import hashlib
import os
import pathlib
import subprocess

USER, PASSWORD = "load", "right"
# Others that the files know.
OTHERS = 40


def other(number):
    """The name and the password of one of them."""
    return f"sensor-{number % OTHERS:02}", f"p{number % OTHERS}"


LINES_OF_RIGHTS = 200


@dataclasses.dataclass(frozen=True)
class Door:
    users: bool = False   # clients need the user and the password above
    rights: bool = False  # 200 lines, of which those of the user in use come last
    tls: bool = False     # a certificate with an ECDSA key on P-256


@dataclasses.dataclass
class Files:
    """What the servers and the generator are told."""
    headgate: list   # KEY=VALUE
    mosquitto: list  # lines of its configuration
    generator: list  # options


def line_of_password(user, password):
    """As mosquitto_passwd writes it: PBKDF2 with SHA-512, 101 times."""
    salt = os.urandom(12)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{user}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}\n"


def rights():
    """Lines with users, topics, patterns and denials, as a plant has them."""
    lines = ["# everybody", "pattern write devices/%c/state", "pattern read devices/%c/command", "pattern readwrite users/%u/#",
             "pattern deny devices/%c/secret/#"]
    for number in range(OTHERS):
        lines += [f"user {other(number)[0]}", f"topic read plant/{number:02}/#", f"topic write plant/{number:02}/+/state",
                  f"topic deny plant/{number:02}/secret"]
    lines.append(f"user {USER}")
    while len(lines) < LINES_OF_RIGHTS - 2:
        lines.append(f"topic readwrite other/{len(lines):03}/+/state")
    lines += ["topic deny bench/secret/#", "topic readwrite bench/#"]
    assert len(lines) == LINES_OF_RIGHTS
    return "\n".join(lines) + "\n"


def make_certificates(folder):
    """An authority (ca.pem), and a certificate for 127.0.0.1 (server.pem, server.key)."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-subj", "/CN=benchmark authority", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *key, "-subj", "/CN=benchmark", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", "server.key",
            "-out", "server.csr")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-copy_extensions", "copy", "-out", "server.pem")


def prepare(door, directory):
    """Writes the files of a door into the directory; returns Files."""
    folder = pathlib.Path(directory)
    told = Files([], [], [])
    if door.users:
        file = folder / "passwords"
        file.write_text("".join(line_of_password(*other(n)) for n in range(OTHERS)) + line_of_password(USER, PASSWORD))
        told.headgate.append(f"auth.password_file={file}")
        told.mosquitto.append(f"password_file {file}")
        told.generator += ["--user", USER, "--password", PASSWORD]
    if door.rights:
        file = folder / "rights"
        file.write_text(rights())
        told.headgate.append(f"auth.acl_file={file}")
        told.mosquitto.append(f"acl_file {file}")
    if door.tls:
        make_certificates(folder)
        told.headgate += ["listeners.tcp.transport=tls", f"listeners.tcp.certificate={folder}/server.pem",
                          f"listeners.tcp.key={folder}/server.key"]
        told.mosquitto += [f"certfile {folder}/server.pem", f"keyfile {folder}/server.key"]
        told.generator += ["--tls", "--ca", str(folder / "ca.pem")]
    # mosquitto gives up the rights of the one who started it.
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    return told
