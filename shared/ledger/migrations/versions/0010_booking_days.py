"""The day that a person chose for what cannot be booked on its own."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Instant, Key

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_day",
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("chosen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_booking_day_subject_id_subject")
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_booking_day")),
    )


def downgrade() -> None:
    op.drop_table("booking_day")
