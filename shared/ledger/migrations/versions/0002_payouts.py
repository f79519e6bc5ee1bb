"""Payouts and their rows; documents can be asked for by the document that they are of."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Exact, Instant, Json, Key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payout",
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("nominal", Exact(), nullable=False),
        sa.Column("fee", Exact(), nullable=False),
        sa.Column("fee_vat", Exact(), nullable=False),
        sa.Column("paid", Exact(), nullable=False),
        sa.Column("opening_debt", Exact(), nullable=False),
        sa.Column("closing_debt", Exact(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("booked_report", sa.LargeBinary(), nullable=True),
        sa.Column("chosen_on", sa.Date(), nullable=True),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_payout")),
        sa.UniqueConstraint("connection", "key", name=op.f("uq_payout_connection_key")),
    )
    op.create_index("ix_payout_connection_dated", "payout", ["connection", "dated"], unique=False)
    op.create_table(
        "payout_row",
        sa.Column("payout_id", Key, nullable=False),
        sa.Column("row_key", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payment_type", sa.Text(), nullable=False),
        sa.Column("checkout_id", Key, nullable=True),
        sa.Column("delivery_id", sa.Text(), nullable=True),
        sa.Column("order_number", Key, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("nominal", Exact(), nullable=False),
        sa.Column("fee", Exact(), nullable=False),
        sa.Column("fee_vat", Exact(), nullable=False),
        sa.Column("paid", Exact(), nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("documents", Json(), nullable=False),
        sa.Column("chosen", Key, nullable=True),
        sa.PrimaryKeyConstraint("payout_id", "row_key", name=op.f("pk_payout_row")),
    )
    op.create_index(
        "ix_payout_row_connection_checkout_id", "payout_row", ["connection", "checkout_id"], unique=False
    )
    op.create_index(
        "ix_payout_row_connection_order_number", "payout_row", ["connection", "order_number"], unique=False
    )
    op.create_index(
        "ix_link_parent",
        "link",
        ["connection", "parent"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_link_parent",
        table_name="link",
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )
    op.drop_index("ix_payout_row_connection_order_number", table_name="payout_row")
    op.drop_index("ix_payout_row_connection_checkout_id", table_name="payout_row")
    op.drop_table("payout_row")
    op.drop_index("ix_payout_connection_dated", table_name="payout")
    op.drop_table("payout")
