from typing import TYPE_CHECKING

import httpx

from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import TENANT, Api

if TYPE_CHECKING:
    from tests.services.sandbox.fortnox.conftest import Stopwatch


async def statuses(api: Api, times: int) -> list[int]:
    return [(await api.call("GET", "/3/customers")).status_code for _ in range(times)]


async def test_the_26th_request_within_five_seconds_is_refused(
    api: Api, company: Company, stopwatch: "Stopwatch"
) -> None:
    company.change(rate_limit=True)

    first = await statuses(api, 25)
    stopwatch.seconds += 4.99
    refused = await api.call("GET", "/3/customers")
    stopwatch.seconds += 0.01
    later = await statuses(api, 26)

    assert first == [200] * 25
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert not refused.headers["Content-Type"].startswith("application/json")
    assert later == [200] * 25 + [429]
    assert company.too_many_requests == 2


async def test_companies_do_not_share_a_window(api: Api, fortnox: SandboxFortnox, company: Company) -> None:
    company.change(rate_limit=True)
    fortnox.add_company(7)
    await statuses(api, 25)

    assert not fortnox.window.admits("sluss-test", TENANT)
    assert fortnox.window.admits("sluss-test", 7)
    assert fortnox.window.admits("another app", TENANT)


async def test_retry_after_is_there_when_the_company_is_set_so(api: Api, company: Company) -> None:
    company.change(rate_limit=True, retry_after=True)
    await statuses(api, 25)

    assert (await api.call("GET", "/3/customers")).headers["Retry-After"] == "5"


async def test_an_unknown_token_is_unauthorized_and_not_logged(
    http: httpx.AsyncClient, company: Company
) -> None:
    answer = await http.get("/3/orders", headers={"Authorization": "Bearer nobody"})

    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized"})
    assert company.calls == []


async def test_accept_and_content_type_must_be_json(api: Api, company: Company) -> None:
    accept = await api.http.get("/3/orders", headers={**api.headers, "Accept": "text/html"})
    plain = {**api.headers, "Content-Type": "text/plain"}
    content = await api.http.post("/3/customers", content="{}", headers=plain)

    assert accept.json()["ErrorInformation"]["code"] == 1000030
    assert content.json()["ErrorInformation"]["code"] == 1000031
    assert not company.customers


async def test_a_body_must_be_json_in_the_right_wrapper(api: Api) -> None:
    broken = await api.http.post("/3/customers", content="{", headers=api.headers)
    unwrapped = await api.refused("POST", "/3/customers", {"Name": "Anna"})

    assert broken.json()["ErrorInformation"]["code"] == 2002115
    assert unwrapped == (400, 2001392)


async def test_a_scope_that_was_not_granted_is_forbidden(fortnox: SandboxFortnox, api: Api) -> None:
    fortnox.add_company(8, scopes=("order",))
    tokens = fortnox.oauth.client_credentials("sluss-test", 8, ("order",))
    api.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    assert (await api.call("GET", "/3/orders")).status_code == 200
    assert await api.refused("GET", "/3/invoices") == (403, 2000663)


async def test_every_answer_has_a_request_id_of_its_own(api: Api) -> None:
    answers = [await api.call("GET", "/3/orders"), await api.call("GET", "/3/orders/1")]

    assert len({answer.headers["X-Uid"] for answer in answers}) == 2
    assert all(answer.headers["X-Rack-Responsetime"].isdecimal() for answer in answers)


async def test_calls_are_logged_with_method_path_query_and_status(api: Api, company: Company) -> None:
    await api.ok("GET", "/3/orders", limit="5")
    await api.customer()
    await api.refused("PUT", "/3/orders/1/cancel")

    assert [(call.method, call.path, call.query, call.status) for call in company.calls] == [
        ("GET", "/3/orders", "limit=5", 200),
        ("POST", "/3/customers", "", 201),
        ("PUT", "/3/orders/1/cancel", "", 404),
    ]
    assert [call.method for call in company.writes()] == ["POST", "PUT"]


async def test_a_slash_in_an_article_number_is_part_of_it(api: Api) -> None:
    await api.article("A/B-1")

    assert (await api.ok("GET", "/3/articles/A%2FB-1"))["ArticleNumber"] == "A/B-1"


async def test_paths_and_verbs_that_fortnox_does_not_have_are_not_found(api: Api) -> None:
    await api.order()

    assert (await api.call("GET", "/3/nothing")).status_code == 404
    assert (await api.call("DELETE", "/3/orders/1")).status_code == 404
    assert (await api.call("PUT", "/3/orders/1/bookkeep")).status_code == 404


async def test_a_restored_window_from_a_clock_that_was_ahead_does_not_lock_anybody_out(
    api: Api, company: Company, stopwatch: "Stopwatch"
) -> None:
    company.change(rate_limit=True)
    await statuses(api, 25)

    stopwatch.seconds = 1.0

    assert await statuses(api, 1) == [200]
