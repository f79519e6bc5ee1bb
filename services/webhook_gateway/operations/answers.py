"""What the operations API answers with: pydantic at the edge, made from the ledger's records in `show.py`."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.webhook_gateway.operations.booking_days import BookingDayAnswer

State = Literal["due", "running", "waiting", "needs_attention", "done", "skipped", "rejected"]
RowState = Literal["matched", "parked", "settled", "differs", "waiting"]
Kind = Literal["sale", "payout", "article", "price", "customer", "stock", "shop_document", "currency_rate"]


class Money(BaseModel):
    amount: str = Field(description="Two decimals.", examples=["1250.00"])
    currency: str | None = Field(description="ISO 4217.", examples=["SEK"])


class ProblemAnswer(BaseModel):
    code: str = Field(description="Stable; there is a page about it.", examples=["missing_mapping"])
    message: str = Field(description="What, which and how far off.")
    cure: str = Field(description="What to do, in a bookkeeper's words.")
    facts: dict[str, str] = Field(description="The numbers behind the message.")
    docs: str = Field(description="The page about this code.", examples=["docs/problems/missing_mapping.md"])


class SubjectAnswer(BaseModel):
    id: str = Field(description="Our id.", examples=["0199c0de7a"])
    connection: str = Field(examples=["acme"])
    kind: str = Field(description="What it is.", examples=["sale"])
    key: str = Field(
        description="Its name at the source: a Svea checkout id, an article number.", examples=["9300101"]
    )
    market: str | None = Field(examples=["se"])
    lane: str = Field(description="How urgent: `sale`, `settle` or `bulk`.", examples=["sale"])
    state: State = Field(examples=["done"])
    reason: str | None = Field(description="Why it was skipped or waits.", examples=[None])
    problem: ProblemAnswer | None = Field(description="Why it does not go on.")
    next_try_at: datetime | None = Field(description="When it is looked at again by itself, if it is due.")
    attempt: int = Field(description="Failed tries in a row.", examples=[0])
    failing_since: datetime | None = Field(description="When the first of them was.")
    summary: dict[str, Any] = Field(description="What the last run saw, in short.")
    created_at: datetime
    updated_at: datetime


class EventAnswer(BaseModel):
    id: str
    connection: str = Field(examples=["acme"])
    source: str = Field(description="Who told us.", examples=["svea"])
    name: str = Field(examples=["CheckoutOrder.Delivered"])
    subject_id: str | None = Field(description="What it points at.")
    market: str | None = Field(examples=["se"])
    occurred_at: datetime | None = Field(description="By the sender's clock.")
    received_at: datetime = Field(description="By ours.")
    outcome: str = Field(description="The state of its subject now, or `stored`.", examples=["done"])
    attributes: dict[str, str] = Field(
        description="What else the sender said about it; nothing was believed."
    )


class EventInFull(EventAnswer):
    body: str | None = Field(description="As it was sent; null once masked.")


class DocumentAnswer(BaseModel):
    system: str = Field(examples=["fortnox"])
    kind: str = Field(examples=["invoice"])
    reference: str = Field(description="How we name it over there.", examples=["svea:9300101:d7200501"])
    number: str | None = Field(description="Its number over there.", examples=["4711"])
    state: str = Field(description="`intended created final cancelled refused`", examples=["final"])
    total: Money | None = Field(description="As it was asked for.")
    dated: date | None
    parent: str | None = Field(description="Reference of the document it belongs to.")
    unanswered: bool = Field(description="A write went out and no answer came; it is looked for first.")
    notes: list[str] = Field(description="What a person should know about it.")
    problem_code: str | None = Field(description="Why it was refused.")
    intended_at: datetime
    created_at: datetime | None
    finalised_at: datetime | None
    cancelled_at: datetime | None


class ExchangeAnswer(BaseModel):
    system: str = Field(examples=["fortnox"])
    method: str = Field(examples=["POST"])
    path: str = Field(examples=["/3/orders"])
    status: int | None = Field(description="Null if no answer came.", examples=[201])
    outcome: str
    duration_ms: int = Field(examples=[180])
    at: datetime
    vendor_request_id: str | None = Field(description="For their support.")
    request: str | None = Field(description="Masked; null once its time is over.")
    answer: str | None = Field(description="Masked; null once its time is over.")


class PayoutOfSale(BaseModel):
    payout_id: str
    row: str
    dated: date
    kind: str = Field(examples=["Order"])
    nominal: Money
    paid: Money
    state: RowState
    why: str
    documents: list[str] = Field(description="Numbers of what it pays.")


class SubjectInFull(SubjectAnswer):
    book_on: BookingDayAnswer | None = Field(description="The day that a person chose; null if nobody did.")
    events: list[EventInFull] = Field(description="Every reason it was looked at, oldest first.")
    plan: Any = Field(
        description="The documents that should exist, as the last run planned them; null before."
    )
    documents: list[DocumentAnswer] = Field(description="The documents that we made or found.")
    payouts: list[PayoutOfSale] = Field(
        description="Of a sale: the rows of Svea's payouts that are about it."
    )
    exchanges: list[ExchangeAnswer] = Field(description="What was said to other systems, and answered.")


class Retried(BaseModel):
    retried: int = Field(description="How many are due again.", examples=[1])


class TokenAnswer(BaseModel):
    name: str = Field(examples=["fortnox"])
    expires_at: datetime | None
    updated_at: datetime


class ConnectionHealth(BaseModel):
    subjects: dict[str, int] = Field(
        description="How many subjects are in each state.", examples=[{"done": 812}]
    )
    oldest_due: datetime | None = Field(description="Since when the longest waiting one is due: the lag.")
    tokens: list[TokenAnswer] = Field(description="Credentials that expire; never their values.")
    rate_window: dict[str, Any] | None = Field(
        description="Use of Fortnox' window; null if it is not known here."
    )
    last_preflight: dict[str, Any] | None = Field(description="Findings of the last pre-flight check.")
    advice: dict[str, str] = Field(
        description="What should be known of the shop, told once: code, and the sale that showed it first."
    )


class ConnectionAnswer(BaseModel):
    name: str = Field(examples=["acme"])
    active: bool = Field(description="Whether its subjects are run.")
    version: int = Field(description="Counts the changes.", examples=[3])
    updated_at: datetime
    declaration: dict[str, Any] = Field(description='As declared; every secret is shown as {"stored": true}.')


class ConnectionInFull(ConnectionAnswer):
    health: ConnectionHealth


class RunItemAnswer(BaseModel):
    key: str = Field(description="The id or number that was asked for.", examples=["9300101"])
    state: str = Field(description="`new` and `known` are on their way; then how it ended.", examples=["new"])
    text: str = Field(description="The same for a person.", examples=["New: will be read from Svea."])
    subject_id: str | None = None
    facts: dict[str, str] = {}


class RunStarted(BaseModel):
    run_id: str = Field(description="Ask `GET /api/v1/runs/{run_id}` for progress.")
    preview: bool = Field(description="Nothing is written.")
    items: list[RunItemAnswer] = Field(description="What is known now, one line for each that was asked for.")


class RunAnswer(BaseModel):
    id: str
    connection: str = Field(examples=["acme"])
    kind: str = Field(examples=["backfill"])
    request: dict[str, Any] = Field(description="What was asked for.")
    created_at: datetime
    finished_at: datetime | None = Field(description="When the last item was settled.")
    total: int = Field(examples=[2])
    open: int = Field(description="How many are not settled yet.", examples=[0])
    counts: dict[str, int] = Field(description="How many in each state.", examples=[{"done": 2}])
    items: list[RunItemAnswer]
    next_cursor: str | None = Field(description="Asks for more items; null on the last page.")


class PreviewAnswer(BaseModel):
    run_id: str
    subject_id: str
    finished: bool = Field(description="False: it takes longer; ask `GET /api/v1/runs/{run_id}`.")
    state: str = Field(examples=["would_book"])
    text: str
    result: Any = Field(
        description="`outcome`, `drafts`, `postings` and `problem`, as the run would have them."
    )


class ActivationStarted(BaseModel):
    callback_url: str = Field(description="Enter it as the integration's Callback URL in Magento's admin.")
    identity_url: str = Field(description="Enter it as the integration's Identity link URL.")
    expires_at: datetime = Field(description="Until when an activation with them is taken; one is taken.")


class ConsentStarted(BaseModel):
    authorize_url: str = Field(
        description="Open it in a browser, as an administrator of the Fortnox company."
    )
    expires_at: datetime = Field(description="Until when the answer is taken; it is taken once.")
