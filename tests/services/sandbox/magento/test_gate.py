"""The gate of the Magento stand-in against every recorded case of a real shop's gate."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.sandbox.magento import app as magento_app
from services.sandbox.magento.inputs import BOOLEAN, FLOAT, INT, STRING, Many, Takes, struct
from services.sandbox.magento.routing import ANONYMOUS, Answer, MagentoRequest, Route, RouteTable
from services.sandbox.magento.search import apply
from services.sandbox.magento.shop import Shop
from tests.services.sandbox.magento.support import MagentoCaller, recorded

VIEWS = "/rest/V1/store/storeViews"
THINGS = [{"id": number, "name": f"thing {number}", "group": number % 2} for number in range(1, 8)]


def _views(request: MagentoRequest) -> Answer:
    """The shop had two views when its signing was recorded."""
    return Answer([view.show() for view in request.shop.pages.views[:2]])


def _things(request: MagentoRequest) -> Answer:
    return Answer(apply(request.criteria(), THINGS))


def _thing(request: MagentoRequest) -> Answer:
    return Answer({"id": request.number("id")})


def _sku(request: MagentoRequest) -> Answer:
    return Answer({"sku": request.values["sku"]})


def _save(request: MagentoRequest) -> Answer:
    return Answer(dict(request.body))


THING = struct(sku=STRING, quantity=FLOAT, status=INT, is_new=BOOLEAN)
TABLE = RouteTable(
    routes=(
        Route("GET", "/V1/store/storeViews", "Magento_Backend::store", _views),
        Route("GET", "/V1/things", "Things::read", _things),
        Route("GET", "/V1/things/{id}", "Things::read", _thing),
        Route("GET", "/V1/skus/{sku}", "Things::read", _sku),
        Route("POST", "/V1/things", "Things::write", _save, Takes({"things": Many(THING)}, ("things",))),
        Route("GET", "/V1/open", ANONYMOUS, lambda _: Answer(True)),
    ),
    accept=lambda route, request: Answer({"accepted": route.pattern, "elements": request.raw}, 202),
)


@pytest.fixture(autouse=True)
def _table_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magento_app, "TABLE", TABLE)


SECONDS = {"old_ts": -700, "future_ts": 700}
CHANGES: dict[str, dict[str, str | None]] = {
    "bad_signature": {"token_secret": "wrong"},
    "consumer_missing": {"oauth_consumer_key": None},
    "consumer_short": {"oauth_consumer_key": "short"},
    "consumer_unknown": {"oauth_consumer_key": "x" * 32},
    "nonce_missing": {"oauth_nonce": None},
    "nonce_short": {"oauth_nonce": "n"},
    "ok_or_not_HMAC-SHA1": {"oauth_signature_method": "HMAC-SHA1"},
    "ok_or_not_HMAC-SHA256": {},
    "ok_or_not_HMAC-SHA512": {"oauth_signature_method": "HMAC-SHA512"},
    "ok_or_not_PLAINTEXT": {"oauth_signature_method": "PLAINTEXT"},
    "sigmethod_missing": {"oauth_signature_method": None},
    "timestamp_missing": {"oauth_timestamp": None},
    "token_missing": {"oauth_token": None},
    "token_short": {"oauth_token": "short"},
    "token_unknown": {"oauth_token": "y" * 32},
    "ts_zero": {"oauth_timestamp": "0"},
    "version_2": {"oauth_version": "2.0"},
    "version_missing": {"oauth_version": None},
}


def _must_equal(answer: Any, name: str) -> None:
    wanted = recorded(name)
    assert answer.status_code == wanted["status"], answer.text
    assert answer.headers["content-type"] == wanted["headers"]["content-type"]
    assert answer.json() == wanted["response"]


@pytest.mark.parametrize("name", sorted(CHANGES))
async def test_a_recorded_signing_case_gives_the_recorded_answer(call: MagentoCaller, name: str) -> None:
    answer = await call("GET", VIEWS, None, headers=None, **CHANGES[name])

    _must_equal(answer, f"auth/{name}")


@pytest.mark.parametrize("name", sorted(SECONDS))
async def test_a_clock_may_be_late_but_not_ten_minutes_ahead(call: MagentoCaller, name: str) -> None:
    stamp = str(int(max(call.now(), datetime.now(UTC)).timestamp()) + SECONDS[name])
    answer = await call("GET", VIEWS, oauth_timestamp=stamp)

    _must_equal(answer, f"auth/{name}")


@pytest.mark.parametrize("name", ["nonce_reused", "nonce_reused_other_ts"])
async def test_a_nonce_is_spent_once_whatever_became_of_its_request(call: MagentoCaller, name: str) -> None:
    await call("GET", VIEWS, oauth_nonce="the-same", oauth_token="y" * 32)

    answer = await call("GET", VIEWS, oauth_nonce="the-same")

    _must_equal(answer, f"auth/{name}")


async def test_nobody_and_a_bearer_get_the_same_401_until_bearers_are_switched_on(
    call: MagentoCaller, shop: Shop
) -> None:
    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    for headers in ({"Authorization": ""}, bearer("junk"), bearer(shop.integration.access_token)):
        _must_equal(await call("GET", VIEWS, headers=headers), "auth/none")

    shop.bearer_allowed = True

    assert (await call("GET", VIEWS, headers=bearer(shop.integration.access_token))).status_code == 200
    assert (await call("GET", VIEWS, headers=bearer("junk"))).status_code == 401


async def test_a_missing_right_is_a_401_that_names_it(call: MagentoCaller, shop: Shop) -> None:
    shop.integration.resources = {"Things::read"}

    answer = await call("GET", VIEWS)

    _must_equal(answer, "auth/none")
    assert (await call("GET", "/rest/V1/things?searchCriteria=")).status_code == 200


async def test_basic_credentials_may_stand_before_oauth(call: MagentoCaller, shop: Shop) -> None:
    oauth = call.authorization("GET", "http://sandbox/magento/default" + VIEWS)

    answer = await call("GET", VIEWS, headers={"Authorization": f"Basic eDp5, {oauth}"})

    assert answer.status_code == 200


def _groups(how_many: int) -> str:
    where = "searchCriteria%5BfilterGroups%5D%5B{}%5D%5Bfilters%5D%5B0%5D%5B{}%5D={}"
    pairs = [where.format(n, k, v) for n in range(how_many) for k, v in (("field", "group"), ("value", "1"))]
    return "/rest/V1/things?" + "&".join(pairs)


async def test_parameters_are_sorted_naturally_as_soon_as_ten_stands_beside_two(call: MagentoCaller) -> None:
    assert (await call("GET", _groups(12), sort="bytes")).json() == recorded(
        "auth/twelve_filter_groups_bytewise_sort"
    )["response"]
    assert (await call("GET", _groups(12), sort="natural")).status_code == 200
    assert (await call("GET", _groups(10), sort="bytes")).status_code == 200


async def test_a_blank_must_be_escaped_not_written_as_a_plus(call: MagentoCaller) -> None:
    path = "/rest/V1/things?searchCriteria%5BpageSize%5D=1&q=a{}b"
    signed = "http://sandbox/magento/default" + path.format("%20")

    assert (await call("GET", path.format("%20"))).status_code == 200
    assert (await call("GET", path.format("+"), signed_url=signed)).status_code == 401


@pytest.mark.parametrize(
    ("sent", "signed", "sku"),
    [
        ("A%2FB", "A/B", "A/B"),
        ("A%2BB", "A+B", "A+B"),
        ("A%26B%3AC%2CD%3BE%3DF%40G%24H", "A&B:C,D;E=F@G$H", "A&B:C,D;E=F@G$H"),
        ("A%25B", "A%25B", "A%B"),
        ("A%252FB", "A%2FB", "A%2FB"),
        ("A%20B", "A%20B", "A B"),
        ("A%23B%3FC%C3%A5%27%28%5B%5C", "A%23B%3FC%C3%A5%27%28%5B%5C", "A#B?Cå'([\\"),
    ],
)
async def test_a_path_is_signed_with_some_escapes_undone(
    call: MagentoCaller, sent: str, signed: str, sku: str
) -> None:
    path = "/rest/V1/skus/{}"
    signed_url = "http://sandbox/magento/default" + path.format(signed)

    answer = await call("GET", path.format(sent), signed_url=signed_url)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"sku": sku}
    if sent != signed:
        assert (await call("GET", path.format(sent))).status_code == 401


async def test_paths_that_lead_nowhere(call: MagentoCaller) -> None:
    _must_equal(await call("GET", "/rest/V1/nosuch"), "errors/route_404")
    _must_equal(await call("DELETE", "/rest/V1/things"), "errors/method_not_allowed")
    _must_equal(await call("GET", "/rest/nosuchstore/V1/things"), "errors/bad_store_code")
    _must_equal(await call("GET", "/rest/async/V1/things/1"), "errors/async_get")
    _must_equal(await call("GET", "/rest/V1/things/abc"), "errors/order_nan")
    assert (await call("GET", "/rest/all/V1/things/7")).json() == {"id": 7}
    assert (await call("GET", "/rest/en_eur/V1/things/7")).json() == {"id": 7}


async def test_bodies_that_cannot_be_read(call: MagentoCaller) -> None:
    path = "/rest/V1/things"

    _must_equal(await call("POST", path, b'{"things": ['), "errors/bad_json")
    plain = await call("POST", path, b'{"things": []}', headers={"Content-Type": "text/plain"})
    _must_equal(plain, "errors/bad_content_type")
    unknown = await call("POST", path, {"things": [{"sku": "a", "zzz": 1}]})
    _must_equal(unknown, "errors/source_items_unknown_field")
    alpha = await call("POST", path, {"things": [{"quantity": "abc"}]})
    _must_equal(alpha, "errors/source_items_alpha_qty")
    assert (await call("POST", path, {"items": []})).json() == {
        "message": '"%fieldName" is required. Enter and try again.',
        "parameters": {"fieldName": "things"},
    }


async def test_fields_may_be_named_either_way_and_numbers_may_be_text(call: MagentoCaller) -> None:
    answer = await call(
        "POST", "/rest/V1/things", {"things": [{"isNew": 1, "quantity": "2.50", "status": "1"}]}
    )

    assert answer.text == '{"things":[{"is_new":true,"quantity":2.5,"status":1}]}'


async def test_a_wrong_accept_is_a_page_and_xml_is_served(call: MagentoCaller) -> None:
    html = await call("GET", VIEWS, headers={"Accept": "text/html"})
    xml = await call("GET", VIEWS, headers={"Accept": "application/xml"})

    assert html.status_code == 500
    assert html.headers["content-type"] == recorded("errors/accept_html")["headers"]["content-type"]
    assert html.text.splitlines()[:4] == recorded("errors/accept_html")["response"]["_text"].splitlines()[:4]
    assert xml.headers["content-type"] == "application/xml; charset=utf-8"
    assert xml.text.startswith('<?xml version="1.0"?>\n<response>\n  <item>\n    <id>1</id>\n')


async def test_a_shop_in_maintenance_or_without_php_answers_pages(call: MagentoCaller, shop: Shop) -> None:
    for broken, name in (
        ("maintenance", "maintenance_mode"),
        ("gateway", "fpm_down"),
        ("crash", "product_no_sku"),
    ):
        shop.broken = broken  # type: ignore[assignment]

        answer = await call("GET", VIEWS)

        wanted = recorded(f"errors/{name}")
        page = wanted["response"]["_text"].replace(
            "127.0.0.1&#x3A;38080&#x2F;", "sandbox&#x2F;magento&#x2F;default&#x2F;"
        )
        assert (answer.status_code, answer.text) == (wanted["status"], page)
        assert answer.headers["content-type"] == wanted["headers"]["content-type"]
        assert "retry-after" not in answer.headers


async def test_an_anonymous_route_asks_nobody(call: MagentoCaller) -> None:
    assert (await call("GET", "/rest/V1/open", headers={"Authorization": ""})).json() is True


async def test_an_asynchronous_call_is_handed_over_with_all_its_elements(call: MagentoCaller) -> None:
    answer = await call("POST", "/rest/all/async/bulk/V1/things", [{"things": []}])

    assert answer.status_code == 202
    assert answer.json() == {"accepted": "/V1/things", "elements": [{"things": []}]}


async def test_the_shop_remembers_its_calls(call: MagentoCaller, shop: Shop) -> None:
    await call("GET", VIEWS)
    await call("POST", "/rest/all/V1/things", {"things": []})

    assert [(one.method, one.path, one.status) for one in shop.calls] == [
        ("GET", "/rest/V1/store/storeViews", 200),
        ("POST", "/rest/all/V1/things", 200),
    ]
    assert [one.path for one in shop.writes()] == ["/rest/all/V1/things"]
    assert json.loads(shop.calls[1].body) == {"things": []}
