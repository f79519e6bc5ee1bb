"""One server as a child process: wait until it serves, stop it, show the end of its log."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

POLL_SECONDS = 0.02
LOG_TAIL_LINES = 15


class ServerFailed(RuntimeError):
    """A server of this machine did not start; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user that a server runs as, when we are root and the server refuses that."""

    uid: int
    gid: int


@dataclass(slots=True)
class Child:
    """A process in a session of its own, so that Ctrl-C at the terminal leaves its end to us."""

    name: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        run_as: RunAs | None = None,
    ) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=dict(os.environ if env is None else env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=run_as.uid if run_as else None,
                group=run_as.gid if run_as else None,
                extra_groups=[] if run_as else None,
            )

    def wait_until(self, serves: Callable[[], bool], *, within: timedelta) -> None:
        """Return when it serves; raises ServerFailed when it ended or took too long."""
        if not wait_for(lambda: not self.running or serves(), within=within):
            raise ServerFailed(f"{self.name} did not serve within {within.total_seconds():g} s{self._tail()}")
        if not self.running:
            raise ServerFailed(f"{self.name} ended while starting{self._tail()}")

    def stop(self, how: signal.Signals, *, within: timedelta) -> None:
        """Ask it to end; what has not ended in time is killed."""
        if self._process is None:
            return
        if self.running:
            self._process.send_signal(how)
        try:
            self._process.wait(within.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _tail(self) -> str:
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "".join(f"\n  {line}" for line in lines)


def wait_for(true: Callable[[], bool], *, within: timedelta) -> bool:
    """Ask again and again until it is true; False when the time is over."""
    deadline = time.monotonic() + within.total_seconds()
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(pid: int, how: signal.Signals, *, within: timedelta) -> None:
    """End a process that is not our child, and wait until it has gone."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
    if not wait_for(lambda: not alive(pid), within=within):
        raise ServerFailed(f"process {pid} does not end")


def alive(pid: int) -> bool:
    """Whether that process still works; one that has ended, unnoticed by its parent, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
