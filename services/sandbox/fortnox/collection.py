"""What every resource of `/3/` has in common: wrappers, lists, and which verb means what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.fields import Rules
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

API_URL = "https://api.fortnox.se/3"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True)
class Ask:
    """A request after the gate: segments are what follows the resource in the path, decoded."""

    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    body: object = None


@dataclass(frozen=True)
class Answer:
    """What goes back; bytes are a PDF unless the media type says something else."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/pdf"


class Collection:
    """One resource of one company. A subclass overrides what the resource has; the rest does not exist."""

    path: ClassVar[str]
    single: ClassVar[str]
    plural: ClassVar[str]
    scope: ClassVar[str]

    def __init__(self, company: Company) -> None:
        self.company = company

    def answer(self, ask: Ask) -> Answer:
        """Route by verb and by how deep the path is."""
        match (ask.method, *ask.segments):
            case ("GET",):
                records, meta = self.page(ask.query)
                return Answer({"MetaInformation": meta, self.plural: records})
            case ("POST",):
                return Answer(
                    self._wrapped(self.create(self.unwrapped(ask.body), ask.query)),
                    201,
                    {"Location": self.path},
                )
            case ("GET", key):
                return Answer(self._wrapped(self.get(key, ask.query)))
            case ("PUT", key):
                return Answer(self._wrapped(self.update(key, self.unwrapped(ask.body), ask.query)))
            case ("DELETE", key):
                self.delete(key)
                return Answer(None, 204)
            case (("GET" | "PUT"), key, action):
                return self.act(key, f"{ask.method} {action}")
        raise no_such_method()

    def unwrapped(self, body: object) -> object:
        """The object inside `{"Order": …}`."""
        if not isinstance(body, dict) or set(body) != {self.single}:
            raise Refusal(2001392, f"Brödtexten måste vara {{{self.single}: …}}.")
        return body[self.single]

    def _wrapped(self, record: Fields) -> Fields:
        return {self.single: record}

    @property
    def rules(self) -> Rules:
        """How this company's fields are read."""
        return Rules(self.company.switches.refuse_null, self.company.switches.empty_string_blanks)

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        """A page of list items and its MetaInformation."""
        raise no_such_method()

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        """One record in full."""
        raise no_such_method()

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        """A new record."""
        raise no_such_method()

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        """A record with some fields changed."""
        raise no_such_method()

    def delete(self, key: str) -> None:
        """Remove a record."""
        raise no_such_method()

    def act(self, key: str, action: str) -> Answer:
        """Something done to a record; the action carries its verb, `PUT cancel`."""
        raise no_such_method()


def no_such_method() -> Refusal:
    """A path or verb that Fortnox does not have."""
    return Refusal(refusals.NO_SUCH_METHOD, "Resursen eller metoden finns inte.", status=404)


def picked(record: Fields, names: str) -> Fields:
    """Some fields of a record, `@url` first."""
    return {name: record[name] for name in ["@url", *names.split()]}
