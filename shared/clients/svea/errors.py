"""From Svea's status to the family of errors that says who acts.

Svea answers errors in three shapes (two JSON ones, and a header); reading them never fails.
"""

from typing import Any

from shared.clients.fields import Fields
from shared.clients.http import Answer
from shared.domain.errors import (
    ConnectionRevoked,
    ForeignOrder,
    InDoubt,
    RefusedBySvea,
    SlussError,
    Unavailable,
    UnknownCheckout,
    UnreadableAnswer,
)

BY_STATUS: dict[int, type[SlussError]] = {
    400: RefusedBySvea,
    401: ConnectionRevoked,
    403: ForeignOrder,
    404: UnknownCheckout,
    408: Unavailable,
    429: Unavailable,
}


def error_for(answer: Answer, *, endpoint: str, write: bool, about_an_order: bool = True) -> SlussError:
    """The error for an answer that is not 2xx. 403 and 404 mean an order only where one was asked for."""
    family = BY_STATUS.get(answer.status) or _other(answer.status, write)
    if family in (ForeignOrder, UnknownCheckout) and not about_an_order:
        family = RefusedBySvea
    words = what_svea_says(answer) or "no reason given"
    facts = {"endpoint": endpoint, "http_status": str(answer.status)}
    return family(f"Svea refused {endpoint}: {words} (status {answer.status})", facts=facts)


def what_svea_says(answer: Answer) -> str:
    """Message and fields in Svea's words; empty when there are none."""
    try:
        body: Any = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return answer.headers.get("errormessage", "")
    fields = Fields(body, of="error")
    parts = [fields.text("Message", "ErrorMessage", "error_description")]
    errors = fields.raw("Errors")
    parts += [_detail(item) for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []
    return "; ".join(part for part in parts if part) or answer.headers.get("errormessage", "")


def _detail(item: dict[str, Any]) -> str:
    fields = Fields(item, of="error")
    return ": ".join(part for part in (fields.text("Field"), fields.text("ErrorMessage", "Message")) if part)


def _other(status: int, write: bool) -> type[SlussError]:
    if status >= 500:
        return InDoubt if write else Unavailable
    return RefusedBySvea if status >= 400 else UnreadableAnswer
