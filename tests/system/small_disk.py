"""A disk that a test can fill."""

import ctypes
import errno
import os
import pathlib
import subprocess

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000


def mounts_of_our_own():
    """Why not, if this process may not mount anything."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
            return f"unshare: {os.strerror(ctypes.get_errno())}"
        pathlib.Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
    alone = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True, check=False)
    return alone.stderr.strip() if alone.returncode != 0 else None


class small_disk:
    """A file system of so many bytes in memory, which a ballast fills; seen by this process and those that it starts."""

    def __init__(self, directory, size_bytes):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self._ballast = self.directory / "ballast"
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", directory], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise OSError(mounted.stderr.strip())

    def room(self):
        found = os.statvfs(self.directory)
        return found.f_bavail * found.f_frsize

    def fill(self, leave_bytes=0):
        """Whatever somebody else writes meanwhile."""
        file = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while (more := self.room() - leave_bytes) > 0:
                os.write(file, bytes(min(1 << 20, more)))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        finally:
            os.close(file)

    def make_room(self, leave_bytes=None):
        """All there is, or so much."""
        if leave_bytes is None:
            self._ballast.unlink(missing_ok=True)
        else:
            os.truncate(self._ballast, self._ballast.stat().st_size - leave_bytes + self.room())

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.directory], check=True)
