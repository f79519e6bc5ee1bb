"""The check in the API: asked for, shown, and what it means for an activation."""

import asyncio

from shared.domain.findings import Finding, Report
from tests.services.webhook_gateway.support import Gateway, problem_of

CHECK = "/connections/acme/preflight"
NO_CURRENCY = Finding(
    "missing_currency",
    "fortnox",
    "NOK",
    "Fortnox has no currency NOK",
    check="currencies",
    facts={"currency": "NOK", "fix": "currency", "rate": "0.98"},
)
NO_LIST = Finding("missing_price_list", "fortnox", "WEBB", "Fortnox has no price list WEBB", blocking=False)


async def test_without_a_worker_the_check_is_a_run_to_ask_for(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", f"{CHECK}?wait=0.2")

    assert answer.status_code == 202
    told = answer.json()
    assert (told["finished"], told["preflight"]) == (False, None)
    run = (await gateway.call("GET", f"/runs/{told['run_id']}")).json()
    assert [item["key"] for item in run["items"]] == ["preflight"]
    subject = await gateway.ledger.subjects.find("acme", "preflight", "acme")
    assert subject is not None
    assert (subject.state, subject.lane) == ("due", "settle")
    assert problem_of(await gateway.call("GET", CHECK)) == (404, "not_found")


async def test_the_answer_is_waited_for_and_the_last_one_is_kept(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.preflights.store("acme", 1, Report((NO_CURRENCY, NO_LIST)))

    asked = asyncio.create_task(gateway.call("POST", f"{CHECK}?wait=10"))
    await a_worker_answers(gateway, Report((NO_LIST,), {"warehouse": "it could not be read"}))
    answer = await asked

    assert answer.status_code == 200
    told = answer.json()["preflight"]
    assert (told["ready"], told["declaration_version"]) == (True, 1)
    assert [(one["code"], one["blocking"], one["fixable"]) for one in told["findings"]] == [
        ("missing_price_list", False, False)
    ]
    assert [(one["code"], one["fixable"], one["docs"]) for one in told["green"]] == [
        ("missing_currency", True, "docs/problems/missing_currency.md")
    ]
    assert told["not_examined"] == {"warehouse": "it could not be read"}
    assert (await gateway.call("GET", CHECK)).json() == told
    assert (await gateway.call("GET", "/connections/acme")).json()["health"]["last_preflight"] == told


async def a_worker_answers(gateway: Gateway, report: Report) -> None:
    while not (runs := await gateway.ledger.runs.jobs("acme", "preflight")):
        await asyncio.sleep(0.01)
    await gateway.ledger.preflights.store("acme", 1, report)
    await gateway.ledger.runs.item_done(runs[0].id, "preflight", "done", "checked")


async def test_an_activation_is_refused_while_a_finding_blocks_unless_it_is_forced(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.call("POST", "/connections/acme/deactivate")
    await gateway.ledger.preflights.store("acme", 1, Report((NO_LIST, NO_CURRENCY)))

    refused = await gateway.call("POST", "/connections/acme/activate")
    misspelt = await gateway.call("POST", "/connections/acme/activate", {"forced": True})

    assert problem_of(refused) == (409, "preflight_blocks")
    assert [(one["path"], one["code"]) for one in refused.json()["errors"]] == [
        ("fortnox: NOK", "missing_currency")
    ]
    assert problem_of(misspelt) == (422, "invalid")
    assert (await gateway.call("GET", "/connections/acme")).json()["active"] is False

    forced = await gateway.call("POST", "/connections/acme/activate", {"force": True})

    assert forced.json()["active"] is True


async def test_what_does_not_block_does_not_refuse_and_an_activation_checks_anew(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.preflights.store("acme", 1, Report((NO_LIST,)))

    answer = await gateway.call("POST", "/connections/acme/activate")

    assert answer.status_code == 200
    assert await gateway.ledger.subjects.find("acme", "preflight", "acme") is not None


async def test_a_fix_is_a_preview_unless_it_is_said_otherwise(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", f"{CHECK}/fix?wait=0", {"codes": ["missing_currency"]})
    nothing = await gateway.call("POST", f"{CHECK}/fix?wait=0", {"codes": []})

    assert (answer.status_code, answer.json()["drafts"]) == (202, [])
    (run,) = await gateway.ledger.runs.jobs("acme", "preflight_fix")
    assert (run.request["codes"], run.request["preview"]) == (["missing_currency"], True)
    assert problem_of(nothing) == (422, "invalid")


async def test_nobody_is_checked_who_is_not_known(gateway: Gateway) -> None:
    for method, path in (("POST", CHECK), ("GET", CHECK)):
        assert problem_of(await gateway.call(method, path)) == (404, "not_found")
