"""The supervisor, with real processes: nothing here is faked."""

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from services.local.children import alive
from services.local.ports import free_port
from services.local.processes import BackOff, NotReady, Program, Supervisor

QUICK = BackOff(first=timedelta(seconds=0.05), longest=timedelta(seconds=0.2))

SERVES = """
    import http.server, os, sys
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
        def log_message(self, *_): pass
    print("listening on", sys.argv[1])
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
STOPS_IN_ORDER = """
    import signal, sys, time
    def stop(*_):
        print("closing the books"); sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    print("ready")
    while True: time.sleep(0.05)
"""
REFUSES_TO_STOP = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    while True: time.sleep(0.05)
"""
DIES = """
    import sys
    print("I die"); sys.exit(3)
"""
SAYS = """
    import os, sys, time
    print("greeting is", os.environ["GREETING"], flush=True)
    print("an error", file=sys.stderr)
    sys.stdout.write("x" * 200_000); sys.stdout.flush()
    time.sleep(60)
"""


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """Where the programs below are found by their module name."""
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def made(name: str, source: str, *arguments: str, ready_url: str | None = None) -> Program:
        (tmp_path / f"program_{name}.py").write_text(textwrap.dedent(source))
        return Program(
            name, f"program_{name}", arguments, env={"GREETING": f"hej {name}"}, ready_url=ready_url
        )

    return made


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_program_is_ready_when_it_answers(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    port = free_port()
    serves = program("gateway", SERVES, str(port), ready_url=f"http://127.0.0.1:{port}/health")

    async with Supervisor([serves], environ=environ, write=lambda _: None) as supervisor:
        await supervisor.wait_ready(within=timedelta(seconds=20))

        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()


async def test_a_program_that_never_answers_is_named(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    mute = program("mute", STOPS_IN_ORDER, ready_url=f"http://127.0.0.1:{free_port()}/")

    async with Supervisor([mute], environ=environ, write=lambda _: None) as supervisor:
        with pytest.raises(NotReady, match="mute did not answer http"):
            await supervisor.wait_ready(within=timedelta(seconds=0.3))


@pytest.mark.kill
async def test_a_killed_program_is_started_again_and_serves_again(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    port, lines = free_port(), list[str]()
    serves = program("worker", SERVES, str(port), ready_url=f"http://127.0.0.1:{port}/")

    async with Supervisor([serves], environ=environ, write=lines.append, back_off=QUICK) as supervisor:
        await supervisor.wait_ready()
        first = supervisor.pid("worker")
        supervisor.kill("worker")
        await _until(lambda: supervisor.starts("worker") == 2)
        await supervisor.wait_ready()

        assert supervisor.pid("worker") not in (None, first)

    assert "worker | ended (SIGKILL), starts again in 0.05 s" in lines


async def test_a_program_that_keeps_dying_is_started_less_and_less_often(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    lines = list[str]()

    async with Supervisor(
        [program("sick", DIES)], environ=environ, write=lines.append, back_off=QUICK
    ) as supervisor:
        await _until(lambda: supervisor.starts("sick") == 4)

    assert [line for line in lines if "ended" in line][:3] == [
        "sick | ended (exit code 3), starts again in 0.05 s",
        "sick | ended (exit code 3), starts again in 0.1 s",
        "sick | ended (exit code 3), starts again in 0.2 s",
    ]


@pytest.mark.parametrize(
    ("last", "lived", "pause"),
    [(None, 0, 1), (1, 0, 2), (2, 0, 4), (4, 0, 5), (5, 29, 5), (5, 30, 1)],
    ids=["first", "second", "third", "limit", "lived too briefly", "forgiven"],
)
def test_the_pause_doubles_up_to_a_limit_and_is_forgiven_after_a_good_run(
    last: int | None, lived: int, pause: int
) -> None:
    back_off = BackOff(timedelta(seconds=1), timedelta(seconds=5), forgiven_after=timedelta(seconds=30))

    after = back_off.next(None if last is None else timedelta(seconds=last), lived=timedelta(seconds=lived))

    assert after == timedelta(seconds=pause)


async def test_every_line_comes_out_with_the_program_before_it(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    lines = list[str]()
    programs = [program("a", SAYS), program("longer", STOPS_IN_ORDER)]

    async with Supervisor(programs, environ=environ, write=lines.append):
        await _until(lambda: "longer | ready" in lines and any("xxx" in line for line in lines))

    assert "a      | greeting is hej a" in lines
    assert "a      | an error" in lines
    assert sum(line.count("x") for line in lines) == 200_000


async def test_a_stop_lets_a_program_finish_its_work(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    lines = list[str]()
    supervisor = Supervisor([program("worker", STOPS_IN_ORDER)], environ=environ, write=lines.append)
    await supervisor.start()
    await _until(lambda: "worker | ready" in lines)

    await supervisor.stop()

    assert lines == ["worker | ready", "worker | closing the books"]
    assert supervisor.pid("worker") is None
    assert supervisor.starts("worker") == 1


@pytest.mark.kill
async def test_a_program_that_refuses_to_stop_is_killed_after_the_grace(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    lines = list[str]()
    supervisor = Supervisor(
        [program("stuck", REFUSES_TO_STOP)], environ=environ, write=lines.append, grace=timedelta(seconds=0.2)
    )
    await supervisor.start()
    await _until(lambda: "stuck | ready" in lines)
    pid = supervisor.pid("stuck")
    assert pid is not None

    await supervisor.stop()

    assert not alive(pid)
    assert lines[-1] == "stuck | did not stop within 0.2 s, killed"


async def test_a_stop_during_a_pause_does_not_start_the_program_again(
    program: Callable[..., Program], environ: Mapping[str, str]
) -> None:
    long_pause = BackOff(first=timedelta(seconds=60), longest=timedelta(seconds=60))
    lines = list[str]()
    supervisor = Supervisor([program("sick", DIES)], environ=environ, write=lines.append, back_off=long_pause)
    await supervisor.start()
    await _until(lambda: any("starts again in 60 s" in line for line in lines))

    async with asyncio.timeout(5):
        await supervisor.stop()

    assert supervisor.starts("sick") == 1


SUPERVISES = """
    import asyncio, sys
    from services.local.processes import Program, Supervisor
    asyncio.run(Supervisor([Program("child", "program_child")]).run())
"""


async def _supervising(
    tmp_path: Path, program: Callable[..., Program], child: str
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
    """A supervisor in a process of its own, with one child that says it is ready."""
    program("child", child)
    program("supervisor", SUPERVISES)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "program_supervisor", stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"child | ready\n"
    return process, process.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_sigterm_and_ctrl_c_stop_everything_in_order(
    how: signal.Signals, tmp_path: Path, program: Callable[..., Program]
) -> None:
    process, output = await _supervising(tmp_path, program, STOPS_IN_ORDER)

    process.send_signal(how)

    assert await asyncio.wait_for(output.read(), 5) == b"stopping\nchild | closing the books\n"
    assert await process.wait() == 0


@pytest.mark.kill
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
async def test_no_program_is_left_without_a_keeper(tmp_path: Path, program: Callable[..., Program]) -> None:
    says_its_pid = STOPS_IN_ORDER.replace('print("ready")', 'import os; print("ready"); print(os.getpid())')
    process, output = await _supervising(tmp_path, program, says_its_pid)
    child = int((await output.readline()).split()[-1])

    process.kill()
    await process.wait()

    await _until(lambda: not alive(child))
