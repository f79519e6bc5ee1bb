"""Our services as processes of one machine: started, watched, started again, stopped in order.

For `sluss up` and the demo; in production this is the work of Kubernetes or systemd. Services are started by
their module name (`python -m services.sync_worker`): nothing of them is imported here.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

LONGEST_LINE_BYTES = 64 * 1024
POLL_SECONDS = 0.05
PROBE_SECONDS = 2.0
PR_SET_PDEATHSIG = 1

Write = Callable[[str], None]


class NotReady(RuntimeError):
    """A program did not answer in time."""


@dataclass(frozen=True, slots=True)
class Program:
    """One child process: `python -m <module> <arguments>`, and how to know that it serves."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None

    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module, *self.arguments]


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before a program that died is started again: twice as long each time, up to a limit.

    One that lived for `forgiven_after` starts from the first pause again.
    """

    first: timedelta = timedelta(seconds=0.2)
    longest: timedelta = timedelta(seconds=10)
    forgiven_after: timedelta = timedelta(seconds=30)

    def next(self, last: timedelta | None, *, lived: timedelta) -> timedelta:
        if last is None or lived >= self.forgiven_after:
            return self.first
        return min(last * 2, self.longest)


class Supervisor:
    """Keeps programs running until it is told to stop.

    `write` takes each finished line, the program's name before it. `environ` is what every program inherits.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environ: Mapping[str, str] = os.environ,
        write: Write = print,
        back_off: BackOff = BackOff(),
        grace: timedelta = timedelta(seconds=25),
    ) -> None:
        width = max((len(program.name) for program in programs), default=0)
        self._write = write
        self._grace = grace
        self._keepers = {
            program.name: _Keeper(program, environ=environ, write=write, width=width, back_off=back_off)
            for program in programs
        }

    async def start(self) -> None:
        """Start every program, in the order given; does not wait until they serve."""
        for keeper in self._keepers.values():
            await keeper.start()

    async def wait_ready(self, *, within: timedelta = timedelta(seconds=60)) -> None:
        """Return when every program with a `ready_url` answers it with 200; raises NotReady."""
        await asyncio.gather(*(keeper.wait_ready(within) for keeper in self._keepers.values()))

    async def stop(self) -> None:
        """SIGTERM to all, the last started first; what has not ended within the grace is killed."""
        await asyncio.gather(*(keeper.stop(self._grace) for keeper in reversed(self._keepers.values())))

    async def run(self, *, within: timedelta = timedelta(seconds=60)) -> None:
        """Start, wait until ready, and keep running until SIGTERM or SIGINT; then stop in order."""
        async with AsyncExitStack() as at_the_end:
            told = _told_to_stop(at_the_end)
            at_the_end.push_async_callback(self.stop)
            await self.start()
            await _first_of(self.wait_ready(within=within), told.wait())
            await told.wait()
            self._write("stopping")

    def pid(self, name: str) -> int | None:
        """The process id of a program that runs now."""
        return self._keepers[name].pid

    def starts(self, name: str) -> int:
        """How many times a program was started."""
        return self._keepers[name].starts

    def kill(self, name: str) -> None:
        """SIGKILL one program, as an accident would; it is started again."""
        self._keepers[name].signal(signal.SIGKILL)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _Keeper:
    """One program, and the task that keeps it running."""

    def __init__(
        self, program: Program, *, environ: Mapping[str, str], write: Write, width: int, back_off: BackOff
    ) -> None:
        self.program = program
        self.starts = 0
        self._environ = {**environ, "PYTHONUNBUFFERED": "1", **program.env}
        self._write = write
        self._width = width
        self._back_off = back_off
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    async def start(self) -> None:
        if self._task is None:
            self._stopping.clear()
            await self._spawn()
            self._task = asyncio.create_task(self._keep_running(), name=f"keep {self.program.name}")

    async def stop(self, grace: timedelta) -> None:
        if self._task is None:
            return
        self._stopping.set()
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._task), grace.total_seconds())
        except TimeoutError:
            self._say(f"did not stop within {grace.total_seconds():g} s, killed")
            self.signal(signal.SIGKILL)
            await self._task
        self._task = None

    def signal(self, how: signal.Signals) -> None:
        if self._process is not None and self.pid is not None:
            self._process.send_signal(how)

    async def wait_ready(self, within: timedelta) -> None:
        url = self.program.ready_url
        deadline = time.monotonic() + within.total_seconds()
        while url is not None and not await asyncio.to_thread(answers, url):
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{self.program.name} did not answer {url} within {within.total_seconds():g} s"
                )
            await asyncio.sleep(POLL_SECONDS)

    async def _keep_running(self) -> None:
        pause: timedelta | None = None
        while True:
            lived, code = await self._until_it_ends()
            if self._stopping.is_set():
                return
            pause = self._back_off.next(pause, lived=lived)
            self._say(f"ended ({_how(code)}), starts again in {pause.total_seconds():g} s")
            if await _is_set_within(self._stopping, pause):
                return
            await self._spawn()
            if self._stopping.is_set():  # told to stop while the new process was being made
                self.signal(signal.SIGTERM)

    async def _until_it_ends(self) -> tuple[timedelta, int]:
        process, began = self._process, time.monotonic()
        if process is None or process.stdout is None:
            raise RuntimeError(f"{self.program.name} was not started")
        await self._forward(process.stdout)
        code = await process.wait()
        return timedelta(seconds=time.monotonic() - began), code

    async def _spawn(self) -> None:
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self.program.command(),
            env=self._environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal reaches us, and we stop the programs in order
            preexec_fn=_end_with_parent() if sys.platform == "linux" else None,
        )

    async def _forward(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._say(line.decode(errors="replace"))
            if len(rest) > LONGEST_LINE_BYTES:
                self._say(rest.decode(errors="replace"))
                rest = b""
        if rest:
            self._say(rest.decode(errors="replace"))

    def _say(self, line: str) -> None:
        self._write(f"{self.program.name:<{self._width}} | {line}")


def answers(url: str) -> bool:
    """Whether something answers 200 there now."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _told_to_stop(at_the_end: AsyncExitStack) -> asyncio.Event:
    """Set by SIGTERM and SIGINT; they mean what they meant before when `at_the_end` is over."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
        at_the_end.callback(loop.remove_signal_handler, name)
    return told


async def _first_of(*jobs: Coroutine[None, None, object]) -> None:
    """Return, or raise, as the first of them does; the others are cancelled."""
    tasks = [asyncio.create_task(job) for job in jobs]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


async def _is_set_within(event: asyncio.Event, pause: timedelta) -> bool:
    try:
        await asyncio.wait_for(event.wait(), pause.total_seconds())
    except TimeoutError:
        return False
    return True


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _end_with_parent() -> Callable[[], None]:
    """Ask the kernel to stop the child when we are killed, so that no service is left without a keeper."""
    libc = ctypes.CDLL(None)  # loaded before the fork: the child may only make the call

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask
