"""The compose file keeps to the rules. No Docker here: that Docker Compose reads it is not proven."""

import importlib.util
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from services.sandbox.__main__ import SHUTDOWN_SECONDS as SANDBOX_SHUTDOWN_SECONDS
from services.sandbox.__main__ import _parser as sandbox_arguments
from services.webhook_gateway.__main__ import SHUTDOWN_SECONDS as GATEWAY_SHUTDOWN_SECONDS
from shared.queue import LANES
from shared.settings.service import ServiceSettings
from tests.support.paths import REPOSITORY

FILE = REPOSITORY / "deploy" / "compose.yaml"
PAGE = REPOSITORY / "docs" / "deployment.md"
OTHERS = {"postgres", "redis"}
GIVING_BACK_SECONDS = 5
AIR_SECONDS = 5

Json = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Json:
    whole: Json = yaml.safe_load(FILE.read_text())
    return whole


@pytest.fixture(scope="module")
def ours(compose: Json) -> dict[str, Json]:
    """The containers that run our image, by name."""
    return {name: one for name, one in compose["services"].items() if name not in OTHERS}


def _settings(one: Json, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """As the process reads them, with a word for each variable that the person gives."""
    for name, value in one.get("environment", {}).items():
        monkeypatch.setenv(name, re.sub(r"\$\{[^}]*?(?::-([^}]*))?\}", r"\1", value) or "word")
    return ServiceSettings()


def _seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_every_process_is_there_and_exists(ours: dict[str, Json]) -> None:
    modules = {one["command"][2] for one in ours.values() if one["command"][0] == "python"}
    there = {
        ".".join(file.parent.relative_to(REPOSITORY).parts)
        for file in Path(REPOSITORY / "services").rglob("__main__.py")
    } - {"services.local", "services.local.demo"}

    assert modules == there
    assert [name for name in modules if not importlib.util.find_spec(f"{name}.__main__")] == []
    assert ours["migrate"]["command"] == ["sluss", "migrate"]


def test_our_containers_are_not_root_and_cannot_write(ours: dict[str, Json]) -> None:
    for name, one in ours.items():
        assert (one["user"], one["read_only"], one["cap_drop"]) == ("10001:10001", True, ["ALL"]), name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["init"], "process 1 would not hear SIGTERM before it has asked to"


def test_images_are_exact(compose: Json) -> None:
    images = {one["image"] for one in compose["services"].values()}

    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []
    assert len(images) == 1 + len(OTHERS)


def test_every_setting_exists_and_is_understood(
    ours: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"SLUSS_{name.upper()}" for name in ServiceSettings.model_fields}

    for one in ours.values():
        assert set(one.get("environment", {})) <= known
        with monkeypatch.context() as patch:
            _settings(one, patch)


def test_no_secret_stands_in_the_file_and_each_one_stands_on_the_page() -> None:
    text, page = FILE.read_text(), PAGE.read_text()
    asked = set(re.findall(r"\$\{(\w+)", text))
    needed = set(re.findall(r"\$\{(\w+):\?", text))

    assert needed == {"SLUSS_ENCRYPTION_KEYS", "SLUSS_POSTGRES_PASSWORD"}
    assert [name for name in asked if f"\n{name}=" not in page] == []


def test_every_lane_has_a_worker(ours: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> None:
    workers = [one for one in ours.values() if "services.sync_worker" in one["command"]]
    lanes = [lane for one in workers for lane in _settings(one, monkeypatch).lanes.split(",")]

    assert sorted(lanes) == sorted(LANES)


def test_others_are_called_by_the_names_of_their_containers(
    compose: Json, ours: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = _settings(ours["worker"], monkeypatch)

    assert urlsplit(service.database_url).hostname == "postgres"
    assert urlsplit(service.redis_url).hostname == "redis"
    assert all("inside" in one["networks"] for one in compose["services"].values())
    assert compose["networks"]["inside"] == {"internal": True}
    assert all("ports" not in compose["services"][name] for name in OTHERS)


def test_redis_writes_down_what_it_knows_and_forgets_nothing_for_want_of_room(compose: Json) -> None:
    command = compose["services"]["redis"]["command"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert compose["services"]["redis"]["volumes"] == ["redis:/data"]


def test_what_is_looked_after_answers_there(ours: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, one in ours.items():
        if name == "migrate":
            continue
        ((port, path),) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\S+?)'", one["healthcheck"]["test"][-1])
        with monkeypatch.context() as patch:
            service = _settings(one, patch)
        serves = {"gateway": (service.port, "/health/ready"), "sandbox": (8090, "/_control/health")}
        assert (int(port), path) == serves.get(name, (service.metrics_port, "/metrics")), name


def test_only_this_machine_reaches_what_is_open(ours: dict[str, Json]) -> None:
    opened = {name: one["ports"] for name, one in ours.items() if "ports" in one}

    assert opened == {"gateway": ["127.0.0.1:8080:8080"], "sandbox": ["127.0.0.1:8090:8090"]}


def test_everything_starts_on_a_schema_that_is_up_to_date(ours: dict[str, Json]) -> None:
    for name, one in ours.items():
        if name not in ("migrate", "sandbox"):
            assert one["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, name


def test_a_stop_lets_work_be_finished(ours: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> None:
    finishing = _settings(ours["worker"], monkeypatch).shutdown_grace.total_seconds() + GIVING_BACK_SECONDS

    assert _seconds(ours["worker"]["stop_grace_period"]) >= finishing + AIR_SECONDS
    assert _seconds(ours["worker-bulk"]["stop_grace_period"]) >= finishing + AIR_SECONDS
    assert _seconds(ours["gateway"]["stop_grace_period"]) >= GATEWAY_SHUTDOWN_SECONDS + AIR_SECONDS
    assert _seconds(ours["sandbox"]["stop_grace_period"]) >= SANDBOX_SHUTDOWN_SECONDS + AIR_SECONDS


def test_the_stand_ins_run_on_request_only(ours: dict[str, Json]) -> None:
    told = sandbox_arguments().parse_args(ours["sandbox"]["command"][3:])

    assert [name for name, one in ours.items() if "profiles" in one] == ["sandbox"]
    assert (told.port, str(told.state)) == (8090, "/var/lib/sluss/sandbox")
    assert ours["sandbox"]["volumes"] == ["sandbox:/var/lib/sluss"]
