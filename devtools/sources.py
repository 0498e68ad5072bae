"""Where Odoo 19 comes from: $ODOO_HOME, an importable `odoo`, or Debian's package, unpacked without installing it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .console import Stop, explain, run_logged, say, step, watch_folder
from .places import Places, short_hash

SERIES = 19
# Odoo's package links its fonts and some JavaScript into other packages. Font Awesome and Inconsolata must be of a
# stable release: the newer ones no longer have the files that the links name. Montserrat's are only in sid.
_FROM_SID = ("odoo-19", "fonts-montserrat")
_FROM_STABLE = (
    "fonts-font-awesome", "fonts-inconsolata", "fonts-ocr-b", "fonts-roboto-unhinted",
    "libjs-jquery", "libjs-jquery-form", "libjs-underscore",
)
_STABLE = ("trixie", "bookworm")  # the first that the mirror has
_KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19 on this machine."""

    package: Path       # the folder `odoo` that Python imports
    origin: str         # for people
    identity: str       # changes when the code does: a template database made with another one is stale

    @property
    def addons(self) -> list[Path]:
        """Addon folders beside the package's own."""
        beside = self.package.parent / "addons"
        return [path for path in (self.package / "addons", beside) if path.is_dir()]


def ensure(places: Places) -> Odoo:
    """Find Odoo 19, or fetch it."""
    if home := os.environ.get("ODOO_HOME"):
        if package := find_package(_candidates(Path(home).expanduser().absolute())):
            return _describe(package, f"ODOO_HOME={home}")
        raise Stop(
            f"ODOO_HOME={home} is no Odoo {SERIES}: no folder odoo/ with a release.py of version {SERIES} there.",
            "Point it at a checkout of Odoo 19.0 or an unpacked package, or unset it.",
        )
    if package := _importable():
        return _describe(package, f"the importable package in {package.parent}")
    return _describe(_fetch_debian_package(places), "Debian's package odoo-19")


def _candidates(home: Path) -> list[Path]:
    return [home / "odoo", home / "usr/lib/python3/dist-packages/odoo", home, home / "odoo/odoo"]


def find_package(candidates: Iterable[Path]) -> Path | None:
    """The first folder that is the Python package of Odoo 19."""
    for path in candidates:
        release = path / "release.py"
        if release.is_file() and (path / "addons/base/__manifest__.py").is_file():
            match = re.search(r"^version_info\s*=\s*\(\s*(\d+)", release.read_text(encoding="utf-8"), re.MULTILINE)
            if match and int(match[1]) == SERIES:
                return path
    return None


def _importable() -> Path | None:
    try:
        spec = importlib.util.find_spec("odoo")
    except (ImportError, ValueError):
        return None
    locations = list(spec.submodule_search_locations or []) if spec else []
    package = find_package(Path(location) for location in locations)
    if locations and not package:
        say(f"the importable odoo in {locations[0]} is not version {SERIES}: not used")
    return package


def _describe(package: Path, origin: str) -> Odoo:
    commit = ""
    if (package.parent / ".git").exists():
        commit = subprocess.run(
            ["git", "-C", package.parent, "rev-parse", "HEAD"], capture_output=True, text=True, check=False,
        ).stdout.strip()
    release = (package / "release.py").read_text(encoding="utf-8")
    return Odoo(package, origin, short_hash(str(package), release, commit))


# ------------------------------------------------------------
# Debian's package
# ------------------------------------------------------------

def _fetch_debian_package(places: Places) -> Path:
    """Download through apt with state of its own, so that signatures are checked and the machine stays untouched."""
    root = places.shared / "debian-odoo-19"
    package = root / "usr/lib/python3/dist-packages/odoo"
    with places.lock("shared/debian-odoo-19.lock"):
        if root.exists():  # moved into place when complete
            return package
        for tool in ("apt-get", "dpkg-deb"):
            if not shutil.which(tool):
                raise Stop(
                    f"There is no Odoo 19 here, and without {tool} Debian's package cannot be fetched.",
                    "Set ODOO_HOME to a checkout of Odoo 19.0 or to an unpacked package of it.",
                )
        places.need_space(2.5, "Odoo's package")
        work = places.shared / "debian-odoo-19.part"
        shutil.rmtree(work, ignore_errors=True)
        (work / "debs").mkdir(parents=True)
        with step("Odoo 19: Debian's package lists through apt, with its own state"):
            apt, stable = _read_lists(places, work)
        with step("Odoo 19: downloading Debian's package"):
            _download(places, work / "debs", apt, stable)
        with step("Odoo 19: unpacking"):
            for deb in sorted((work / "debs").glob("*.deb")):
                run_logged(["dpkg-deb", "-x", deb, work / "root"], places.logs / "unpack.log", f"Unpacking {deb.name}")
        if not find_package([work / "root/usr/lib/python3/dist-packages/odoo"]):
            raise Stop("Debian's package odoo-19 no longer has the layout that ./dev knows.", "Set ODOO_HOME instead.")
        (work / "root").rename(root)
        shutil.rmtree(work, ignore_errors=True)
    return package


