"""The tables. Migrations are made from these, and a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

import shared.ledger.models_payouts  # noqa: F401 tables of the same metadata
from shared.ledger.columns import Exact, Instant, Json, Key
from shared.ledger.metadata import metadata


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


# Events have no foreign key to their subject: both are written by one statement, events first.
event = Table(
    "event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("dedupe_key", Key, nullable=False),
    Column("subject_id", Key),
    Column("market", Text),
    Column("occurred_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary),
    Column("attributes", Json, nullable=False),
    UniqueConstraint("connection", "source", "dedupe_key"),
    Index("ix_event_subject_id", "subject_id"),
    Index("ix_event_connection_id", "connection", "id"),
)

subject = Table(
    "subject",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("key", Key, nullable=False),
    Column("market", Text),
    Column("lane", Key, nullable=False),
    Column("wanted", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("state", Key, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("lease_owner", Text),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("problem", Json),
    Column("reason", Text),
    Column("summary", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("looked_at", Instant),
    UniqueConstraint("connection", "kind", "key"),
    _partial_index("ix_subject_due", "connection", "lane", "next_try_at", where="wanted > done"),
    Index("ix_subject_created_at_id", "created_at", "id"),
    Index("ix_subject_connection_state", "connection", "state"),
    Index("ix_subject_key", "key"),
)

link = Table(
    "link",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("system", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("reference", Key, nullable=False),
    Column("subject_id", Key, ForeignKey("subject.id"), nullable=False),
    Column("intender_id", Key, nullable=False),
    Column("intender_fence", BigInteger, nullable=False),
    Column("number", Key),
    Column("state", Text, nullable=False),
    Column("draft", Json, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("parent", Key),
    Column("notes", Json, nullable=False),
    Column("unanswered", Boolean, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("created_at", Instant),
    Column("finalised_at", Instant),
    Column("cancelled_at", Instant),
    Column("total", Exact),
    Column("currency", Text),
    Column("dated", Date),
    Column("problem_code", Text),
    UniqueConstraint("connection", "system", "kind", "reference"),
    _partial_index(
        "uq_link_number", "connection", "system", "kind", "number", where="number IS NOT NULL", unique=True
    ),
    Index("ix_link_subject_id", "subject_id"),
    Index("ix_link_reference", "reference"),
    _partial_index("ix_link_bare_number", "number", where="number IS NOT NULL"),
    _partial_index("ix_link_parent", "connection", "parent", where="parent IS NOT NULL"),
    _partial_index("ix_link_dated", "connection", "dated", "id", where="dated IS NOT NULL"),
)

alias = Table(
    "alias",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("value", Key, primary_key=True),
    Column("subject_id", Key, ForeignKey("subject.id"), nullable=False),
    Index("ix_alias_subject_id", "subject_id"),
    Index("ix_alias_value", "value"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

exchange = Table(
    "exchange",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("subject_id", Key),
    Column("link_id", Key),
    Column("system", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("url_path", Text, nullable=False),
    Column("request", Text),
    Column("status", Integer),
    Column("answer", Text),
    Column("vendor_request_id", Text),
    Column("duration_ms", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_exchange_subject_id", "subject_id"),
    Index("ix_exchange_link_id", "link_id"),
)

act = Table(
    "act",
    metadata,
    Column("id", Key, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("connection", Key),
    Column("subject_id", Key),
    Column("detail", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_act_subject_id", "subject_id"),
    Index("ix_act_connection_id", "connection", "id"),
)

connection = Table(
    "connection",
    metadata,
    Column("name", Key, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

credential = Table(
    "credential",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_at", Instant),
    Column("updated_at", Instant, nullable=False),
)

# Apart from the credential, since the first token is fetched under a lock before there is a row.
credential_lock = Table(
    "credential_lock",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("request", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
)

run_item = Table(
    "run_item",
    metadata,
    Column("run_id", Key, ForeignKey("run.id"), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("subject_id", Key),
    Column("facts", Json, nullable=False),
    Column("settled_at", Instant),
    Index("ix_run_item_run_id_position", "run_id", "position"),
    _partial_index("ix_run_item_open", "subject_id", where="settled_at IS NULL"),
)

slot = Table(
    "slot",
    metadata,
    Column("job", Key, primary_key=True),
    Column("connection", Key, primary_key=True),
    Column("slot", Instant, primary_key=True),
    Column("taken_at", Instant, nullable=False),
    Column("result", Text),
    Column("recorded_at", Instant),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("digest", Key, nullable=False, unique=True),
    Column("bootstrap", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

reply = Table(
    "reply",
    metadata,
    Column("key_id", Key, primary_key=True),
    Column("idempotency_key", Key, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_reply_at", "at"),
)

customer = Table(
    "customer",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("number", Key, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("organisation_number", Text),
    Column("email_key", Key),
    Column("organisation_key", Key),
    Index("ix_customer_connection_email_key", "connection", "email_key"),
    Index("ix_customer_connection_organisation_key", "connection", "organisation_key"),
)

# The report is kept as Svea sent it, compressed; ``booked_report`` as it was when it was booked.
preflight = Table(
    "preflight",
    metadata,
    Column("id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("declaration_version", Integer, nullable=False),
    Column("examined_at", Instant, nullable=False),
    Column("findings", Json, nullable=False),
    Column("green", Json, nullable=False),
    Column("not_examined", Json, nullable=False),
    Column("proposal", Json),
    Index("ix_preflight_connection_id", "connection", "id"),
)

# Articles that Fortnox was found not to count. What is not here may be counted or not: nobody has looked.
uncounted_article = Table(
    "uncounted_article",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("number", Key, primary_key=True),
    Column("seen_at", Instant, nullable=False),
)

# What VIES last said of a VAT number; `consultation` is its own number of the answer, where it gives one.
vat_number = Table(
    "vat_number",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("number", Key, primary_key=True),
    Column("valid", Boolean, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("consultation", Text, nullable=False),
)

# What somebody supplied for a return: units of the currency for one euro, on the ECB's ``day``.
ecb_rate = Table(
    "ecb_rate",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("quarter", Key, primary_key=True),
    Column("currency", Key, primary_key=True),
    Column("day", Date, nullable=False),
    Column("rate", Exact, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

# What Fortnox said of one financial year's VAT when it was asked last, beside what differed from ours.
vat_seen = Table(
    "vat_seen",
    metadata,
    Column("connection", Key, primary_key=True),
    Column("first", Date, primary_key=True),
    Column("last", Date, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("accounts", Json, nullable=False),
    Column("moved", Json, nullable=False),
    Column("differences", Json, nullable=False),
)

# One per subject: where its documents go whose own day is closed.
booking_day = Table(
    "booking_day",
    metadata,
    Column("subject_id", Key, ForeignKey("subject.id"), primary_key=True),
    Column("day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("chosen_by", Text, nullable=False),
    Column("chosen_at", Instant, nullable=False),
)
