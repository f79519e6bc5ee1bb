"""From Magento's status and words to the family of errors that says who acts.

Magento has no error codes, and gives 401 for wrong credentials and for missing rights alike: words
decide. They are English whatever the shop's language as long as nobody translated them, so the status
decides where no words are known. Bodies are JSON with placeholders, HTML, a line of text, or nothing.
"""

import html
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.clients.http import Answer
from shared.domain.errors import (
    InDoubt,
    MagentoCredentials,
    MagentoRights,
    RefusedByMagento,
    SlussError,
    Unavailable,
    UnreadableAnswer,
)

MAINTENANCE = timedelta(minutes=1)
LONGEST_WORDS = 300


class NotFound(RefusedByMagento):
    """Magento says that this entity does not exist."""


class NoRoute(RefusedByMagento):
    """Magento does not know the path: the module is not installed, or the base address is wrong."""


class TooMany(RefusedByMagento):
    """The shop limits pages or lists to ``maximum``; less at once goes through."""

    maximum = 1


class WrongSignature(MagentoCredentials):
    """Wrong secrets, or the shop sees another address than we sign, or undoes other escapes."""


BY_WORDS: tuple[tuple[re.Pattern[str], type[SlussError]], ...] = (
    (re.compile(r"isn't authorized to access"), MagentoRights),
    (re.compile(r"signature is invalid", re.IGNORECASE), WrongSignature),
    (re.compile(r"\bnonce\b|oauth_\w+|Oauth version|Signature method", re.IGNORECASE), MagentoCredentials),
    (re.compile(r"^consumer key|^a consumer having|^consumer\b.*expired", re.IGNORECASE), MagentoCredentials),
    (
        re.compile(r"specified token|token length|token.*(revoked|rejected)", re.IGNORECASE),
        MagentoCredentials,
    ),
    (re.compile(r"does not match any route"), NoRoute),
    (re.compile(r"^Maximum (SearchCriteria pageSize|items of type)\b"), TooMany),
    (re.compile(r"deadlock|lock wait timeout|try restarting transaction", re.IGNORECASE), Unavailable),
    (re.compile(r"try again later", re.IGNORECASE), Unavailable),
)
BY_STATUS: dict[int, type[SlussError]] = {
    401: MagentoCredentials,
    404: NotFound,
    408: Unavailable,
    429: Unavailable,
}


class Said:
    """What an error answer says, whatever its shape, with its placeholders filled in."""

    def __init__(self, answer: Answer) -> None:
        self.words, self.parameters, self.by_magento = "", dict[str, str](), False
        try:
            body: Any = answer.json()
        except ValueError:
            self.words = _plain(answer.body)
            return
        if not isinstance(body, Mapping):
            return
        self.by_magento = True
        if isinstance(body.get("messages"), Mapping):  # of a fatal error
            self.words = "; ".join(_each_filled(body["messages"].get("error")))
            return
        errors = _each_filled(body.get("errors"))
        own = filled(body)
        self.words = f"{own} ({'; '.join(errors)})" if errors else own
        self.parameters = _by_name(body.get("parameters"))

    @property
    def report(self) -> str:
        """The id under which the shop's log has the cause."""
        found = re.search(r"Report ID: ([\w-]+)", self.words)
        return found[1] if found else ""


def understood(answer: Answer) -> bool:
    """Whether a 5xx says clearly that nothing was done, or is better read than sent again.

    Maintenance is refused before anything runs. A masked error has a report in the shop's log, and an
    unknown column in a filter gives one too, each time: ``calls`` decides what that means.
    """
    return is_maintenance(answer) or bool(answer.status == 500 and Said(answer).report)


def is_maintenance(answer: Answer) -> bool:
    """Magento's own page, not that of a proxy behind which a write may be under way."""
    return answer.status == 503 and b"Error 503: Service Unavailable" in answer.body


def error_for(answer: Answer, *, endpoint: str, write: bool) -> SlussError:
    """The error for an answer that is not 2xx."""
    said = Said(answer)
    facts = {"endpoint": endpoint, "http_status": str(answer.status)}
    if said.report:
        facts["report"] = said.report
    if resource := said.parameters.get("resources"):
        facts["resource"] = resource
    text = f"Magento refused {endpoint}: {said.words or 'no reason given'} (status {answer.status})"
    family = _family(answer, said)
    if is_maintenance(answer):
        return Unavailable(f"Magento is in maintenance: {endpoint}", retry_after=MAINTENANCE, facts=facts)
    if family is Unavailable and answer.status >= 500 and write:
        return InDoubt(f"{text}: it may or may not have happened", facts=facts)
    if 300 <= answer.status < 400:
        text += f": it points to {answer.headers.get('location', 'nowhere')}; is base_url the shop's own?"
    error = family(text, facts=facts)
    if isinstance(error, TooMany) and (limit := said.parameters.get("max", "")).isdecimal():
        error.maximum = max(int(limit), 1)
    return error


def _family(answer: Answer, said: Said) -> type[SlussError]:
    if answer.status in (400, 401, 404):
        for words, family in BY_WORDS:
            if words.search(said.words):
                return family
    if answer.status == 404 and not said.by_magento:
        return NoRoute  # of a server in front of the shop: no word about the entity
    if answer.status in BY_STATUS:
        return BY_STATUS[answer.status]
    if answer.status >= 500:
        return Unavailable
    return RefusedByMagento if answer.status >= 400 else UnreadableAnswer


def filled(error: Mapping[str, Any]) -> str:
    """`%1` of a list, `%fieldName` of an object; what is not given stays as it is.

    The price end points give a list to a message with names: it fills them in turn.
    """
    message = str(error.get("message") or "")
    parameters = _by_name(error.get("parameters"))
    if not parameters:
        return message
    if isinstance(error.get("parameters"), list) and not re.search(r"%\d", message):
        in_turn = iter(parameters.values())
        return re.sub(r"%[a-zA-Z]\w*", lambda found: next(in_turn, found[0]), message)
    names = sorted(parameters, key=len, reverse=True)  # %10 before %1
    pattern = "%(" + "|".join(re.escape(name) for name in names) + ")"
    return re.sub(pattern, lambda found: parameters[found[1]], message)


def _each_filled(errors: Any) -> list[str]:
    found = errors if isinstance(errors, list) else []
    return [filled(error) for error in found if isinstance(error, Mapping)]


def _by_name(parameters: Any) -> dict[str, str]:
    if isinstance(parameters, Mapping):
        return {str(name): _shown(value) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return {str(number): _shown(value) for number, value in enumerate(parameters, start=1)}
    return {}


def _shown(value: Any) -> str:
    return ", ".join(_shown(item) for item in value) if isinstance(value, list) else str(value)


def _plain(body: bytes) -> str:
    """The title of a page, or the first line of a text."""
    text = body.decode("utf-8", "replace").strip()
    title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    found = html.unescape(title[1]) if title else re.sub(r"<[^>]*>", " ", text)
    return " ".join(found.split())[:LONGEST_WORDS]
