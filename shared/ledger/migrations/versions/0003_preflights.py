"""Pre-flight checks: what each found, and what turned green since the one before."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Instant, Json, Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preflight",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("declaration_version", sa.Integer(), nullable=False),
        sa.Column("examined_at", Instant(), nullable=False),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("green", Json(), nullable=False),
        sa.Column("not_examined", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preflight")),
    )
    op.create_index("ix_preflight_connection_id", "preflight", ["connection", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_preflight_connection_id", table_name="preflight")
    op.drop_table("preflight")
