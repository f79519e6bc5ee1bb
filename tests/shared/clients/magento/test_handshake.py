"""The activation of an integration, our half of it, checked as the server checks it."""

import re
from urllib.parse import unquote

import httpx
import pytest

from shared.clients.factory import magento_handshake
from shared.clients.http import CallRecord
from shared.clients.magento.handshake import AccessToken
from shared.clients.magento.signer import OAuthKeys, base_string, signature
from shared.domain.errors import InDoubt, MagentoCredentials, UnreadableAnswer
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock

KEY, SECRET = "ck0123456789abcdefghijklmnopqrst", "cs0123456789abcdefghijklmnopqrst"
VERIFIER = "ve0123456789abcdefghijklmnopqrst"
REQUEST = "oauth_token=rt0123456789abcdefghijklmnopqrst&oauth_token_secret=rs0123456789abcdefghijklmnopqrst"
ACCESS = "oauth_token=at0123456789abcdefghijklmnopqrst&oauth_token_secret=as0123456789abcdefghijklmnopqrst"


class Server:
    """Answers both steps, and refuses a signature that is not right."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.answers = answers
        self.seen: list[dict[str, str]] = []
        self.records: list[CallRecord] = []

    async def gives(self, clock: Clock) -> AccessToken:
        handshake = magento_handshake(
            "https://shop.example.com/butik/",
            ServiceSettings(),
            self.records.append,
            httpx.MockTransport(self._answer),
            clock=clock,
        )
        try:
            return await handshake.access_token(KEY, SECRET, VERIFIER)
        finally:
            await handshake.close()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        step = request.url.path.rpartition("/")[2]
        oauth = {
            name: unquote(value)
            for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', request.headers["authorization"])
        }
        self.seen.append(oauth)
        claimed = oauth.pop("oauth_signature")
        keys = OAuthKeys(
            KEY, SECRET, token_secret="rs0123456789abcdefghijklmnopqrst" if step == "access" else ""
        )
        if signature(base_string("POST", str(request.url), oauth), keys) != claimed:
            return httpx.Response(401, text="oauth_problem=The+signature+is+invalid.")
        default = httpx.Response(200, text=REQUEST if step == "request" else ACCESS)
        return self.answers.get(step, default)


async def test_a_verifier_becomes_the_permanent_token(clock: Clock) -> None:
    server = Server()

    found = await server.gives(clock)

    assert found == AccessToken("at0123456789abcdefghijklmnopqrst", "as0123456789abcdefghijklmnopqrst")
    request, access = server.seen
    assert "oauth_token" not in request
    assert (access["oauth_token"], access["oauth_verifier"]) == (
        "rt0123456789abcdefghijklmnopqrst",
        VERIFIER,
    )
    assert [record.path for record in server.records] == ["/oauth/token/request", "/oauth/token/access"]


async def test_no_observer_sees_a_secret(clock: Clock) -> None:
    server = Server()

    await server.gives(clock)

    assert [(record.request, record.answer) for record in server.records] == [(None, None), (None, None)]


async def test_a_refusal_is_told_in_the_shops_words(clock: Clock) -> None:
    server = Server(request=httpx.Response(401, text="oauth_problem=Consumer+key+has+expired"))

    with pytest.raises(MagentoCredentials, match="Consumer key has expired"):
        await server.gives(clock)

    assert len(server.seen) == 1


@pytest.mark.parametrize("body", ["", "oauth_token=x", "<html>Welcome</html>"])
async def test_an_answer_without_a_token_is_not_taken(clock: Clock, body: str) -> None:
    with pytest.raises(UnreadableAnswer, match="without a token"):
        await Server(access=httpx.Response(200, text=body)).gives(clock)


async def test_an_answer_that_never_came_is_in_doubt_and_not_asked_for_again(clock: Clock) -> None:
    server = Server(access=httpx.Response(502, text="Bad Gateway"))

    with pytest.raises(InDoubt):
        await server.gives(clock)

    assert len(server.seen) == 2
