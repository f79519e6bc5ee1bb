"""What every pod is allowed, given and told."""

import importlib.util
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.sandbox.__main__ import _parser as sandbox_arguments
from shared.queue import LANES
from shared.settings.service import ServiceSettings
from tests.deploy.kubernetes.rendered import Rendered, Workload, quantity
from tests.support.paths import REPOSITORY

FERNET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
SECRETS = {
    "SLUSS_DATABASE_URL": "postgresql+asyncpg://sluss:x@db:5432/sluss",
    "SLUSS_REDIS_URL": "redis://redis:6379/0",
    "SLUSS_ENCRYPTION_KEYS": FERNET,
    "SLUSS_BOOTSTRAP_KEY": "sluss_x",
}


def settings_of(house: Rendered, one: Workload, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """What the process would read at its start."""
    for name, value in one.environment(house.config, SECRETS).items():
        monkeypatch.setenv(name, value)
    return ServiceSettings()


# ── what it is allowed ────────────────────────────────────────────────────────────────────────────


def test_every_pod_keeps_to_the_restricted_standard(house: Rendered) -> None:
    for one in house.workloads:
        may = one.pod["securityContext"]
        assert (may["runAsNonRoot"], may["seccompProfile"]) == (True, {"type": "RuntimeDefault"}), one.name
        assert one.container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, one.name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(one.pod), one.name


def test_every_pod_runs_as_the_user_of_the_image(house: Rendered) -> None:
    dockerfile = (REPOSITORY / "deploy" / "Dockerfile").read_text()

    for one in house.workloads:
        may = one.pod["securityContext"]
        assert f"\nUSER {may['runAsUser']}:{may['runAsGroup']}\n" in dockerfile


def test_no_pod_may_talk_to_kubernetes(house: Rendered) -> None:
    assert {one.pod["automountServiceAccountToken"] for one in house.workloads} == {False}
    assert {one.pod["serviceAccountName"] for one in house.workloads} <= house.names("ServiceAccount")


def test_a_pod_writes_to_folders_of_limited_size_only(house: Rendered) -> None:
    for one in house.workloads:
        limits = {volume["name"]: volume["emptyDir"]["sizeLimit"] for volume in one.pod["volumes"]}
        mounted = {mount["name"]: mount["mountPath"] for mount in one.container["volumeMounts"]}
        assert limits.keys() == mounted.keys()
        assert mounted["tmp"] == "/tmp"
        most = quantity(one.container["resources"]["limits"]["ephemeral-storage"])
        assert sum(map(quantity, limits.values())) <= most, one.name


def test_nothing_asks_for_more_than_it_may_have(house: Rendered) -> None:
    for one in house.workloads:
        requests, limits = one.container["resources"]["requests"], one.container["resources"]["limits"]
        assert requests.keys() == limits.keys() == {"cpu", "memory", "ephemeral-storage"}, one.name
        assert [name for name in limits if quantity(requests[name]) > quantity(limits[name])] == [], one.name


# ── what it runs ──────────────────────────────────────────────────────────────────────────────────


def test_all_pods_run_one_image_of_this_version(house: Rendered) -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]

    assert {one.container["image"] for one in house.workloads} == {f"registry.example.com/sluss:{version}"}


def test_every_process_exists(house: Rendered) -> None:
    modules = {one.module for one in house.workloads} - {None}

    assert [name for name in modules if not importlib.util.find_spec(f"{name}.__main__")] == []


def test_every_process_of_the_product_is_there(production: Rendered) -> None:
    at_home = {"services.local", "services.local.demo", "services.sandbox"}
    here = {
        ".".join(file.parent.relative_to(REPOSITORY).parts)
        for file in Path(REPOSITORY / "services").rglob("__main__.py")
    } - at_home

    assert here <= {one.module for one in production.workloads}


def test_the_migration_runs_once_and_knows_the_ledger_only(house: Rendered) -> None:
    job = house.workload("migration")

    assert job.container["command"] == ["sluss", "migrate"]
    assert job.whole["metadata"]["labels"]["app.kubernetes.io/component"] == "migration", "applied by it"
    assert job.secrets == {("sluss-database", "url")}
    assert [one.name for one in house.workloads if "initContainers" in one.pod] == []


def test_the_stand_ins_understand_how_they_are_started(staging: Rendered) -> None:
    sandbox = staging.workload("sandbox")

    told = sandbox_arguments().parse_args(sandbox.container["args"])

    assert (told.host, told.port) == ("0.0.0.0", sandbox.ports["http"])
    assert str(told.state.parent) in {mount["mountPath"] for mount in sandbox.container["volumeMounts"]}


# ── what it is told ───────────────────────────────────────────────────────────────────────────────


def test_every_setting_exists_and_is_understood(house: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"SLUSS_{name.upper()}" for name in ServiceSettings.model_fields}

    for one in house.services:
        assert set(one.environment(house.config, SECRETS)) <= known, one.name
        with monkeypatch.context() as patch:
            settings_of(house, one, patch)


def test_services_listen_where_they_are_looked_for(house: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = house.workload("gateway")
    service = settings_of(house, gateway, monkeypatch)

    assert (service.host, service.port) == ("0.0.0.0", gateway.ports["http"])
    for one in house.services:
        if "metrics" in one.ports:
            assert settings_of(house, one, monkeypatch).metrics_port == one.ports["metrics"], one.name


def test_a_service_of_our_name_cannot_become_a_setting(
    house: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubernetes tells every pod of every Service: one called `sluss` would be `SLUSS_PORT=tcp://10.0.0.1:80`."""
    monkeypatch.setenv("SLUSS_PORT", "tcp://10.0.0.1:80")
    with pytest.raises(ValidationError):
        ServiceSettings()

    assert {one.pod["enableServiceLinks"] for one in house.workloads} == {False}


def test_every_lane_has_a_worker_and_bulk_work_has_its_own(
    house: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = {}
    for one in house.services:
        if one.module == "services.sync_worker":
            lanes[one.component] = settings_of(house, one, monkeypatch).lanes.split(",")

    assert lanes == {"worker": ["sale", "settle"], "worker-bulk": ["bulk"]}
    assert sorted(lane for served in lanes.values() for lane in served) == sorted(LANES)


def test_only_the_gateway_knows_the_first_key_of_the_operations_api(house: Rendered) -> None:
    knows = {one.component for one in house.workloads if ("sluss-keys", "bootstrap-key") in one.secrets}

    assert knows == {"gateway"}
