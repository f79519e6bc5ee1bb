"""Connections over the API: declared, refused with paths, shown without a secret, switched."""

from datetime import timedelta
from typing import Any

import pytest

from shared.ledger.records import IncomingEvent
from tests.services.webhook_gateway.support import (
    CALLBACK,
    SECRET,
    SECRETS,
    TOKEN,
    Gateway,
    a_declaration,
    problem_of,
)


async def test_a_declared_connection_takes_callbacks_at_once(gateway: Gateway) -> None:
    assert (await gateway.receives()).status_code == 404

    made = await gateway.call("PUT", "/connections/acme", a_declaration())

    assert made.status_code == 200
    assert (made.json()["name"], made.json()["active"], made.json()["version"]) == ("acme", False, 1)
    assert (await gateway.receives(path=CALLBACK)).status_code == 200


async def test_no_answer_ever_shows_a_secret(gateway: Gateway) -> None:
    answers = [
        await gateway.call("PUT", "/connections/acme", a_declaration(previous_secrets=["a-previous-secret"])),
        await gateway.call("GET", "/connections"),
        await gateway.call("GET", "/connections/acme"),
        await gateway.call("POST", "/connections/acme/activate"),
        await gateway.call("PUT", "/connections/acme", a_declaration(previous_secrets=[{"wrong": SECRET}])),
        await gateway.call("PUT", "/connections/acme", a_declaration(require_signature=SECRET)),
        await gateway.call("GET", "/events"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 422, 422, 200]
    for answer in answers:
        for secret in (*SECRETS, "a-previous-secret"):
            assert secret not in answer.text
    shown = answers[2].json()["declaration"]
    assert shown["fortnox"]["client_secret"] == {"stored": True}
    assert shown["markets"][0]["svea"]["secret"] == {"stored": True}
    assert shown["magento"]["webhook_secrets"] == [{"stored": True}, {"stored": True}]


async def test_what_is_shown_can_be_put_back_and_keeps_every_secret(gateway: Gateway) -> None:
    await gateway.call("PUT", "/connections/acme", a_declaration())
    shown = (await gateway.call("GET", "/connections/acme")).json()["declaration"]
    shown["markets"][0]["svea"]["require_signature"] = True

    put = await gateway.call("PUT", "/connections/acme", shown)

    assert (put.status_code, put.json()["version"]) == (200, 2)
    stored = await gateway.ledger.connections.get("acme")
    assert stored is not None
    svea = stored.declaration.markets[0].svea
    assert (svea.secret.get_secret_value(), svea.callback_token.get_secret_value()) == (SECRET, TOKEN)
    assert svea.require_signature is True
    assert stored.declaration.fortnox.client_secret.get_secret_value() == "the-fortnox-client-secret"


async def test_a_secret_that_was_never_stored_cannot_be_kept(gateway: Gateway) -> None:
    declared = a_declaration(secret={"stored": True})

    answer = await gateway.call("PUT", "/connections/acme", declared)

    assert problem_of(answer) == (422, "invalid")
    assert [(flaw["path"], flaw["code"]) for flaw in answer.json()["errors"]] == [
        ("markets.0.svea.secret", "nothing_stored")
    ]
    assert await gateway.ledger.connections.all() == []


def changed(**changes: Any) -> dict[str, Any]:
    return a_declaration() | changes


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        (changed(unknown_key=1), "unknown_key"),
        (changed(time_zone="Mars/Olympus"), "time_zone"),
        (changed(fortnox={"client_id": "x", "client_secret": "y", "grant": "magic"}), "fortnox.grant"),
        (changed(fortnox={"client_id": "x", "client_secret": "y"}), "fortnox"),
        (a_declaration(source_ranges=["not a network"]), "markets.0.svea.source_ranges"),
        (changed(schedule={"payouts": "whenever"}), "schedule"),
        (changed(sales=[{"treatment": "oss", "rate": 19, "goods": 3161}]), "sales.0"),
        (changed(name="another"), "name"),
        (changed(name=7), "name"),
    ],
)
async def test_a_flawed_declaration_is_refused_with_the_path_and_not_stored(
    small_gateway: Gateway, declared: dict[str, Any], path: str
) -> None:
    answer = await small_gateway.call("PUT", "/connections/acme", declared)

    assert problem_of(answer) == (422, "invalid")
    assert [flaw["path"] for flaw in answer.json()["errors"]] == [path]
    assert await small_gateway.ledger.connections.all() == []


