"""The embedded Redis: found or brought, durable, its own, and back after any accident."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from services.local.children import ServerFailed, alive, wait_for
from services.local.ports import port_is_free
from services.local.redis_server import GivenRedis, RedisServer, bring_redis, find_redis


def _client(server: RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url)


def _write(server: RedisServer, name: str, value: str) -> None:
    with _client(server) as client:
        client.set(name, value)


def _read(server: RedisServer, name: str) -> bytes | None:
    with _client(server) as client:
        value: bytes | None = client.get(name)
        return value


def test_it_appends_to_a_file_evicts_nothing_and_listens_on_loopback_only(redis_server: RedisServer) -> None:
    with _client(redis_server) as client:
        settings = {
            name: client.config_get(name)[name] for name in ("appendonly", "maxmemory-policy", "save")
        }
        assert client.config_get("bind")["bind"] == "127.0.0.1"

    assert settings == {"appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
    assert redis_server.url == f"redis://127.0.0.1:{redis_server.port}/0"


def test_what_was_written_is_there_after_a_stop_and_a_start_at_the_same_address(
    own_redis_server: RedisServer,
) -> None:
    before = own_redis_server.url
    _write(own_redis_server, "kept", "yes")

    own_redis_server.stop()
    assert not own_redis_server.running
    own_redis_server.start()

    assert own_redis_server.url == before
    assert _read(own_redis_server, "kept") == b"yes"


@pytest.mark.kill
def test_after_a_kill_it_starts_at_the_same_address_although_the_pid_file_is_stale(
    own_redis_server: RedisServer,
) -> None:
    before = own_redis_server.url, own_redis_server.pid
    own_redis_server.kill()
    assert (own_redis_server.folder / "redis.pid.json").exists()
    assert not own_redis_server.running

    own_redis_server.start()

    assert own_redis_server.url == before[0]
    assert own_redis_server.pid != before[1]
    assert own_redis_server.running


def test_a_flush_empties_it(own_redis_server: RedisServer) -> None:
    _write(own_redis_server, "doorbell", "rings")

    own_redis_server.flush()

    assert _read(own_redis_server, "doorbell") is None


@pytest.mark.kill
def test_the_server_of_a_starter_that_was_killed_is_taken_over_not_doubled(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from services.local.redis_server import RedisServer\n"
        "server = RedisServer(pathlib.Path(sys.argv[1])); server.start()\n"
        "print(server.url, server.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        url, pid = first.stdout.readline().split()
        first.send_signal(signal.SIGKILL)

    with RedisServer(tmp_path) as second:
        assert (second.url, second.pid) == (url, int(pid))
        assert second.running

    assert wait_for(lambda: not alive(int(pid)), within=timedelta(seconds=5))


@pytest.mark.kill
def test_a_server_that_hangs_with_our_folder_is_ended_before_another_takes_the_folder(tmp_path: Path) -> None:
    first = RedisServer(tmp_path)
    first.start()
    hung = first.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)

    with RedisServer(tmp_path) as second:
        assert second.pid != hung
        assert not alive(hung)

    first.kill()


def test_a_pid_file_that_was_cut_off_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "redis.pid.json").write_text('{"pid": 12')

    with RedisServer(tmp_path) as server:
        assert server.running


def test_a_pid_that_belongs_to_another_process_by_now_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (tmp_path / "redis.pid.json").write_text(f'{{"pid": {stranger.pid}, "port": 1}}')

        with RedisServer(tmp_path) as server:
            assert server.running
            assert alive(stranger.pid)

        stranger.kill()


def test_two_servers_with_two_folders_never_meet(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "a") as one, RedisServer(tmp_path / "b") as other:
        _write(one, "mine", "1")

        assert _read(other, "mine") is None


def test_a_stop_leaves_no_process_no_port_and_no_pid_file(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    pid = server.pid
    assert pid is not None

    server.stop()

    assert not alive(pid)
    assert port_is_free(server.port)
    assert not (tmp_path / "redis.pid.json").exists()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "not-a-server").write_text("#!/bin/sh\necho it is broken\nexit 3\n")
    (tmp_path / "not-a-server").chmod(0o755)

    with pytest.raises(ServerFailed, match=r"Redis ended while starting\n  it is broken"):
        RedisServer(tmp_path / "state", program=tmp_path / "not-a-server").start()


def test_a_redis_that_is_configured_is_used_and_never_stopped(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    brought = bring_redis(tmp_path, environ={"SLUSS_REDIS_URL": redis_server.url})

    brought.start()
    brought.stop()

    assert brought == GivenRedis(redis_server.url)
    assert redis_server.running
    assert list(tmp_path.iterdir()) == []


def test_a_configured_redis_that_does_not_answer_is_said_at_once(tmp_path: Path) -> None:
    brought = bring_redis(tmp_path, environ={"SLUSS_REDIS_URL": "redis://127.0.0.1:1/0"})

    with pytest.raises(ServerFailed, match="SLUSS_REDIS_URL is set, but no Redis answers there"):
        brought.start()


def test_without_configuration_a_server_of_our_own_is_brought(tmp_path: Path) -> None:
    assert isinstance(bring_redis(tmp_path, environ={}), RedisServer)


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_goes_before_the_one_in_the_package(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_redis() == tmp_path / name


def test_without_a_server_on_the_path_the_package_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    found = find_redis()

    assert found.name == "valkey-server"
    assert os.access(found, os.X_OK)
