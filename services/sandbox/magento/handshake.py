"""The activation of an integration (magento.md 1.7): credentials posted out, a token fetched, exchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlencode

import httpx

from services.sandbox.magento.oauth import KEY_LENGTH, Integration, OAuthCheck, SignedRequest
from services.sandbox.magento.refusals import Refused

POST_TIMEOUT_SECONDS = 5
FETCH_WITHIN = timedelta(seconds=300)
FORM = "text/html; charset=UTF-8"
"""What the two endpoints call their form-encoded answers."""


class Handshake:
    """Of one shop. `secret` makes strings of 32 characters."""

    def __init__(
        self,
        integrations: list[Integration],
        check: OAuthCheck,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
    ) -> None:
        self._integrations = integrations
        self._check = check
        self._clock = clock
        self._secret = secret

    def begin(self, resources: set[str] | None = None) -> Integration:
        """A new integration without tokens, as the admin's Activate makes it."""
        integration = Integration(
            consumer_id=len(self._integrations) + 1,
            consumer_key=self._secret(),
            consumer_secret=self._secret(),
            resources=resources,
            verifier=self._secret(),
            posted_at=self._clock(),
        )
        self._integrations.append(integration)
        return integration

    async def post(
        self,
        integration: Integration,
        callback_url: str,
        base_url: str,
        transport: httpx.AsyncBaseTransport | None,
    ) -> int | None:
        """Hand the credentials to the callback: unsigned, 5 s, no redirects; nobody looks at the answer."""
        form = {
            "oauth_consumer_key": integration.consumer_key,
            "oauth_consumer_secret": integration.consumer_secret,
            "store_base_url": base_url,
            "oauth_verifier": integration.verifier,
        }
        integration.posted_at = self._clock()
        async with httpx.AsyncClient(
            transport=transport, timeout=POST_TIMEOUT_SECONDS, trust_env=False, follow_redirects=False
        ) as client:
            try:
                answer = await client.post(callback_url, data=form)
            except httpx.HTTPError:
                return None
        return answer.status_code

    def answer(self, endpoint: str, request: SignedRequest | None) -> tuple[int, str]:
        """(status, form-encoded body) of `/oauth/token/request` or `/oauth/token/access`."""
        try:
            given = self._request_token if endpoint == "request" else self._access_token
            if request is None:
                raise Refused("oauth_consumer_key is a required field.")
            return 200, urlencode(given(request))
        except Refused as refused:
            return refused.status, f"oauth_problem={quote_plus(_filled(refused))}"

    def _request_token(self, request: SignedRequest) -> Mapping[str, str]:
        integration = self._check.consumer(request)
        self._check.must_be_signed(request, integration, "")
        if integration.posted_at is None or self._clock() - integration.posted_at > FETCH_WITHIN:
            raise Refused("Consumer key has expired", status=401)
        integration.request_token = self._secret()
        integration.request_token_secret = self._secret()
        return _token(integration.request_token, integration.request_token_secret)

    def _access_token(self, request: SignedRequest) -> Mapping[str, str]:
        integration = self._check.consumer(request, "oauth_token", "oauth_verifier")
        sent = request.parameters
        if not integration.request_token or sent["oauth_token"] != integration.request_token:
            raise Refused("Specified token does not exist", status=401)
        if len(sent["oauth_verifier"]) != KEY_LENGTH or sent["oauth_verifier"] != integration.verifier:
            raise Refused("The token verifier is invalid. Verify and try again.", status=401)
        self._check.must_be_signed(request, integration, integration.request_token_secret)
        integration.request_token = ""
        integration.access_token = self._secret()
        integration.access_token_secret = self._secret()
        return _token(integration.access_token, integration.access_token_secret)


def _token(token: str, secret: str) -> Mapping[str, str]:
    return {"oauth_token": token, "oauth_token_secret": secret}


def _filled(refused: Refused) -> str:
    text = refused.message
    parameters = refused.parameters or ()
    named = parameters.items() if isinstance(parameters, Mapping) else enumerate(parameters, 1)
    for name, value in named:
        text = text.replace(f"%{name}", str(value))
    return text
