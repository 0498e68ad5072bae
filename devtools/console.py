"""Steps with their time, progress, child processes, and words for what went wrong."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_START = time.monotonic()
_print_lock = threading.Lock()
_spawn_lock = threading.Lock()  # a file must not close between being listed for a child and the child's start
_children: set[subprocess.Popen] = set()
_inherited_fds: set[int] = set()
_ending = threading.Event()

# What a tool prints when it fails, and what that means for the person at the keyboard. First match wins.
_CAUSES = (
    (r"No space left on device|ENOSPC|disk full",
     "The disk is full.",
     "Free some space (a first run needs about 5 GB), or set CLUB_HOME to a folder on a larger disk."),
    (r"Temporary failure in name resolution|Name or service not known|Could not resolve|Network is unreachable|"
     r"Connection refused|Connection timed out|Could not connect|NewConnectionError|ProxyError|ConnectTimeout|"
     r"Cannot connect to proxy|Unable to connect|Max retries exceeded|No matching distribution found|"
     r"Failed to fetch|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|Some index files failed to download",
     "The network or the proxy does not answer.",
     "Check the connection and the proxy variables, then run the same command again."),
    (r"NO_PUBKEY|BADSIG|EXPKEYSIG|is not signed|signatures couldn't be verified|signatures were invalid",
     "Debian's archive could not be verified with this machine's keys.",
     "Update the package debian-archive-keyring, or set ODOO_HOME to an Odoo 19 of your own."),
    (r"Address already in use",
     "The port is in use.",
     "Stop the other program or choose another port with --port."),
)


class Stop(Exception):
    """An end that the user can do something about: what happened, and what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def say(text: str) -> None:
    """Print one line with the seconds since the start."""
    with _print_lock:
        print(f"[{time.monotonic() - _START:6.1f} s] {text}", flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and, when it went well, its time."""
    say(f"{title} ...")
    start = time.monotonic()
    yield
    say(f"{title}: done in {time.monotonic() - start:.1f} s")


class Progress:
    """Prints a changing state at most every few seconds, from any thread."""

    def __init__(self, title: str, every: float = 5.0) -> None:
        self.title, self.every, self.last, self.shown = title, every, time.monotonic(), ""

    def show(self, state: str) -> None:
        """Print `state` if it is new and enough time has passed."""
        now = time.monotonic()
        if state != self.shown and now - self.last >= self.every:
            self.last, self.shown = now, state
            say(f"  {self.title}: {state}")


@contextlib.contextmanager
def watch_folder(folder: Path, title: str, total: int) -> Iterator[None]:
    """Show how much of `total` bytes has arrived in `folder` while the body runs."""
    done = threading.Event()
    progress = Progress(title, every=2.0)

    def look() -> None:
        while not done.wait(1.0):
            size = 0
            for path in folder.rglob("*"):
                with contextlib.suppress(OSError):
                    size += path.stat().st_size if path.is_file() else 0
            progress.show(f"{size / 1e6:.0f} of {total / 1e6:.0f} MB")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


# ------------------------------------------------------------
# Child processes
# ------------------------------------------------------------

def share_with_children(fd: int, shared: bool = True) -> None:
    """Let children hold a lock's file too: an orphan of a killed run keeps the next run waiting, not colliding."""
    with _spawn_lock:
        (_inherited_fds.add if shared else _inherited_fds.discard)(fd)


def start(command: Sequence[str | Path], **kwargs) -> subprocess.Popen:
    """Start a child that dies with this program; the caller waits for it."""
    with _spawn_lock:
        if _ending.is_set():
            raise Stop("Not started, since the run is ending.")
        child = subprocess.Popen([str(part) for part in command], pass_fds=tuple(_inherited_fds), **kwargs)
    _children.add(child)
    return child


def finish(child: subprocess.Popen) -> int:
    """Wait for a child and forget it."""
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            _end(child)
        _children.discard(child)


def stop_children() -> None:
    """End every child that still runs, politely, then not; no other starts."""
    with _spawn_lock:
        _ending.set()
    for child in list(_children):
        _end(child)
        _children.discard(child)


def _end(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    on_line: Callable[[str], None] | None = None,
    check: bool = True,
    **kwargs,
) -> int:
    """Run a command with its output in `log`; return its exit status.

    :param what: the subject of the error message, as in "<what> failed".
    :param on_line: called with every line, for progress.
    :raise Stop: with the likely cause and the end of the log, if the status is not zero and `check` is set.
    """
    tail: deque[str] = deque(maxlen=400)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8", errors="replace") as out:
        child = start(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env, cwd=cwd,
            text=True, errors="replace", **kwargs,
        )
        assert child.stdout is not None
        for line in child.stdout:
            out.write(line)
            tail.append(line.rstrip())
            if on_line:
                on_line(line)
    status = finish(child)
    if status and _ending.is_set():
        raise Stop(f"{what} was ended.")
    if status and check:
        raise explain(what, "\n".join(tail), log)
    return status


def explain(what: str, output: str, log: Path | None = None) -> Stop:
    """Turn a failed tool's output into a Stop that names the cause, if it is a known one."""
    shown = "\n".join(f"    {line}" for line in output.splitlines()[-12:])
    where = f"\n  The whole log: {log}" if log else ""
    for pattern, message, remedy in _CAUSES:
        if re.search(pattern, output):
            return Stop(f"{what} failed. {message}\n{shown}{where}", remedy)
    return Stop(f"{what} failed.\n{shown}{where}", "The lines above say why; the next run starts this step again.")


def explain_os_error(error: OSError) -> Stop:
    """Words for an error of the operating system."""
    if error.errno == 28:
        return explain("Writing", "No space left on device")
    if isinstance(error, PermissionError):
        return Stop(f"No permission: {error.filename or error}", "Run as the folder's owner, or set CLUB_HOME.")
    return Stop(f"The system refused: {error}")


def as_root(command: str) -> str:
    """The remedy that is one command of root."""
    return f"Run: {command if os.geteuid() == 0 else 'sudo ' + command}"


def end_on_signals() -> None:
    """Let a closed terminal or a plain kill end the run like Ctrl-C does: children stopped, locks freed."""
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def in_ci() -> bool:
    """Whether a robot runs us: then nothing may be skipped for want of a tool."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def error(text: str) -> None:
    """Print to the error stream."""
    with _print_lock:
        print(text, file=sys.stderr, flush=True)
