"""Articles that Fortnox was found not to count, so that a pass need not ask for each of them again."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Instant, Key

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uncounted_article",
        sa.Column("connection", Key, nullable=False),
        sa.Column("number", Key, nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "number", name=op.f("pk_uncounted_article")),
    )


def downgrade() -> None:
    op.drop_table("uncounted_article")
