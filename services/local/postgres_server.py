"""PostgreSQL for one machine: a fresh cluster in a temporary folder, for the tests and the measurements.

The product's embedded default is SQLite; nothing here runs unless somebody asks for PostgreSQL.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Self

from services.local.children import Child, RunAs, ServerFailed, end
from services.local.ports import LOOPBACK, free_port

SUPERUSER = "sluss"
START_WITHIN = timedelta(seconds=60)
STOP_WITHIN = timedelta(seconds=20)
UNPRIVILEGED_USERS = ("postgres", "nobody")
USUAL_PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL server program on this machine; the message says how to bring it."""


def find_postgres() -> Path:
    """The folder with `initdb`, `postgres` and `psql`: on the PATH, else the newest that is installed."""
    if (initdb := shutil.which("initdb")) and (folder := Path(initdb).resolve().parent / "postgres").exists():
        return folder.parent
    found = [binary.parent for place in USUAL_PLACES for binary in Path(place).glob("*/bin/initdb")]
    if not found:
        raise PostgresMissing(
            "PostgreSQL is not installed: run `make test-deps`, or install `postgresql` yourself"
        )
    return max(found, key=_major_version)


def _major_version(folder: Path) -> int:
    named = re.search(r"(\d+)$", folder.parent.name)
    return int(named[1]) if named else 0


class PostgresServer:
    """A cluster of our own, with durable commits, on a loopback port and a socket in its folder."""

    def __init__(self, *, port: int | None = None, programs: Path | None = None) -> None:
        self._programs = programs
        self._port = port
        self._folder: Path | None = None
        self._run_as = _unprivileged() if os.geteuid() == 0 else None

    @property
    def port(self) -> int:
        if self._port is None:
            raise ServerFailed("PostgreSQL has no port before it is started")
        return self._port

    @property
    def running(self) -> bool:
        return self._folder is not None and self._child.running

    def url(self, database: str = "postgres", *, driver: str = "postgresql+asyncpg") -> str:
        """The address of one database, for SQLAlchemy; `driver="postgresql"` for asyncpg itself."""
        return f"{driver}://{SUPERUSER}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Serve; the first time this makes the cluster. Also after `kill`: what was committed is there."""
        if self._folder is None:
            self._make_cluster()
        if self._port is None:
            self._port = free_port()
        self._child.start(self._command(), cwd=self._data, run_as=self._run_as)
        self._child.wait_until(self._serves, within=START_WITHIN)

    def stop(self) -> None:
        """End it and remove the cluster."""
        if self._folder is None:
            return
        self._child.stop(signal.SIGINT, within=STOP_WITHIN)  # PostgreSQL's "fast": does not wait for clients
        shutil.rmtree(self._folder)
        self._folder = None

    def kill(self) -> None:
        """SIGKILL of the server and everything it started, as when the machine loses power."""
        children = _children_of(self._child.pid)
        self._child.kill()
        for pid in children:
            end(pid, signal.SIGKILL, within=STOP_WITHIN)

    def execute(self, sql: str, *, database: str = "postgres") -> str:
        """Run one statement outside any transaction; the answer's rows as text, columns divided by `|`."""
        return self._run("psql", *self._where(), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1",
                         "-d", database, "-c", sql).strip()  # fmt: skip

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """A new database, as a copy of the template; returns its address for SQLAlchemy."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Also when somebody is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _data(self) -> Path:
        return self._home / "data"

    @property
    def _home(self) -> Path:
        if self._folder is None:
            raise ServerFailed("PostgreSQL has no folder before it is started")
        return self._folder

    def _make_cluster(self) -> None:
        # Not in the caller's folder: another user must reach it, and a socket path has 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="sluss-pg-"))
        self._child = Child("PostgreSQL", self._folder / "postgres.log")
        if self._run_as:
            os.chown(self._folder, self._run_as.uid, self._run_as.gid)
        self._run("initdb", "-D", str(self._data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self._home),
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "200",
            "timezone": "UTC",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._program("postgres"), "-D", str(self._data), *options]

    def _serves(self) -> bool:
        asked = subprocess.run(
            [self._program("pg_isready"), *self._where(), "-d", "postgres", "-q"], check=False
        )
        return asked.returncode == 0

    def _where(self) -> list[str]:
        return ["-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER]

    def _program(self, name: str) -> str:
        self._programs = self._programs or find_postgres()
        return str(self._programs / name)

    def _run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._program(name), *arguments],
            cwd=self._home,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            user=self._run_as.uid if self._run_as else None,
            group=self._run_as.gid if self._run_as else None,
            extra_groups=[] if self._run_as else None,
        )
        if done.returncode != 0:
            raise ServerFailed(f"{name} failed: {done.stdout.strip()}")
        return done.stdout


def _unprivileged() -> RunAs:
    """PostgreSQL refuses to run as root, so root lends it another user."""
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in UNPRIVILEGED_USERS:
        if name in known:
            return RunAs(uid=known[name].pw_uid, gid=known[name].pw_gid)
    raise ServerFailed(
        f"PostgreSQL refuses to run as root, and there is no user {' or '.join(UNPRIVILEGED_USERS)}"
    )


def _children_of(pid: int | None) -> list[int]:
    if pid is None:
        return []
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []  # without /proc they notice the death of their parent by themselves, a moment later
    return [int(child) for child in listed.split()]
