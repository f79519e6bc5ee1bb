"""The tables of payouts."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from shared.ledger.columns import Exact, Instant, Json, Key
from shared.ledger.metadata import metadata

payout = Table(
    "payout",
    metadata,
    Column("subject_id", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("key", Key, nullable=False),
    Column("market", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("nominal", Exact, nullable=False),
    Column("fee", Exact, nullable=False),
    Column("fee_vat", Exact, nullable=False),
    Column("paid", Exact, nullable=False),
    Column("opening_debt", Exact, nullable=False),
    Column("closing_debt", Exact, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("report", LargeBinary, nullable=False),
    Column("booked_report", LargeBinary),
    Column("chosen_on", Date),
    Column("fetched_at", Instant, nullable=False),
    Column("opening_sek", Exact),
    Column("closing_sek", Exact),
    UniqueConstraint("connection", "key"),
    Index("ix_payout_connection_dated", "connection", "dated"),
)

payout_row = Table(
    "payout_row",
    metadata,
    Column("payout_id", Key, primary_key=True),
    Column("row_key", Key, primary_key=True),
    Column("connection", Key, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payment_type", Text, nullable=False),
    Column("checkout_id", Key),
    Column("delivery_id", Text),
    Column("order_number", Key, nullable=False),
    Column("comment", Text, nullable=False),
    Column("nominal", Exact, nullable=False),
    Column("fee", Exact, nullable=False),
    Column("fee_vat", Exact, nullable=False),
    Column("paid", Exact, nullable=False),
    Column("state", Key, nullable=False),
    Column("why", Text, nullable=False),
    Column("documents", Json, nullable=False),
    Column("chosen", Key),
    Column("removed", Json, nullable=False, server_default="[]"),
    Index("ix_payout_row_connection_checkout_id", "connection", "checkout_id"),
    Index("ix_payout_row_connection_order_number", "connection", "order_number"),
)
