"""Who may: keys, scopes, and that every refusal has one shape and tells nothing."""

import pytest

from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

WRITES = [
    ("PUT", "/connections/acme", a_declaration(), "admin"),
    ("POST", "/connections/acme/activate", None, "admin"),
    ("POST", "/connections/acme/deactivate", None, "admin"),
    ("POST", "/connections/acme/fortnox/consent", None, "admin"),
    ("POST", "/connections/acme/magento/activation", None, "admin"),
    ("POST", "/connections/acme/backfill", {"checkout_ids": [1]}, "operate"),
    ("POST", "/subjects/retry", {"state": "waiting"}, "operate"),
    ("POST", "/subjects/abc/retry", None, "operate"),
    ("POST", "/subjects/abc/ignore", {"reason": "by hand"}, "operate"),
    ("POST", "/subjects/abc/preview", None, "operate"),
]
READS = [
    ("GET", path, None, "read")
    for path in ("/connections", "/connections/acme", "/runs/abc", "/subjects", "/subjects/abc", "/events")
]


@pytest.mark.parametrize(("method", "path", "body", "scope"), [*WRITES, *READS])
async def test_every_route_needs_its_own_scope(
    small_gateway: Gateway, method: str, path: str, body: object, scope: str
) -> None:
    others = tuple(one for one in ("read", "operate", "admin") if one != scope)

    refused = await small_gateway.call(method, path, body, scopes=others)
    allowed = await small_gateway.call(method, path, body, scopes=(scope,))

    assert problem_of(refused) == (403, "forbidden")
    assert allowed.status_code in {200, 202, 404}


@pytest.mark.parametrize(
    "shown", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "bearer \xff", "x" * 9999]
)
async def test_without_a_valid_key_the_answer_is_always_the_same(
    small_gateway: Gateway, shown: str | None
) -> None:
    headers = {} if shown is None else {b"authorization": shown.encode("latin-1")}

    answers = [await small_gateway.http.get(f"/api/v1{path}", headers=headers) for _, path, _, _ in READS]

    assert {problem_of(answer) for answer in answers} == {(401, "unauthorized")}
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="sluss"'}
    assert len({answer.content for answer in answers}) == 1


async def test_the_bootstrap_key_may_everything_and_a_revoked_key_nothing(gateway: Gateway) -> None:
    await gateway.ledger.api_keys.ensure_bootstrap("the-first-key")
    headers = {"authorization": "Bearer the-first-key"}

    made = await gateway.http.put("/api/v1/connections/acme", json=a_declaration(), headers=headers)
    read = await gateway.http.get("/api/v1/connections/acme", headers=headers)
    key_id, plain = await gateway.ledger.api_keys.create("old", ("read",))
    await gateway.ledger.api_keys.revoke(key_id)
    revoked = await gateway.http.get("/api/v1/events", headers={"authorization": f"Bearer {plain}"})

    assert (made.status_code, read.status_code) == (200, 200)
    assert problem_of(revoked) == (401, "unauthorized")


async def test_what_does_not_exist_is_a_problem_too(small_gateway: Gateway) -> None:
    assert problem_of(await small_gateway.http.get("/api/v1/nothing")) == (404, "not_found")
    assert problem_of(await small_gateway.http.delete("/api/v1/events")) == (405, "method_not_allowed")
    assert problem_of(await small_gateway.call("GET", "/subjects/unknown")) == (404, "not_found")


async def test_a_bad_query_names_its_field_and_does_not_repeat_what_was_sent(small_gateway: Gateway) -> None:
    answer = await small_gateway.call("GET", "/subjects", limit="secret-number", state="secret-state")

    assert problem_of(answer) == (422, "invalid")
    assert {flaw["path"] for flaw in answer.json()["errors"]} == {"limit", "state"}
    assert "secret" not in answer.text


async def test_a_bad_body_is_a_problem(gateway: Gateway) -> None:
    _, key = await gateway.ledger.api_keys.create("a test", ("operate",))
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    for body in (
        b"{",
        b"",
        b"[]",
        b"\xff",
        b'{"ids":["\\u0000"]}',
        b'{"q":"\\ud800"}',
        b"1" * 5000,
        b"[" * 90_000,
    ):
        answer = await gateway.http.post("/api/v1/subjects/retry", content=body, headers=headers)
        assert answer.status_code in {400, 422}, body[:20]
        problem_of(answer)


async def test_a_nul_in_the_address_is_refused(small_gateway: Gateway) -> None:
    assert problem_of(await small_gateway.call("GET", "/subjects/a%00b")) == (400, "bad_address")
    assert problem_of(await small_gateway.call("GET", "/subjects", q="a\0b")) == (400, "bad_address")


async def test_an_endless_body_is_refused(small_gateway: Gateway) -> None:
    await small_gateway.knows()

    answer = await small_gateway.call(
        "POST", "/connections/acme/backfill", {"checkout_ids": ["9" * 2_000_000]}
    )

    assert problem_of(answer) == (413, "body_too_large")


async def test_our_own_mistake_leaks_no_trace(
    small_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("an inner secret")

    monkeypatch.setattr(small_gateway.ledger.inbox, "page", broken)

    answer = await small_gateway.call("GET", "/events")

    assert problem_of(answer) == (500, "bug")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
