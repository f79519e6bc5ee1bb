"""Kubernetes itself would take what we tell it: strictly, so that a misspelled field is an error."""

import pytest
from kubernetes_validate import latest_version, validate

from tests.deploy.kubernetes.rendered import Rendered
from tests.support.paths import REPOSITORY

OLDEST = "1.30"  # the first whose `sleep` before a stop is on by default


@pytest.mark.parametrize("version", [OLDEST, latest_version()])
def test_every_object_has_the_shape_that_kubernetes_publishes(house: Rendered, version: str) -> None:
    for one in house.objects:
        assert validate(one, version, strict=True)


def test_the_oldest_version_is_the_one_that_is_promised() -> None:
    assert f"Kubernetes {OLDEST}" in (REPOSITORY / "docs" / "deployment.md").read_text()


def test_nothing_is_told_twice(house: Rendered) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in house.objects]

    assert len(names) == len(set(names))


def test_everything_is_in_the_overlays_own_namespace(house: Rendered) -> None:
    (namespace,) = house.names("Namespace")

    assert namespace == {"production": "sluss", "staging": "sluss-staging"}[house.overlay]
    assert {one["metadata"]["namespace"] for one in house.objects if one["kind"] != "Namespace"} == {
        namespace
    }


def test_the_namespace_demands_what_the_pods_keep_to(house: Rendered) -> None:
    (namespace,) = house.of("Namespace")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_secret_is_kept_here(house: Rendered) -> None:
    assert house.of("Secret") == []


def test_stand_ins_are_never_beside_real_books(production: Rendered, staging: Rendered) -> None:
    assert "sandbox" not in {one.component for one in production.workloads}
    assert "sandbox" in {one.component for one in staging.workloads}
