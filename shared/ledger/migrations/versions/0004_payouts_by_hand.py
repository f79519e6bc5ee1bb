"""Payouts: what carried debts stand for in SEK, and payments that a person has taken away."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Exact, Json

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payout", sa.Column("opening_sek", Exact(), nullable=True))
    op.add_column("payout", sa.Column("closing_sek", Exact(), nullable=True))
    op.add_column("payout_row", sa.Column("removed", Json(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("payout_row") as rows:
        rows.drop_column("removed")
    with op.batch_alter_table("payout") as payouts:
        payouts.drop_column("closing_sek")
        payouts.drop_column("opening_sek")
