"""Who may reach whom. The rules are asked, not read: a policy that is added is counted as well."""

from collections.abc import Iterator
from typing import Any

from tests.deploy.kubernetes.rendered import Rendered, Workload, selects

CALLERS = {"worker", "worker-bulk", "listener"}


def _rules(house: Rendered, one: Workload, way: str) -> Iterator[dict[str, Any]]:
    """Every rule of a way, `Ingress` or `Egress`, that counts for this pod."""
    for policy in house.of("NetworkPolicy"):
        spec = policy["spec"]
        if way in spec["policyTypes"] and selects(spec["podSelector"], one.labels):
            yield from spec.get(way.lower(), ())


def _ports(house: Rendered, one: Workload, way: str) -> set[int | str]:
    return {port["port"] for rule in _rules(house, one, way) for port in rule["ports"]}


def test_nothing_is_allowed_that_is_not_named(house: Rendered) -> None:
    nothing = house.named("NetworkPolicy", "nothing-by-default")["spec"]

    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in house.of("NetworkPolicy"):
        for rule in (*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())):
            assert rule["ports"], policy["metadata"]["name"]


def test_every_policy_is_about_somebody(house: Rendered) -> None:
    for policy in house.of("NetworkPolicy"):
        assert house.selected(policy["spec"]["podSelector"]), policy["metadata"]["name"]


def test_each_process_may_call_what_it_needs_and_nothing_else(production: Rendered) -> None:
    may = {one.component: _ports(production, one, "Egress") for one in production.workloads}

    assert may == {
        "gateway": {53, 5432, 6379},
        "scheduler": {53, 5432, 6379},
        "migration": {53, 5432},
        "worker": {53, 5432, 6379, 443},
        "worker-bulk": {53, 5432, 6379, 443},
        "listener": {53, 5432, 6379, 443},
    }


def test_nobody_may_ask_the_cloud_for_the_machines_keys(house: Rendered) -> None:
    for one in house.workloads:
        for rule in _rules(house, one, "Egress"):
            blocks = [peer["ipBlock"] for peer in rule.get("to", ()) if "ipBlock" in peer]
            for block in blocks:
                hidden = {"0.0.0.0/0": "169.254.0.0/16", "::/0": "fe80::/10"}[block["cidr"]]
                assert hidden in block["except"]
            if not rule.get("to"):  # to anybody: then not by the port that such services have
                assert {port["port"] for port in rule["ports"]} <= {5432, 6379}


def test_the_gateway_is_reached_from_the_ingress_and_from_prometheus(production: Rendered) -> None:
    peers = [
        peer
        for rule in _rules(production, production.workload("gateway"), "Ingress")
        for peer in rule["from"]
    ]

    assert sorted(map(str, peers)) == sorted(
        map(
            str,
            [
                {"namespaceSelector": {"matchLabels": {"sluss-callers": "allowed"}}},
                {"namespaceSelector": {"matchLabels": {"sluss-metrics": "allowed"}}},
            ],
        )
    )


def test_metrics_are_reached_at_the_port_that_serves_them(house: Rendered) -> None:
    for one in house.services:
        for name, port in one.ports.items():
            assert {port, name} & _ports(house, one, "Ingress"), one.name


def test_the_migration_is_reached_by_nobody(house: Rendered) -> None:
    assert list(_rules(house, house.workload("migration"), "Ingress")) == []


def test_the_stand_ins_talk_with_us_only(staging: Rendered) -> None:
    sandbox = staging.workload("sandbox")
    inwards, outwards = _rules(staging, sandbox, "Ingress"), _rules(staging, sandbox, "Egress")

    callers = {
        one.component
        for rule in inwards
        for peer in rule["from"]
        for one in staging.selected(peer["podSelector"])
    }
    called = {
        one.component
        for rule in outwards
        for peer in rule["to"]
        if "podSelector" in peer
        for one in staging.selected(peer["podSelector"])
    }

    assert callers == CALLERS
    assert called == {"gateway"}
    for component in CALLERS:
        assert "http" in _ports(staging, staging.workload(component), "Egress")
