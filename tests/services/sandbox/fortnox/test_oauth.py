import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, TENANT, Api
from tests.support.clock import Clock

AUTH = (CLIENT_ID, CLIENT_SECRET)
GRANT_ERROR = {"error": "invalid_grant", "error_description": "Invalid refresh token"}


async def consent(http: httpx.AsyncClient, **more: str) -> dict[str, list[str]]:
    query = {
        "client_id": CLIENT_ID,
        "scope": "order invoice",
        "response_type": "code",
        "state": "s 1",
        **more,
    }
    answer = await http.get("/oauth-v1/auth", params=query)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


async def token(http: httpx.AsyncClient, **form: str) -> httpx.Response:
    headers = {"TenantId": form.pop("tenant")} if "tenant" in form else {}
    auth = (CLIENT_ID, form.pop("secret", CLIENT_SECRET))
    return await http.post("/oauth-v1/token", data=form, auth=auth, headers=headers)


async def test_a_consent_gives_a_code_that_works_once(http: httpx.AsyncClient) -> None:
    back = await consent(http)
    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": REDIRECT_URI}

    first, second = await token(http, **form), await token(http, **form)

    assert back["state"] == ["s 1"]
    assert first.status_code == 200
    assert set(first.json()) == {"access_token", "refresh_token", "scope", "expires_in", "token_type"}
    assert (first.json()["expires_in"], first.json()["token_type"]) == (3600, "bearer")
    assert first.json()["scope"] == "order invoice"
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_too_old_after_ten_minutes(http: httpx.AsyncClient, clock: Clock) -> None:
    back = await consent(http)

    clock.advance(timedelta(minutes=10))

    assert (await token(http, grant_type="authorization_code", code=back["code"][0])).status_code == 400


async def test_a_refresh_token_works_once_and_for_45_days(http: httpx.AsyncClient, clock: Clock) -> None:
    back = await consent(http)
    first = (await token(http, grant_type="authorization_code", code=back["code"][0])).json()

    clock.advance(timedelta(days=44))
    second = await token(http, grant_type="refresh_token", refresh_token=first["refresh_token"])
    again = await token(http, grant_type="refresh_token", refresh_token=first["refresh_token"])
    clock.advance(timedelta(days=45))
    late = await token(http, grant_type="refresh_token", refresh_token=second.json()["refresh_token"])

    assert second.status_code == 200
    assert (again.status_code, again.json()) == (400, GRANT_ERROR)
    assert again.headers["Content-Type"].startswith("text/html")
    assert (late.status_code, late.json()) == (400, GRANT_ERROR)


async def test_a_revoked_refresh_token_is_dead(http: httpx.AsyncClient) -> None:
    back = await consent(http)
    tokens = (await token(http, grant_type="authorization_code", code=back["code"][0])).json()

    form = {"token_type_hint": "refresh_token", "token": tokens["refresh_token"]}
    revoked = await http.post("/oauth-v1/revoke", data=form, auth=AUTH)
    refreshed = await token(http, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert revoked.json() == {"revoked": True}
    assert refreshed.json() == GRANT_ERROR


async def test_client_credentials_give_an_access_token_of_the_tenant_and_no_refresh_token(
    http: httpx.AsyncClient,
) -> None:
    answer = await token(http, grant_type="client_credentials", tenant=str(TENANT))

    body = answer.json()
    assert set(body) == {"access_token", "scope", "expires_in", "token_type"}
    claims = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[1] + "=="))
    assert claims["tenantId"] == TENANT


@pytest.mark.parametrize("tenant", ["999", "", "abc"])
async def test_client_credentials_are_refused_for_a_tenant_that_never_consented(
    http: httpx.AsyncClient, tenant: str
) -> None:
    answer = await token(http, grant_type="client_credentials", tenant=tenant)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_client_credentials_need_a_service_consent(http: httpx.AsyncClient, company: Company) -> None:
    company.change(service_consent=False)
    before = await token(http, grant_type="client_credentials", tenant=str(TENANT))

    await consent(http, account_type="service")
    after = await token(http, grant_type="client_credentials", tenant=str(TENANT))

    assert (before.status_code, after.status_code) == (400, 200)


async def test_a_wrong_secret_is_an_invalid_client(http: httpx.AsyncClient) -> None:
    answer = await token(http, secret="wrong", grant_type="client_credentials", tenant=str(TENANT))

    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "The client credentials are invalid",
    }


async def test_another_redirect_address_is_refused(http: httpx.AsyncClient) -> None:
    query = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": "https://elsewhere.test/"}

    assert (await http.get("/oauth-v1/auth", params=query)).status_code == 400


async def test_an_access_token_is_unauthorized_after_an_hour(api: Api, clock: Clock) -> None:
    before = await api.call("GET", "/3/orders")
    clock.advance(timedelta(hours=1))
    after = await api.call("GET", "/3/orders")

    assert before.status_code == 200
    assert (after.status_code, after.json()) == (401, {"message": "unauthorized"})


async def test_a_withdrawn_consent_ends_every_token(api: Api, fortnox: SandboxFortnox) -> None:
    fortnox.oauth.withdraw(CLIENT_ID, TENANT)

    assert (await api.call("GET", "/3/orders")).status_code == 401
    again = await token(api.http, grant_type="client_credentials", tenant=str(TENANT))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