def _read_lists(places: Places, work: Path) -> tuple[list[str], str]:
    """Read the package lists from the first mirror that works; return the apt command and the stable suite's name."""
    keyring = next((path for path in _KEYRINGS if Path(path).exists()), None)
    if not keyring:
        raise Stop(
            "The keys of Debian's archive are not on this machine, so nothing from it can be verified.",
            "Install the package debian-archive-keyring, or set ODOO_HOME to an Odoo 19 of your own.",
        )
    failures = []
    for number, mirror in enumerate(mirrors()):
        for stable in _STABLE:
            apt = _own_apt(work, keyring, mirror, ("sid", stable))
            log = places.logs / f"apt-update-{number}-{stable}.log"
            if run_logged([*apt, "update"], log, "Reading Debian's lists", check=False) == 0:
                return apt, stable
            failures.append(log.read_text(encoding="utf-8"))
    if failures:
        raise explain("Reading Debian's package lists", "\n".join(failures), places.logs)
    raise Stop(
        "There is no Odoo 19 here, and apt's sources name no Debian archive to take it from.",
        "Set ODOO_HOME to a checkout of Odoo 19.0, or CLUB_MIRROR to the address of a Debian mirror.",
    )


def mirrors() -> list[str]:
    """Addresses of Debian's main archive: $CLUB_MIRROR, else as this machine's apt has them."""
    if given := os.environ.get("CLUB_MIRROR"):
        return [given]
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"]
    known = _lines([*ask, "Created-By: Packages", "Origin: Debian"])
    configured = _lines([*ask, "--no-release-info", "Created-By: Packages"])  # before the machine's first update
    return choose_mirrors(known) or [uri for uri in choose_mirrors(configured) if "debian" in uri.lower()]


def choose_mirrors(targets: Iterable[str]) -> list[str]:
    """Of lines "address release", the addresses that are a main archive: no security, no optical disk.

    >>> choose_mirrors(["http://m/debian-security/ bookworm-security", "http://m/debian/ bookworm", "cdrom:x/ sid"])
    ['http://m/debian/']
    """
    found = []
    for target in targets:
        uri, _space, release = target.partition(" ")
        if uri and "security" not in uri + release and not uri.startswith("cdrom:") and uri not in found:
            found.append(uri)
    return found


def _lines(command: list[str]) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


def _own_apt(work: Path, keyring: str, mirror: str, suites: Iterable[str]) -> list[str]:
    """An apt-get with lists, cache and configuration of its own; the machine's proxies and credentials stay."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    (work / "sources.list").write_text(
        "".join(f"deb [signed-by={keyring}] {mirror} {suite} main\n" for suite in suites), encoding="utf-8",
    )
    (work / "apt.conf").write_text(
        f"""#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "{work}/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State "{work}";
Dir::State::lists "{work}/lists";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
APT::Default-Release "";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
""", encoding="utf-8",
    )
    return ["apt-get", "-c", str(work / "apt.conf")]


def _download(places: Places, folder: Path, apt: list[str], stable: str) -> None:
    packages = [f"{name}/sid" for name in _FROM_SID] + [f"{name}/{stable}" for name in _FROM_STABLE]
    log = places.logs / "apt-download.log"
    run_logged([*apt, "download", "--print-uris", *packages], log, "Looking up Debian's packages", cwd=folder)
    sizes = re.findall(r"^'[^']+' \S+ (\d+) ", log.read_text(encoding="utf-8"), re.MULTILINE)
    with watch_folder(folder, "downloaded", sum(map(int, sizes))):
        run_logged([*apt, "download", *packages], log, "Downloading Odoo", cwd=folder)
