"""How pods begin, are looked after, and end."""

import urllib.request
from collections.abc import Callable
from unittest.mock import Mock

import httpx
import pytest

from services.sandbox.__main__ import SHUTDOWN_SECONDS as SANDBOX_SHUTDOWN_SECONDS
from services.sandbox.app import create_sandbox_app
from services.sandbox.sandbox import Sandbox
from services.webhook_gateway.__main__ import SHUTDOWN_SECONDS as GATEWAY_SHUTDOWN_SECONDS
from services.webhook_gateway.app import create_app
from shared.settings.service import ServiceSettings
from shared.telemetry.metrics import serve_metrics
from tests.deploy.kubernetes.rendered import Rendered, Workload
from tests.deploy.kubernetes.test_pods import settings_of

GIVING_BACK_SECONDS = 5  # what `_finish_running` waits for subjects that it has cancelled
AIR_SECONDS = 5
STARTED_SECONDS = 3


# ── how they are looked after ─────────────────────────────────────────────────────────────────────


def test_every_lasting_process_is_looked_after_without_a_program_in_the_image(house: Rendered) -> None:
    for one in house.deployments:
        assert one.probes.keys() == {"startupProbe", "readinessProbe", "livenessProbe"}, one.name
        for probe in one.probes.values():
            assert probe["httpGet"]["port"] in one.ports, one.name
            assert probe["timeoutSeconds"] <= probe["periodSeconds"], one.name


def test_a_start_may_take_a_minute(house: Rendered) -> None:
    probes = [one.probes["startupProbe"] for one in house.deployments]

    assert {probe["periodSeconds"] * probe["failureThreshold"] for probe in probes} == {60}


def test_the_gateway_answers_where_it_is_probed(house: Rendered) -> None:
    app = create_app(ledger=Mock(), queue=None, service=ServiceSettings(), clock=Mock())
    there = app.openapi()["paths"]
    probes = house.workload("gateway").probes

    assert {probe["httpGet"]["path"] for probe in probes.values()} <= there.keys()
    assert probes["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert probes["livenessProbe"]["httpGet"]["path"] == "/health/live", "a lost ledger is no cure by restart"


async def test_the_stand_ins_answer_where_they_are_probed(staging: Rendered) -> None:
    app = create_sandbox_app(Sandbox(), in_process=True)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        for probe in staging.workload("sandbox").probes.values():
            assert (await client.get(probe["httpGet"]["path"])).status_code == 200


def test_workers_scheduler_and_listener_answer_where_they_are_probed(
    house: Rendered, free_port: Callable[[], int]
) -> None:
    port = free_port()
    serve_metrics(port)
    measured = [one for one in house.deployments if "metrics" in one.ports]
    paths = {probe["httpGet"]["path"] for one in measured for probe in one.probes.values()}

    assert {one.component for one in measured} >= {"worker", "worker-bulk", "scheduler", "listener"}
    assert paths == {"/metrics"}
    for path in paths:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            assert answer.status == 200


# ── how they end ──────────────────────────────────────────────────────────────────────────────────


def test_the_gateway_is_left_alone_before_it_stops_and_finishes_what_it_has(house: Rendered) -> None:
    gateway = house.workload("gateway")
    quiet = gateway.container["lifecycle"]["preStop"]["sleep"]["seconds"]
    probe = gateway.probes["readinessProbe"]

    assert quiet >= probe["periodSeconds"] * probe["failureThreshold"]
    assert gateway.pod["terminationGracePeriodSeconds"] >= quiet + GATEWAY_SHUTDOWN_SECONDS + AIR_SECONDS


@pytest.mark.parametrize("component", ["worker", "worker-bulk"])
def test_a_worker_may_finish_its_subjects_and_give_back_the_rest(
    house: Rendered, component: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = house.workload(component)
    service = settings_of(house, worker, monkeypatch)
    finishing = service.shutdown_grace.total_seconds()
    grace = worker.pod["terminationGracePeriodSeconds"]

    assert grace >= _pre_stop(worker) + finishing + GIVING_BACK_SECONDS + AIR_SECONDS
    assert grace > service.lease.total_seconds()
    assert finishing >= 2 * service.http_timeout.total_seconds()


def test_who_is_told_to_stop_while_it_starts_has_time_to_hear_it(house: Rendered) -> None:
    """SIGTERM comes after preStop; a process of Python's listens for it after a second or two."""
    started = [one for one in house.deployments if one.component != "sandbox"]

    assert [one.name for one in started if _pre_stop(one) < STARTED_SECONDS] == []


def _pre_stop(one: Workload) -> int:
    return int(one.container["lifecycle"]["preStop"]["sleep"]["seconds"])


def test_bulk_work_may_wait_for_a_shops_longest_answer(
    house: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = settings_of(house, house.workload("worker-bulk"), monkeypatch)

    assert service.shutdown_grace > service.magento_timeout


def test_the_others_have_time_to_end(house: Rendered) -> None:
    for one in house.deployments:
        assert one.pod["terminationGracePeriodSeconds"] > SANDBOX_SHUTDOWN_SECONDS + AIR_SECONDS, one.name


def test_a_standby_takes_over_long_before_a_dying_listener_is_given_up(
    house: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = house.workload("listener")
    service = settings_of(house, listener, monkeypatch)

    ending = _pre_stop(listener) + service.lease.total_seconds() + AIR_SECONDS
    assert listener.pod["terminationGracePeriodSeconds"] > ending


# ── how many there are ────────────────────────────────────────────────────────────────────────────


def test_a_number_is_said_by_the_deployment_or_by_its_scaler_but_not_by_both(house: Rendered) -> None:
    for one in house.deployments:
        assert ("replicas" in one.whole["spec"]) != (house.scaler(one) is not None), one.name
    for scaler in house.of("HorizontalPodAutoscaler"):
        assert scaler["spec"]["scaleTargetRef"]["name"] in house.names("Deployment")
        assert scaler["spec"]["minReplicas"] <= scaler["spec"]["maxReplicas"]


def test_what_must_not_be_missing_is_there_twice(production: Rendered) -> None:
    least = {}
    for one in production.deployments:
        scaler = production.scaler(one)
        least[one.component] = scaler["spec"]["minReplicas"] if scaler else one.whole["spec"]["replicas"]

    assert least == {"gateway": 2, "worker": 2, "worker-bulk": 1, "scheduler": 2, "listener": 2}


def test_a_roll_out_takes_nobody_away_before_another_is_ready(production: Rendered) -> None:
    for one in production.deployments:
        assert one.whole["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_a_drained_machine_takes_one_pod_at_a_time_and_is_never_held_up(production: Rendered) -> None:
    budgets = production.of("PodDisruptionBudget")
    kept = [one for budget in budgets for one in production.selected(budget["spec"]["selector"])]

    assert sorted(one.name for one in kept) == sorted(one.name for one in production.deployments)
    assert {budget["spec"]["maxUnavailable"] for budget in budgets} == {1}


def test_pods_of_a_kind_are_spread_over_machines_and_zones(production: Rendered) -> None:
    for one in production.deployments:
        spread = one.pod["topologySpreadConstraints"]
        assert [rule["topologyKey"] for rule in spread] == [
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
        ]
        for rule in spread:
            assert [found.name for found in production.selected(rule["labelSelector"])] == [one.name]
