"""What the ledger hands out and takes in: frozen, free of SQL, instants always aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from shared.settings.connections import ConnectionDeclaration

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``next_cursor`` is None on the last one."""

    items: list[T]
    next_cursor: str | None = None


# ── what came in ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class IncomingEvent:
    """A reason to look at a subject; the same ``dedupe_key`` of one source is one event, for good.

    ``source``: svea svea_push magento fortnox sweep backfill operator schedule consent.
    A ``subject_key`` written ``name:value`` is first looked up as the alias ``name``, ``value``;
    any other as the alias ``subject_kind``, ``subject_key``. Without an alias it names a subject itself.
    """

    connection: str
    source: str
    name: str
    dedupe_key: str
    subject_kind: str | None
    subject_key: str | None
    market: str | None = None
    lane: str = "sale"
    occurred_at: datetime | None = None
    body: bytes = b""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wake:
    """Who should be rung: the arq job id is ``subject_id:wanted:fence``.

    A run that dies has moved the fence, so the sweep rings with a new id and arq does not swallow it.
    """

    subject_id: str
    lane: str
    wanted: int
    fence: int


@dataclass(frozen=True)
class Accepted:
    """What became of one incoming event; a duplicate has neither an id nor a subject to wake."""

    event_id: str | None
    duplicate: bool
    subject: Wake | None


@dataclass(frozen=True)
class StoredEvent:
    """An event as it is kept; ``body`` is None once masked.

    ``outcome`` is the state its subject is in now, or ``stored`` for an event without a subject.
    """

    id: str
    connection: str
    source: str
    name: str
    dedupe_key: str
    subject_id: str | None
    market: str | None
    occurred_at: datetime | None
    received_at: datetime
    body: bytes | None
    attributes: Mapping[str, str]
    outcome: str


# ── what is kept in step ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Problem:
    """Why a subject does not go on, and what a person can do about it."""

    code: str
    message: str
    cure: str
    facts: dict[str, str] = field(default_factory=dict)
    trace: str | None = None


@dataclass(frozen=True)
class Subject:
    """The thing a run brings up to date; due while ``wanted > done``.

    ``state``: due running waiting needs_attention done skipped rejected.
    """

    id: str
    connection: str
    kind: str
    key: str
    market: str | None
    lane: str
    wanted: int
    done: int
    state: str
    next_try_at: datetime
    attempt: int
    failing_since: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    fence: int
    problem: Problem | None
    reason: str | None
    summary: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    looked_at: datetime | None = None  # when a run last ended


@dataclass(frozen=True)
class Lease:
    """The right to work on one subject; ``fence`` is what every write has to show."""

    subject: Subject
    owner: str
    fence: int
    wanted: int
    until: datetime


# ── what was booked ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Link:
    """Their document is our document. ``state``: intended created final cancelled refused."""

    id: str
    connection: str
    system: str
    kind: str
    reference: str
    subject_id: str
    number: str | None
    state: str
    draft: dict[str, Any]
    content_hash: str
    parent: str | None
    notes: list[str]
    unanswered: bool
    intended_at: datetime
    created_at: datetime | None
    finalised_at: datetime | None
    cancelled_at: datetime | None
    total: Decimal | None
    currency: str | None
    dated: date | None
    problem_code: str | None = None


@dataclass(frozen=True)
class Intent:
    """``fresh``: nobody can have written this document before; else look for it first."""

    link: Link
    fresh: bool


# ── what was said ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Exchange:
    """One request to another system and its answer; the bodies come in already masked."""

    id: str
    connection: str
    subject_id: str | None
    link_id: str | None
    system: str
    method: str
    url_path: str
    request: str | None
    status: int | None
    answer: str | None
    vendor_request_id: str | None
    duration_ms: int
    at: datetime
    outcome: str


@dataclass(frozen=True)
class Act:
    """Something a person or a key did."""

    id: str
    actor: str
    action: str
    connection: str | None
    subject_id: str | None
    detail: dict[str, Any]
    at: datetime


# ── tenants and their secrets ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StoredConnection:
    """A connection with its real secrets; ``version`` counts the changes."""

    name: str
    declaration: ConnectionDeclaration
    active: bool
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class StoredToken:
    """A decrypted credential; show ``version`` when you replace it."""

    value: dict[str, Any]
    version: int
    expires_at: datetime | None


@dataclass(frozen=True)
class TokenMetadata:
    """What may be shown of a credential."""

    name: str
    version: int
    expires_at: datetime | None
    updated_at: datetime


# ── runs, slots, keys, replies ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RunItem:
    """One line of a run; open until ``Runs.item_done``."""

    key: str
    state: str
    text: str
    subject_id: str | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A backfill or preview. ``counts`` has the number of items by state, ``open`` how many are unsettled."""

    id: str
    connection: str
    kind: str
    request: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    total: int
    open: int
    counts: dict[str, int]
    items: Page[RunItem]


@dataclass(frozen=True)
class OpenRunItem:
    """An item that still waits for its subject's run to end."""

    run_id: str
    kind: str
    key: str


@dataclass(frozen=True)
class Slot:
    """One tick of one job of one connection."""

    job: str
    connection: str
    slot: datetime
    taken_at: datetime
    result: str | None
    recorded_at: datetime | None


@dataclass(frozen=True)
class ApiKey:
    id: str
    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class ApiKeyListing:
    """A key as an operator may see it; the key itself cannot be shown again."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class StoredReply:
    """The answer a write got the first time."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Conflict:
    """The idempotency key was used before, for a different request."""


@dataclass(frozen=True)
class CustomerRow:
    number: str
    name: str | None
    email: str | None
    organisation_number: str | None
