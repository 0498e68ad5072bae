"""Folders, locks and content hashes. All state lives outside the checkout: Odoo's tools walk the addon's folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from .console import Stop, explain_os_error, say, share_with_children

ADDON = "customer_club"
CHECKOUT = Path(__file__).resolve().parent.parent

_NOT_INSTALLED = {".git", ".ci", "bench", "clients", "devtools", "static", "tests", "__pycache__"}
_INSTALLED_TYPES = {".py", ".xml", ".csv", ".po", ".pot", ".sql"}


class Places:
    """The state folder of this checkout, and what all checkouts share.

    $CLUB_HOME/shared               downloads that never change: Odoo, virtual environments, rtlcss
    $CLUB_HOME/checkouts/<name>     one per checkout: database server, file store, logs, the addon under its right name
    """

    def __init__(self, home: Path | None = None, checkout: Path = CHECKOUT) -> None:
        self.checkout = checkout
        self.home = (home or default_home()).absolute()
        if self.home == checkout or checkout in self.home.parents:
            raise Stop(
                f"CLUB_HOME={self.home} lies inside the checkout, whose folder Odoo's tools walk.",
                "Set CLUB_HOME to a folder elsewhere.",
            )
        self.digest = hashlib.sha256(str(checkout).encode()).hexdigest()[:8]
        name = re.sub(r"[^A-Za-z0-9]+", "-", checkout.name).strip("-")[:24] or "checkout"
        self.shared = self.home / "shared"
        self.state = self.home / "checkouts" / f"{name}-{self.digest}"
        self.addons = self.state / "addons"
        self.link = self.addons / ADDON
        self.data = self.state / "data"
        self.logs = self.state / "logs"

    def prepare(self) -> None:
        """Make the folders and the link that gives the checkout the addon's name."""
        try:
            for folder in (self.shared, self.addons, self.data, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            if not self.link.is_symlink() or Path(os.readlink(self.link)) != self.checkout:
                self.link.unlink(missing_ok=True)
                self.link.symlink_to(self.checkout)
        except OSError as error:
            stop = explain_os_error(error)
            raise Stop(f"The state folder {self.home} cannot be used. {stop}",
                       stop.remedy or "Set CLUB_HOME to a folder that you may write.") from error

    def need_space(self, gigabytes: float, purpose: str) -> None:
        """:raise Stop: if less is free than `purpose` takes."""
        free = shutil.disk_usage(self.home).free / 1e9
        if free < gigabytes:
            raise Stop(
                f"The disk of {self.home} has {free:.1f} GB free; {purpose} takes {gigabytes:.1f} GB.",
                "Free some space, or set CLUB_HOME to a folder on a larger disk.",
            )

    @contextlib.contextmanager
    def lock(self, name: str, shared: bool = False) -> Iterator[int]:
        """Hold a lock file of all checkouts (below `shared/`) or of this one; wait for it if somebody else has it."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"waiting for another ./dev, or what is left of one that was killed (lock {path}) ...")
                fcntl.flock(file, kind)
            share_with_children(file.fileno())
            try:
                yield file.fileno()
            finally:
                share_with_children(file.fileno(), shared=False)

    @contextlib.contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Take a lock of this checkout if it is free, and say whether it was."""
        path = self.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            share_with_children(file.fileno())
            try:
                yield True
            finally:
                share_with_children(file.fileno(), shared=False)


def default_home() -> Path:
    """$CLUB_HOME; for root a folder that the database server's own user can enter; else the user's cache."""
    if given := os.environ.get("CLUB_HOME"):
        return Path(given).expanduser()
    if os.geteuid() == 0:
        return Path("/var/lib/customer-club")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer-club"


def addon_hash(checkout: Path = CHECKOUT, with_demo: bool = False) -> str:
    """A digest of the files that installing the addon reads: code and data, not tests, styles or documents."""
    skipped = _NOT_INSTALLED if with_demo else _NOT_INSTALLED | {"demo"}
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(checkout):
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in _INSTALLED_TYPES:
                digest.update(str(path.relative_to(checkout)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def short_hash(*parts: str) -> str:
    """A digest of some strings."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
