"""Whatever names something else names what is there."""

import os
import re
from collections import Counter
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urlsplit

from services.webhook_gateway.app import create_app
from shared.ledger.postgres_database import CONNECTIONS, MORE_CONNECTIONS
from shared.settings.service import ServiceSettings
from tests.deploy.kubernetes.rendered import KUBERNETES, Rendered, kustomize, render, routes
from tests.support.paths import REPOSITORY
from tests.support.source import Page

PAGE = Page(REPOSITORY / "docs" / "deployment.md")
NOT_FOR_OUTSIDERS = ("/health/", "/metrics")


def test_every_deployment_selects_its_own_pods_and_nobody_elses(house: Rendered) -> None:
    for one in house.deployments:
        assert [found.name for found in house.selected(one.whole["spec"]["selector"])] == [one.name]


def test_every_service_leads_to_a_port_that_is_open(house: Rendered) -> None:
    for service in house.of("Service"):
        (behind,) = house.selected({"matchLabels": service["spec"]["selector"]})
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= behind.ports.keys()


def test_every_configuration_that_is_named_is_there(house: Rendered) -> None:
    named = Counter(name for one in house.workloads for name in one.config_maps)

    assert named.keys() == house.names("ConfigMap")


def test_every_secret_that_is_named_is_on_the_page_that_says_how_to_make_it(house: Rendered) -> None:
    needed = {pair for one in house.workloads for pair in one.secrets}
    tls = {tls["secretName"] for ingress in house.of("Ingress") for tls in ingress["spec"]["tls"]}
    rows = PAGE.section("The Secrets")

    assert needed == {
        ("sluss-database", "url"),
        ("sluss-redis", "url"),
        ("sluss-keys", "encryption-keys"),
        ("sluss-keys", "bootstrap-key"),
    }
    assert [pair for pair in needed if f"| `{pair[0]}` | `{pair[1]}` |" not in rows] == []
    assert [name for name in tls if f"| `{name}` |" not in rows] == []


def test_the_overlay_that_the_page_shows_can_be_rendered(tmp_path: Path, production: Rendered) -> None:
    (shown,) = re.findall(r"```yaml\n# kustomization.yaml\n(.*?)```", PAGE.text(), re.DOTALL)
    here = os.path.relpath(KUBERNETES, tmp_path.resolve())
    (tmp_path / "kustomization.yaml").write_text(
        re.sub(r"https://git\S+//deploy/kubernetes/(\S+)\?ref=\S+", rf"{here}/\1", shown)
    )
    command = kustomize()
    assert command

    yours = render(command, "yours", tmp_path)

    assert sorted(yours.names("Deployment")) == sorted(production.names("Deployment"))
    assert {one.container["image"].partition("/")[0] for one in yours.workloads} == {
        "registry.your-company.com"
    }
    assert yours.of("Ingress")[0]["spec"]["rules"][0]["host"] == "sluss.your-company.com"


# ── the way in ────────────────────────────────────────────────────────────────────────────────────


def test_the_way_in_has_the_host_that_others_are_told(house: Rendered) -> None:
    (config,) = house.config.values()
    (ingress,) = house.of("Ingress")
    host = urlsplit(config["SLUSS_PUBLIC_URL"]).hostname

    assert [rule["host"] for rule in ingress["spec"]["rules"]] == [host]
    assert [tls["hosts"] for tls in ingress["spec"]["tls"]] == [[host]]


def test_the_way_in_leads_to_a_service(house: Rendered) -> None:
    (ingress,) = house.of("Ingress")

    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        backend = path["backend"]["service"]
        service = house.named("Service", backend["name"])
        assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}


def test_everything_but_health_and_metrics_can_be_reached_from_outside(house: Rendered) -> None:
    app = create_app(ledger=Mock(), queue=None, service=ServiceSettings(), clock=Mock())
    there = routes(iter(app.openapi()["paths"])) | {"/docs", "/openapi.json"}
    (ingress,) = house.of("Ingress")
    paths = ingress["spec"]["rules"][0]["http"]["paths"]

    open_ = {route for route in there if any(_leads(path, route) for path in paths)}

    assert there - open_ == {route for route in there if route.startswith(NOT_FOR_OUTSIDERS)}


def _leads(path: dict[str, str], route: str) -> bool:
    if path["pathType"] == "Exact":
        return route == path["path"]
    return route == path["path"] or route.startswith(path["path"] + "/")


# ── what the ledger must bear ─────────────────────────────────────────────────────────────────────


def test_the_page_says_how_many_connections_the_database_must_allow(production: Rendered) -> None:
    most = sum(production.most_pods(one) for one in production.workloads)

    assert f"{most} processes" in PAGE.text()
    assert f"{most * (CONNECTIONS + MORE_CONNECTIONS)} connections" in PAGE.text()
