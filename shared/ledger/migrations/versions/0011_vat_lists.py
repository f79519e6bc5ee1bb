"""Documents by day, the ECB's rates of OSS returns, and what Fortnox says of VAT."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Exact, Instant, Json, Key

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_link_dated",
        "link",
        ["connection", "dated", "id"],
        sqlite_where=sa.text("dated IS NOT NULL"),
        postgresql_where=sa.text("dated IS NOT NULL"),
    )
    op.create_table(
        "ecb_rate",
        sa.Column("connection", Key, nullable=False),
        sa.Column("quarter", Key, nullable=False),
        sa.Column("currency", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", Exact(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "quarter", "currency", name=op.f("pk_ecb_rate")),
    )
    op.create_table(
        "vat_seen",
        sa.Column("connection", Key, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("accounts", Json(), nullable=False),
        sa.Column("moved", Json(), nullable=False),
        sa.Column("differences", Json(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "first", name=op.f("pk_vat_seen")),
    )


def downgrade() -> None:
    op.drop_table("vat_seen")
    op.drop_table("ecb_rate")
    op.drop_index("ix_link_dated", table_name="link")
