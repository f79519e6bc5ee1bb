"""What a chart of accounts suggests as a mapping, and what VIES has said of VAT numbers."""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Instant, Json, Key

revision = "0009"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preflight", sa.Column("proposal", Json(), nullable=True))
    op.create_table(
        "vat_number",
        sa.Column("connection", Key, nullable=False),
        sa.Column("number", Key, nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "number", name=op.f("pk_vat_number")),
    )


def downgrade() -> None:
    op.drop_table("vat_number")
    with op.batch_alter_table("preflight") as preflight:
        preflight.drop_column("proposal")
