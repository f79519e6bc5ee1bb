"""The stand-ins' memory: killed at any moment, they know again what they had answered."""

from pathlib import Path

import httpx

from services.sandbox.app import create_sandbox_app
from services.sandbox.keeping import Keeping, KeptState
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.samples import load_samples

COMPANY = {"tenant_id": 1000001, "name": "Demobolaget AB"}


async def test_what_was_answered_is_known_by_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "stand-ins.state"
    before = Sandbox()
    load_samples(before.svea)
    app = Keeping(create_sandbox_app(before), KeptState(before, file))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        answer = await client.post("/_control/fortnox/companies", json=COMPANY)
    assert answer.status_code == 201
    number = before.svea.numbers.delivery()

    KeptState(before, file).save()
    after = Sandbox()
    restored = KeptState(after, file).restore()

    assert restored
    assert after.fortnox.company(1000001).name == "Demobolaget AB"
    assert after.fortnox.company(1000001).clock is after.clock
    assert after.svea.orders.keys() == before.svea.orders.keys()
    assert after.svea.verbatim == before.svea.verbatim
    assert after.svea.numbers.delivery() == number + 1


def test_without_a_file_there_is_nothing_to_restore(tmp_path: Path) -> None:
    assert not KeptState(Sandbox(), tmp_path / "none").restore()
