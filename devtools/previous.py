"""The version that an update starts from: the addon as it was at the revision that `tests/upgrade/previous` names."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from .places import ADDON, Places


def previous_revision(checkout: Path) -> str:
    """The revision to update from; empty where this checkout lacks it (a shallow clone, an unpacked archive)."""
    revision = (checkout / "tests" / "upgrade" / "previous").read_text(encoding="utf-8").split()[0]
    known = subprocess.run(
        ["git", "-C", checkout, "cat-file", "-e", f"{revision}^{{commit}}"], capture_output=True, check=False,
    )
    return revision if known.returncode == 0 else ""


def unpack_previous(places: Places, revision: str) -> Path:
    """Unpack the addon of that revision; return the folder to put on Odoo's addons path."""
    folder = places.state / "previous"
    shutil.rmtree(folder, ignore_errors=True)
    archive = subprocess.run(
        ["git", "-C", places.checkout, "archive", "--format=tar", revision], capture_output=True, check=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder / ADDON, filter="data")
    return folder
