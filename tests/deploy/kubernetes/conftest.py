"""The overlays, rendered where there is a kustomize of version 5 or newer."""

import pytest

from tests.deploy.kubernetes.rendered import OVERLAYS, Rendered, kustomize, render


@pytest.fixture(scope="session", params=OVERLAYS)
def house(request: pytest.FixtureRequest) -> Rendered:
    """One overlay; every test runs with each."""
    return _rendered(str(request.param))


@pytest.fixture(scope="session")
def production() -> Rendered:
    return _rendered("production")


@pytest.fixture(scope="session")
def staging() -> Rendered:
    return _rendered("staging")


def _rendered(overlay: str) -> Rendered:
    command = kustomize()
    if command is None:
        pytest.skip("not installed: kubectl 1.27 or kustomize 5, or newer")
    return render(command, overlay)
