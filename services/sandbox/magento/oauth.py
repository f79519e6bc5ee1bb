"""Who calls: integrations, their four credentials, and the nonces they spent."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox.magento.refusals import Refused, required
from services.sandbox.magento.signing import header_parameters, signature

KEY_LENGTH = 32
AHEAD_LIMIT = timedelta(seconds=600)
METHOD = "HMAC-SHA256"
REQUIRED = (
    "oauth_consumer_key",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_nonce",
    "oauth_timestamp",
)


@dataclass
class Integration:
    """One row of the admin's list of integrations. `resources` None: everything is granted."""

    consumer_id: int
    consumer_key: str
    consumer_secret: str
    access_token: str = ""
    access_token_secret: str = ""
    resources: set[str] | None = None
    nonces: set[str] = field(default_factory=set)
    verifier: str = ""
    posted_at: datetime | None = None
    """When the handshake's credentials were posted; the request token must be fetched within 300 s."""
    request_token: str = ""
    request_token_secret: str = ""

    def may(self, resource: str) -> bool:
        return self.resources is None or resource in self.resources


@dataclass(frozen=True)
class SignedRequest:
    method: str
    url: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, method: str, url: str, authorization: str) -> SignedRequest | None:
        """None when the header speaks no OAuth."""
        parameters = header_parameters(authorization)
        return None if parameters is None else cls(method, url, parameters)


class OAuthCheck:
    """`times`: the clocks by which a timestamp may be judged; one that accepts it is enough."""

    def __init__(self, integrations: list[Integration], times: Callable[[], tuple[datetime, ...]]) -> None:
        self._integrations = integrations
        self._times = times

    def caller(self, request: SignedRequest) -> Integration:
        """In the server's order: parameters, consumer, nonce (spent from here on), token, signature."""
        sent = request.parameters
        integration = self.consumer(request, "oauth_token")
        if not integration.access_token or sent["oauth_token"] != integration.access_token:
            raise Refused("Specified token does not exist", status=401)
        self.must_be_signed(request, integration, integration.access_token_secret)
        return integration

    def consumer(self, request: SignedRequest, *also_required: str) -> Integration:
        """The consumer of a request whose parameters are all right, with its nonce spent."""
        sent = request.parameters
        _must_have_parameters(sent, (*REQUIRED, *also_required))
        integration = self._by_key(sent["oauth_consumer_key"])
        self._spend_nonce(integration, sent["oauth_nonce"], sent["oauth_timestamp"])
        return integration

    def must_be_signed(self, request: SignedRequest, integration: Integration, token_secret: str) -> None:
        wanted = signature(
            request.method,
            request.url,
            request.parameters,
            consumer_secret=integration.consumer_secret,
            token_secret=token_secret,
        )
        if not hmac.compare_digest(wanted.encode(), request.parameters["oauth_signature"].encode()):
            raise Refused("The signature is invalid. Verify and try again.", status=401)

    def _by_key(self, key: str) -> Integration:
        if len(key) != KEY_LENGTH:
            raise Refused("Consumer key is not the correct length", status=401)
        for integration in self._integrations:
            if integration.consumer_key == key:
                return integration
        raise Refused("A consumer having the specified key does not exist", status=401)

    def _spend_nonce(self, integration: Integration, nonce: str, timestamp: str) -> None:
        """The column takes 32 characters, and a longer nonce is cut without a word."""
        seconds = int(timestamp) if timestamp.isdigit() else 0
        limits = [(now + AHEAD_LIMIT).timestamp() for now in self._times()]
        if seconds <= 0 or seconds > max(limits):
            raise Refused("An error occurred validating the nonce", status=401)
        spent = nonce[:KEY_LENGTH]
        if spent in integration.nonces:
            text = "The nonce is already being used by the consumer with ID %1"
            raise Refused(text, [str(integration.consumer_id)], status=401)
        integration.nonces.add(spent)


def _must_have_parameters(sent: dict[str, str], names: tuple[str, ...]) -> None:
    version = sent.get("oauth_version", "1.0")
    if version != "1.0":
        raise Refused('The "%1" Oauth version isn\'t supported.', [version])
    missing = [required(name) for name in names if not sent.get(name)]
    if len(missing) == 1:
        raise missing[0]
    if missing:
        raise Refused("One or more input exceptions have occurred.", errors=[one.body() for one in missing])
    if "oauth_token" in sent and len(sent["oauth_token"]) != KEY_LENGTH:
        raise Refused("The token length is invalid. Check the length and try again.")
    if sent["oauth_signature_method"] != METHOD:
        raise Refused("Signature method %1 is not supported", [sent["oauth_signature_method"]])
