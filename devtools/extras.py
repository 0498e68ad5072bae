"""Tools beside Odoo: a browser for tours, wkhtmltopdf for PDFs, rtlcss for right-to-left pages."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .console import Stop, as_root, in_ci, run_logged, say, step
from .places import Places

_BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # those that Odoo looks for


def ensure_browser(places: Places) -> bool:
    """Whether a browser is there; installs Debian's where that is allowed."""
    return _ensure(places, _BROWSERS, "chromium", "the browser tests")


def ensure_pdf(places: Places) -> bool:
    """Whether PDFs can be made; installs Debian's tool where that is allowed."""
    return _ensure(places, ("wkhtmltopdf",), "wkhtmltopdf", "PDF documents")


def _ensure(places: Places, programs: tuple[str, ...], package: str, purpose: str) -> bool:
    if any(map(shutil.which, programs)):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get") and _install(places, package) and any(map(shutil.which, programs)):
        return True
    message = f"{package} is missing: no {purpose}."
    remedy = as_root(f"apt-get install -y --no-install-recommends {package}")
    if in_ci():
        raise Stop(message, remedy)
    say(f"{message} {remedy}")
    return False


def _install(places: Places, package: str) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", package]
    log = places.logs / f"install-{package}.log"
    with step(f"{package}: installing the system's package"):
        if run_logged(install, log, f"Installing {package}", env=env, check=False) == 0:
            return True
        run_logged(["apt-get", "update"], places.logs / "apt-update.log", "apt-get update", env=env, check=False)
        return run_logged(install, log, f"Installing {package}", env=env, check=False) == 0


def ensure_rtlcss(places: Places) -> Path | None:
    """The folder of the program `rtlcss`, for PATH; None without it (right-to-left pages then look left-to-right)."""
    folder = places.shared / "rtlcss"
    programs = folder / "node_modules/.bin"
    if shutil.which("rtlcss") or (folder / "complete").exists():
        return programs
    if not shutil.which("npm"):
        say("npm is missing: right-to-left pages (Persian) will not be mirrored. Install Node.js to have them.")
        return None
    with places.lock("shared/rtlcss.lock"):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            command = ["npm", "install", "--prefix", folder, "--no-fund", "--no-audit", "--loglevel=error",
                       "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "rtlcss"]
            with step("rtlcss: for right-to-left pages"):
                if run_logged(command, places.logs / "npm.log", "Installing rtlcss", check=False, cwd=folder):
                    say("rtlcss cannot be had now: right-to-left pages will not be mirrored; the next run tries again.")
                    return None
                (folder / "complete").touch()
    return programs
