"""VIES, the EU's register of VAT numbers. Slow, often partly down, and free: every answer is worth keeping.

The answer's form is documented nowhere that binds; both that are seen in the wild are read (`isValid` with
`userError`, and `valid`). What is neither is no answer.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from shared.clients.fields import Fields
from shared.clients.http import Answer, HttpClient, Observer, Transport
from shared.domain.errors import Unavailable, UnreadableAnswer
from shared.domain.vat_numbers import VatNumber

TIMEOUT = timedelta(seconds=4)
NO_NUMBER = ("INVALID", "INVALID_INPUT")


@dataclass(frozen=True)
class ViesAnswer:
    """``consultation`` is VIES' number of the answer; it gives one to those who name themselves."""

    valid: bool
    consultation: str = ""


class Vies:
    """``requester`` is the merchant's own VAT number; empty for none."""

    def __init__(
        self,
        api_url: str,
        *,
        requester: str = "",
        observer: Observer | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._http = HttpClient(
            api_url.rstrip("/"), system="vies", timeout=TIMEOUT, observer=observer, transport=transport
        )
        self._requester = requester

    async def check(self, number: VatNumber) -> ViesAnswer:
        """Raises Unavailable whenever VIES says neither yes nor no."""
        params = (
            {"requesterMemberStateCode": self._requester[:2], "requesterNumber": self._requester[2:]}
            if self._requester
            else None
        )
        path = f"/ms/{number.prefix}/vat/{quote(number.text[2:], safe='')}"
        answer = await self._http.call("GET", path, params=params, endpoint="GET /ms/{country}/vat/{number}")
        if not answer.ok:
            raise Unavailable(f"VIES answered with status {answer.status}")
        return _read(answer)

    async def close(self) -> None:
        await self._http.close()


def _read(answer: Answer) -> ViesAnswer:
    try:
        found = Fields(answer.json(), of="VIES")
    except (ValueError, UnreadableAnswer) as problem:
        raise Unavailable("VIES answered with something that is no answer") from problem
    said, error = found.raw("isValid", "valid"), found.text("userError").upper()
    if not isinstance(said, bool) or (not said and error not in ("", *NO_NUMBER)):
        raise Unavailable(f"VIES does not know: {error or 'no answer'}")
    return ViesAnswer(said, found.text("requestIdentifier"))
