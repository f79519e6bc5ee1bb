"""Svea's published scheme, reproduced."""

import json
from datetime import UTC, datetime

import pytest

from shared.clients.http import Outgoing
from shared.clients.svea.auth import signature, signer
from tests.support.paths import REPOSITORY

VECTORS = json.loads((REPOSITORY / "tests/data/svea/api-auth.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_every_vector_is_reproduced(vector: dict[str, str]) -> None:
    made = signature(
        vector["merchantId"], vector["secret"], vector["body"].encode(), vector["timestampHeader"]
    )

    assert made == vector["authorizationHeader"]


async def test_each_attempt_is_signed_with_its_own_time() -> None:
    times = iter([datetime(2026, 2, 3, 14, 5, 6, tzinfo=UTC), datetime(2026, 2, 3, 14, 5, 7, tzinfo=UTC)])
    sign = signer("700001", "not-a-real-secret-se-0001", clock=lambda: next(times))
    outgoing = Outgoing("GET", "https://x.test/api/v1/orders/1", b"")

    first, second = await sign(outgoing), await sign(outgoing)

    assert first["Timestamp"] == "2026-02-03 14:05:06"
    assert first["Authorization"] == VECTORS[0]["authorizationHeader"]
    assert second["Timestamp"] == "2026-02-03 14:05:07"
    assert second["Authorization"] != first["Authorization"]
