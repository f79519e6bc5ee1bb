"""The shop's half of an activation: who is believed, what is kept, and where the browser may go."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from services.webhook_gateway.operations.magento_activation import is_shop, is_shops_admin
from services.webhook_gateway.routes import magento_activation
from shared.ledger.errors import LedgerUnavailable
from shared.settings.magento import MagentoSettings
from shared.settings.magento_webhooks import MagentoWebhooks
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

KEYS = {
    "oauth_consumer_key": "the-consumer-key-of-the-shop",
    "oauth_consumer_secret": "the-consumer-secret-of-the-shop",
    "oauth_verifier": "the-verifier-of-the-shop",
    "store_base_url": "https://shop.example.test/",
}
BACK = "https://shop.example.test/admin/integration/loginSuccessCallback/key/abc/"


async def addresses(gateway: Gateway) -> tuple[str, str]:
    answer = await gateway.call("POST", "/connections/acme/magento/activation")
    assert answer.status_code == 200
    told = answer.json()
    return urlsplit(told["callback_url"]).path, urlsplit(told["identity_url"]).path


async def visit(gateway: Gateway, identity: str, **told: str) -> httpx.Response:
    asked = {"oauth_consumer_key": KEYS["oauth_consumer_key"], "success_call_back": BACK} | told
    return await gateway.http.get(identity, params=asked)


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magento_activation, "EXCHANGED_WITHIN_SECONDS", 0.05)


async def test_the_two_addresses_are_good_for_a_day_and_only_a_digest_of_them_is_kept(
    small_gateway: Gateway,
) -> None:
    await small_gateway.knows()

    told = (await small_gateway.call("POST", "/connections/acme/magento/activation")).json()

    state = told["callback_url"].split("/")[-2]
    assert told == {
        "callback_url": f"https://hooks.example.test/connect/magento/acme/{state}/callback",
        "identity_url": f"https://hooks.example.test/connect/magento/acme/{state}/identity",
        "expires_at": "2026-05-05T07:00:00Z",
    }
    assert len(state) == 43
    kept = await small_gateway.ledger.credentials.get("acme", "magento_activation")
    assert kept is not None
    assert state not in str(kept.value)


async def test_an_operator_without_the_right_and_a_connection_without_a_shop_get_none(
    small_gateway: Gateway,
) -> None:
    declared = a_declaration()
    del declared["magento"]
    await small_gateway.knows(declared)

    path = "/connections/acme/magento/activation"
    answers = [
        await small_gateway.call("POST", path, scopes=("operate",)),
        await small_gateway.call("POST", path),
        await small_gateway.call("POST", "/connections/nobody/magento/activation"),
    ]

    assert [problem_of(answer) for answer in answers] == [
        (403, "forbidden"),
        (404, "not_found"),
        (404, "not_found"),
    ]


async def test_the_keys_are_kept_as_secrets_for_three_hundred_seconds(gateway: Gateway) -> None:
    await gateway.knows()
    callback, _ = await addresses(gateway)

    answer = await gateway.http.post(callback, data=KEYS)

    assert (answer.status_code, answer.content) == (204, b"")
    kept = await gateway.ledger.credentials.get("acme", "magento_pending")
    assert kept is not None
    assert kept.value == {
        "consumer_key": KEYS["oauth_consumer_key"],
        "consumer_secret": KEYS["oauth_consumer_secret"],
        "verifier": KEYS["oauth_verifier"],
    }
    assert kept.expires_at == gateway.clock() + timedelta(seconds=300)
    (event,) = await gateway.events()
    assert (event.source, event.name, event.subject_id, event.body) == (
        "consent",
        "magento_callback",
        None,
        b"",
    )
    assert await gateway.rung() == []


async def test_the_merchants_visit_wakes_the_worker_once(gateway: Gateway) -> None:
    await gateway.knows()
    callback, identity = await addresses(gateway)
    await gateway.http.post(callback, data=KEYS)

    for _ in range(2):
        answer = await visit(gateway, identity)
        assert answer.status_code == 200
        assert "Nearly there" in answer.text

    subject = await gateway.ledger.subjects.find("acme", "magento_consent", "acme")
    assert subject is not None
    assert subject.wanted == 1
    assert await gateway.rung() == [f"{subject.id}:1:0"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (KEYS | {"store_base_url": "https://evil.example/"}, (403, "foreign_shop")),
        (KEYS | {"store_base_url": "http://shop.example.test/"}, (403, "foreign_shop")),
        (KEYS | {"store_base_url": ""}, (400, "invalid")),
        (KEYS | {"oauth_verifier": "x" * 256}, (400, "invalid")),
        (KEYS | {"oauth_consumer_secret": "a\x00b"}, (400, "invalid")),
        ({}, (400, "invalid")),
        ({f"f{n}": "x" for n in range(30)}, (400, "invalid")),
        (KEYS | {"more": "x" * 20_000}, (413, "body_too_large")),
    ],
)
async def test_what_is_not_the_shops_activation_is_not_kept(
    small_gateway: Gateway, form: dict[str, str], expected: tuple[int, str]
) -> None:
    await small_gateway.knows()
    callback, _ = await addresses(small_gateway)

    assert problem_of(await small_gateway.http.post(callback, data=form)) == expected
    assert await small_gateway.ledger.credentials.get("acme", "magento_pending") is None
    assert await small_gateway.events() == []


async def test_an_unknown_state_and_an_unknown_connection_answer_the_same_bytes(gateway: Gateway) -> None:
    await gateway.knows()
    callback, _ = await addresses(gateway)
    state = callback.split("/")[4]

    posts = [
        await gateway.http.post(f"/connect/magento/{path}/callback", data=KEYS)
        for path in (f"acme/{state}x", f"nobody/{state}", "acme/%ff")
    ]
    visits = [
        await visit(gateway, f"/connect/magento/{path}/identity")
        for path in (f"acme/{state}x", f"nobody/{state}")
    ]

    assert [problem_of(answer) for answer in posts] == [(404, "not_found")] * 3
    assert len({answer.content for answer in posts}) == 1
    assert [answer.status_code for answer in visits] == [400, 400]
    assert visits[0].content == visits[1].content


async def test_new_addresses_replace_the_ones_before_and_a_day_ends_them(gateway: Gateway) -> None:
    await gateway.knows()
    old, _ = await addresses(gateway)
    new, identity = await addresses(gateway)

    first = await gateway.http.post(old, data=KEYS)
    second = await gateway.http.post(new, data=KEYS)
    gateway.clock.advance(timedelta(hours=24))
    third = await gateway.http.post(new, data=KEYS)
    late = await visit(gateway, identity)

    assert [answer.status_code for answer in (first, second, third)] == [404, 204, 404]
    assert "no longer good" in late.text


@pytest.mark.parametrize("told", [{"oauth_consumer_key": "another"}, {"oauth_consumer_key": ""}])
async def test_a_visit_for_another_key_is_not_this_activation(gateway: Gateway, told: dict[str, str]) -> None:
    await gateway.knows()
    callback, identity = await addresses(gateway)
    await gateway.http.post(callback, data=KEYS)

    answer = await visit(gateway, identity, **told)

    assert (answer.status_code, "no keys" in answer.text) == (400, True)
    assert await gateway.rung() == []


async def test_after_three_hundred_seconds_there_is_nothing_to_activate(gateway: Gateway) -> None:
    await gateway.knows()
    callback, identity = await addresses(gateway)
    await gateway.http.post(callback, data=KEYS)
    gateway.clock.advance(timedelta(seconds=300))

    answer = await visit(gateway, identity)

    assert (answer.status_code, "Reauthorize" in answer.text) == (400, True)
    assert await gateway.rung() == []


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "https://shop.example.test.evil.example/",
        "https://shop.example.test@evil.example/",
        "https://user@shop.example.test/",
        "//evil.example/",
        "/relative",
        "javascript:alert(1)",
        "https://evil.example\\@shop.example.test/",
        "https:/\\evil.example",
        "https://shop.example.test:8443/",
        "http://shop.example.test/",
        "https://shop.example.test/\r\nX: y",
        "https://shop.example.test:x/",
        "",
    ],
)
async def test_the_browser_is_sent_nowhere_but_to_the_shop(small_gateway: Gateway, back: str) -> None:
    await small_gateway.knows()
    callback, identity = await addresses(small_gateway)
    await small_gateway.http.post(callback, data=KEYS)

    answer = await visit(small_gateway, identity, success_call_back=back)

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert [event.name for event in await small_gateway.events()] == ["magento_callback"]


async def down(*_: object) -> None:
    raise LedgerUnavailable("the database is down")


def shop_at(base_url: str, **webhooks: Any) -> MagentoSettings:
    return MagentoSettings(base_url=base_url, webhooks=MagentoWebhooks(**webhooks))


def test_the_admin_may_have_a_host_of_its_own() -> None:
    shop = shop_at("https://shop.example.test", admin_url="https://admin.example.test/backend")

    assert is_shops_admin(shop, "https://admin.example.test/backend/integration")
    assert is_shops_admin(shop, BACK)
    assert not is_shops_admin(shop, "https://other.example.test/")


@pytest.mark.parametrize(
    ("declared", "told", "same"),
    [
        ("https://shop.example.test", "https://shop.example.test/", True),
        ("https://shop.example.test/rest/V1/", "https://SHOP.example.test:443/index.php/", True),
        ("https://shop.example.test/se", "https://shop.example.test/se/", True),
        ("https://shop.example.test/se", "https://shop.example.test/", False),
        ("https://shop.example.test", "https://shop.example.test.evil.example/", False),
        ("https://shop.example.test", "shop.example.test", False),
        ("http://127.0.0.1:9003/shop", "http://127.0.0.1:9003/shop/", True),
    ],
)
def test_a_shop_is_the_same_however_its_address_is_written(declared: str, told: str, same: bool) -> None:
    assert is_shop(shop_at(declared), told) is same


async def test_without_the_ledger_the_merchant_is_asked_to_come_back(
    small_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_gateway.knows()
    callback, identity = await addresses(small_gateway)
    await small_gateway.http.post(callback, data=KEYS)
    monkeypatch.setattr(small_gateway.ledger.credentials, "get", down)

    posted = await small_gateway.http.post(callback, data=KEYS)
    visited = await visit(small_gateway, identity)

    assert problem_of(posted) == (503, "unavailable")
    assert (visited.status_code, visited.headers["retry-after"]) == (503, "5")