async def test_every_flaw_is_told_at_once(small_gateway: Gateway) -> None:
    answer = await small_gateway.call("PUT", "/connections/acme", {"markets": [{"name": "SE"}], "😀x": 1})

    paths = {flaw["path"] for flaw in answer.json()["errors"]}
    assert {"fortnox", "markets.0.name", "markets.0.svea", "markets.0.country"} <= paths
    assert answer.json()["detail"] == f"{len(answer.json()['errors'])} fields are not as it should be."


@pytest.mark.parametrize("name", ["Acme", "a b", "-a", "x" * 64, "acme.se"])
async def test_a_name_that_could_not_be_an_address_is_refused(small_gateway: Gateway, name: str) -> None:
    answer = await small_gateway.call("PUT", f"/connections/{name}", changed(name=name))

    assert answer.json()["errors"][0]["code"] == "bad_name"


async def test_the_name_may_be_left_to_the_address(gateway: Gateway) -> None:
    declared = a_declaration()
    del declared["name"]

    assert (await gateway.call("PUT", "/connections/other", declared)).json()["name"] == "other"


async def test_a_secret_from_the_environment_is_read_once_but_never_one_of_our_own(
    small_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_SVEA_SECRET", "from-the-environment")
    monkeypatch.setenv("SLUSS_BOOTSTRAP_KEY", "ours")

    good = await small_gateway.call(
        "PUT", "/connections/acme", a_declaration(secret={"env": "ACME_SVEA_SECRET"})
    )
    ours = await small_gateway.call(
        "PUT", "/connections/acme", a_declaration(secret={"env": "SLUSS_BOOTSTRAP_KEY"})
    )
    unset = await small_gateway.call(
        "PUT", "/connections/acme", a_declaration(secret={"env": "NOT_SET_ANYWHERE"})
    )

    assert good.status_code == 200
    assert [flaw["code"] for flaw in ours.json()["errors"]] == ["forbidden_env"]
    assert [flaw["path"] for flaw in unset.json()["errors"]] == ["markets.0.svea.secret"]
    stored = await small_gateway.ledger.connections.get("acme")
    assert stored is not None
    assert stored.declaration.markets[0].svea.secret.get_secret_value() == "from-the-environment"


async def test_a_connection_is_switched_on_and_off_and_that_is_on_record(gateway: Gateway) -> None:
    await gateway.call("PUT", "/connections/acme", a_declaration())

    on = await gateway.call("POST", "/connections/acme/activate")
    off = await gateway.call("POST", "/connections/acme/deactivate")

    assert (on.json()["active"], off.json()["active"]) == (True, False)
    acts = (await gateway.ledger.audit.acts(connection="acme")).items
    assert [(act.actor, act.action) for act in acts] == [
        ("a test", "connection.deactivate"),
        ("a test", "connection.activate"),
        ("a test", "connection.put"),
    ]
    assert problem_of(await gateway.call("POST", "/connections/nobody/activate")) == (404, "not_found")


async def test_a_connection_shows_its_health(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.receives()
    await gateway.ledger.inbox.accept(
        [IncomingEvent("other", "svea", "x", "1", subject_kind="sale", subject_key="1")]
    )
    expires = gateway.clock() + timedelta(hours=1)
    await gateway.ledger.credentials.put(
        "acme", "fortnox", {"access_token": "very-secret"}, expires, expected_version=None
    )

    answer = await gateway.call("GET", "/connections/acme")

    health = answer.json()["health"]
    assert health["subjects"] == {"due": 1}
    assert health["oldest_due"] == "2026-05-04T07:00:00Z"
    assert [(token["name"], token["expires_at"]) for token in health["tokens"]] == [
        ("fortnox", "2026-05-04T08:00:00Z")
    ]
    assert health["rate_window"] is None
    assert "very-secret" not in answer.text


async def test_the_list_is_by_name(gateway: Gateway) -> None:
    for name in ("beta", "acme"):
        await gateway.knows(a_declaration(name))

    listed = (await gateway.call("GET", "/connections")).json()

    assert [one["name"] for one in listed["items"]] == ["acme", "beta"]
    assert listed["next_cursor"] is None
