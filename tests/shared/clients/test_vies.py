"""VIES: yes, no, and everything that is neither."""

import httpx
import pytest

from shared.clients.vies import Vies, ViesAnswer
from shared.domain.errors import Unavailable
from shared.domain.vat_numbers import VatNumber

NUMBER = VatNumber("DE136695976")


def vies(body: bytes, status: int = 200, asked: list[str] | None = None, requester: str = "") -> Vies:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(str(request.url))
        return httpx.Response(status, content=body)

    return Vies("https://vies.test/rest-api/", requester=requester, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"isValid":true,"userError":"VALID","requestIdentifier":""}', ViesAnswer(True)),
        (b'{"isValid":true,"userError":"VALID","requestIdentifier":"WAPI1"}', ViesAnswer(True, "WAPI1")),
        (b'{"valid":true,"requestIdentifier":"WAPI1"}', ViesAnswer(True, "WAPI1")),
        (b'{"isValid":false,"userError":"INVALID"}', ViesAnswer(False)),
        (b'{"isValid":false,"userError":"INVALID_INPUT"}', ViesAnswer(False)),
        (b'{"valid":false}', ViesAnswer(False)),
        (b'\xef\xbb\xbf{"ISVALID":true}', ViesAnswer(True)),
    ],
)
async def test_yes_and_no_are_read_in_both_forms(body: bytes, answer: ViesAnswer) -> None:
    assert await vies(body).check(NUMBER) == answer


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"isValid":false,"userError":"MS_UNAVAILABLE"}', 200),
        (b'{"isValid":false,"userError":"MS_MAX_CONCURRENT_REQ"}', 200),
        (b'{"actionSucceed":false,"errorWrappers":[{"error":"VOW-ERR-1"}]}', 200),
        (b'{"isValid":"yes"}', 200),
        (b"[]", 200),
        (b"<html>", 200),
        (b"", 200),
        (b"{}", 404),
        (b"blocked", 403),
    ],
)
async def test_what_is_neither_is_no_answer(body: bytes, status: int) -> None:
    with pytest.raises(Unavailable):
        await vies(body, status).check(NUMBER)


async def test_who_names_himself_gets_evidence() -> None:
    asked: list[str] = []

    await vies(b'{"valid":true}', asked=asked, requester="SE556677889901").check(VatNumber("EL123456783"))

    (url,) = asked
    path, _, query = url.partition("?")
    assert path == "https://vies.test/rest-api/ms/EL/vat/123456783"
    assert query == "requesterMemberStateCode=SE&requesterNumber=556677889901"
