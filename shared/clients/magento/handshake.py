"""Our half of the activation of an integration: a verifier becomes the permanent access token.

Magento has sent us consumer key, secret and verifier (unsigned: whoever took them in has checked that the
shop is a registered one). Within 300 s of that two calls follow, both answered form-encoded:
1. `oauth/token/request`, signed with the consumer's keys alone;
2. `oauth/token/access`, signed with the request token, the verifier among what is signed.
Afterwards the integration is active, and older tokens of it are gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from shared.clients.http import Answer, HttpClient
from shared.clients.magento.errors import Said
from shared.clients.magento.signer import OAuthKeys, OAuthSigner
from shared.domain.errors import MagentoCredentials, UnreadableAnswer

REQUEST, ACCESS = "/oauth/token/request", "/oauth/token/access"


@dataclass(frozen=True)
class AccessToken:
    """Does not expire; whoever has it and the consumer's secret is the integration."""

    token: str
    secret: str


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Handshake:
    """With one shop. ``http`` has no signer of its own and keeps bodies from its observer: all secrets."""

    def __init__(self, http: HttpClient, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._http, self._clock = http, clock

    async def access_token(self, consumer_key: str, consumer_secret: str, verifier: str) -> AccessToken:
        """Raises MagentoCredentials when the shop refuses (most often: more than 300 s have passed).

        InDoubt when the last answer did not come: the merchant chooses Reauthorize, and all is repeated.
        """
        keys = OAuthKeys(consumer_key, consumer_secret)
        request = await self._token(REQUEST, keys)
        keys = OAuthKeys(consumer_key, consumer_secret, request.token, request.secret)
        return await self._token(ACCESS, keys, oauth_verifier=verifier)

    async def close(self) -> None:
        await self._http.close()

    async def _token(self, path: str, keys: OAuthKeys, **more: str) -> AccessToken:
        signer = OAuthSigner(keys, clock=self._clock)
        header = signer.authorization("POST", self._http.base_url + path, **more)
        answer = await self._http.call(
            "POST", path, headers={"Authorization": header}, idempotent=False, endpoint=f"POST {path}"
        )
        found = dict(parse_qsl(answer.body.decode("utf-8", "replace").strip()))
        if not answer.ok:
            raise _refusal(answer, found, path)
        if not found.get("oauth_token") or not found.get("oauth_token_secret"):
            raise UnreadableAnswer(f"Magento answered POST {path} without a token")
        return AccessToken(found["oauth_token"], found["oauth_token_secret"])


def _refusal(answer: Answer, found: Mapping[str, str], path: str) -> MagentoCredentials:
    words = found.get("oauth_problem") or Said(answer).words or "no reason given"
    return MagentoCredentials(
        f"Magento refused POST {path}: {words} (status {answer.status})",
        facts={"endpoint": f"POST {path}", "http_status": str(answer.status)},
    )
