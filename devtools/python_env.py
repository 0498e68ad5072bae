"""The virtual environment with Odoo's dependencies and the developer's tools, shared by all checkouts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .console import Progress, Stop, as_root, run_logged, step
from .places import Places, short_hash

OLDEST, NEWEST = (3, 10), (3, 13)  # what Odoo 19 supports
_REQUIREMENTS = ("devtools/odoo-requirements.txt", "devtools/dev-requirements.txt", "requirements.txt")


def find_python() -> tuple[str, str]:
    """An interpreter that Odoo 19 supports: this one, else one on PATH; with its version."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable, "{}.{}".format(*sys.version_info[:2])
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return found, f"3.{minor}"
    raise Stop(
        "Odoo 19 runs on Python 3.10 to 3.13; this is {}.{}.".format(*sys.version_info[:2]),
        "Install one of them beside this one (for example python3.13 with its venv module).",
    )


def ensure(places: Places) -> Path:
    """Make the virtual environment unless it is there; return its interpreter."""
    python, version = find_python()
    files = [places.checkout / name for name in _REQUIREMENTS]
    wanted = short_hash(*(file.read_text(encoding="utf-8") for file in files))
    folder = places.shared / f"venv-{version}-{wanted[:8]}"
    with places.lock(f"shared/{folder.name}.lock"):
        if (folder / "complete").exists() and _works(folder / "bin/python"):
            return folder / "bin/python"
        places.need_space(1.2, "the Python environment")
        shutil.rmtree(folder, ignore_errors=True)
        with step(f"Python {version}: a virtual environment with Odoo's dependencies"):
            _create(python, folder, places)
            _install(folder, files, places)
            (folder / "complete").touch()
    return folder / "bin/python"


def _works(python: Path) -> bool:
    """Whether the interpreter still starts (the system's Python may have been replaced since)."""
    try:
        return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _create(python: str, folder: Path, places: Places) -> None:
    log = places.logs / "venv.log"
    if run_logged([python, "-m", "venv", folder], log, "Making the virtual environment", check=False):
        if "ensurepip" in log.read_text(encoding="utf-8"):
            raise Stop("This Python lacks its venv module.", as_root("apt-get install -y python3-venv"))
        run_logged([python, "-m", "venv", "--clear", folder], log, "Making the virtual environment")


def _install(folder: Path, files: list[Path], places: Places) -> None:
    progress = Progress("Python packages")
    count = 0

    def on_line(line: str) -> None:
        nonlocal count
        if line.startswith("Collecting"):
            count += 1
            progress.show(f"{count} looked up, now {line.split()[1]}")
        elif "Downloading" in line or line.startswith("Installing"):
            progress.show(line.strip()[:80])

    options = [part for file in files for part in ("-r", file)]
    run_logged(
        [folder / "bin/python", "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
         "--prefer-binary", "--progress-bar", "off", *options],
        places.logs / "pip.log", "Installing Python packages", on_line=on_line,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
