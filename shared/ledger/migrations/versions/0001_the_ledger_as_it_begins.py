"""The ledger as it begins.

Expand first, contract in a later release: the pods of the release before still read and write.
"""

import sqlalchemy as sa
from alembic import op

from shared.ledger.columns import Exact, Instant, Json, Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column("id", Key, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("connection", Key, nullable=True),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    with op.batch_alter_table("act") as batch_op:
        batch_op.create_index("ix_act_connection_id", ["connection", "id"], unique=False)
        batch_op.create_index("ix_act_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("bootstrap", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_table(
        "connection",
        sa.Column("name", Key, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_connection")),
    )
    op.create_table(
        "credential",
        sa.Column("connection", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_credential")),
    )
    op.create_table(
        "credential_lock",
        sa.Column("connection", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_credential_lock")),
    )
    op.create_table(
        "cursor",
        sa.Column("connection", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_cursor")),
    )
    op.create_table(
        "customer",
        sa.Column("connection", Key, nullable=False),
        sa.Column("number", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("organisation_number", sa.Text(), nullable=True),
        sa.Column("email_key", Key, nullable=True),
        sa.Column("organisation_key", Key, nullable=True),
        sa.PrimaryKeyConstraint("connection", "number", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("customer") as batch_op:
        batch_op.create_index("ix_customer_connection_email_key", ["connection", "email_key"], unique=False)
        batch_op.create_index(
            "ix_customer_connection_organisation_key", ["connection", "organisation_key"], unique=False
        )

    op.create_table(
        "event",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dedupe_key", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("attributes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "connection", "source", "dedupe_key", name=op.f("uq_event_connection_source_dedupe_key")
        ),
    )
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_index("ix_event_connection_id", ["connection", "id"], unique=False)
        batch_op.create_index("ix_event_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "exchange",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("link_id", Key, nullable=True),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("url_path", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("vendor_request_id", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
    )
    with op.batch_alter_table("exchange") as batch_op:
        batch_op.create_index("ix_exchange_link_id", ["link_id"], unique=False)
        batch_op.create_index("ix_exchange_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "reply",
        sa.Column("key_id", Key, nullable=False),
        sa.Column("idempotency_key", Key, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_reply")),
    )
    with op.batch_alter_table("reply") as batch_op:
        batch_op.create_index("ix_reply_at", ["at"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "slot",
        sa.Column("job", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("slot", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("job", "connection", "slot", name=op.f("pk_slot")),
    )
    op.create_table(
        "subject",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("lane", Key, nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("summary", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("connection", "kind", "key", name=op.f("uq_subject_connection_kind_key")),
    )
    with op.batch_alter_table("subject") as batch_op:
        batch_op.create_index("ix_subject_connection_state", ["connection", "state"], unique=False)
        batch_op.create_index("ix_subject_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_subject_due",
            ["connection", "lane", "next_try_at"],
            unique=False,
            sqlite_where=sa.text("wanted > done"),
            postgresql_where=sa.text("wanted > done"),
        )
        batch_op.create_index("ix_subject_key", ["key"], unique=False)

    op.create_table(
        "alias",
        sa.Column("connection", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("value", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_alias_subject_id")),
        sa.PrimaryKeyConstraint("connection", "name", "value", name=op.f("pk_alias")),
    )
    with op.batch_alter_table("alias") as batch_op:
        batch_op.create_index("ix_alias_subject_id", ["subject_id"], unique=False)
        batch_op.create_index("ix_alias_value", ["value"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection", Key, nullable=False),
        sa.Column("system", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("reference", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("intender_id", Key, nullable=False),
        sa.Column("intender_fence", sa.BigInteger(), nullable=False),
        sa.Column("number", Key, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("draft", Json(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("parent", Key, nullable=True),
        sa.Column("notes", Json(), nullable=False),
        sa.Column("unanswered", sa.Boolean(), nullable=False),
        sa.Column("intended_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("finalised_at", Instant(), nullable=True),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("total", Exact(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_link_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "connection", "system", "kind", "reference", name=op.f("uq_link_connection_system_kind_reference")
        ),
    )
    with op.batch_alter_table("link") as batch_op:
        batch_op.create_index(
            "ix_link_bare_number",
            ["number"],
            unique=False,
            sqlite_where=sa.text("number IS NOT NULL"),
            postgresql_where=sa.text("number IS NOT NULL"),
        )
        batch_op.create_index("ix_link_reference", ["reference"], unique=False)
        batch_op.create_index("ix_link_subject_id", ["subject_id"], unique=False)
        batch_op.create_index(
            "uq_link_number",
            ["connection", "system", "kind", "number"],
            unique=True,
            sqlite_where=sa.text("number IS NOT NULL"),
            postgresql_where=sa.text("number IS NOT NULL"),
        )

    op.create_table(
        "run_item",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_item_run_id")),
        sa.PrimaryKeyConstraint("run_id", "key", name=op.f("pk_run_item")),
    )
    with op.batch_alter_table("run_item") as batch_op:
        batch_op.create_index(
            "ix_run_item_open",
            ["subject_id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.create_index("ix_run_item_run_id_position", ["run_id", "position"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("run_item") as batch_op:
        batch_op.drop_index("ix_run_item_run_id_position")
        batch_op.drop_index(
            "ix_run_item_open",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.drop_table("run_item")
    with op.batch_alter_table("link") as batch_op:
        batch_op.drop_index(
            "uq_link_number",
            sqlite_where=sa.text("number IS NOT NULL"),
            postgresql_where=sa.text("number IS NOT NULL"),
        )
        batch_op.drop_index("ix_link_subject_id")
        batch_op.drop_index("ix_link_reference")
        batch_op.drop_index(
            "ix_link_bare_number",
            sqlite_where=sa.text("number IS NOT NULL"),
            postgresql_where=sa.text("number IS NOT NULL"),
        )

    op.drop_table("link")
    with op.batch_alter_table("alias") as batch_op:
        batch_op.drop_index("ix_alias_value")
        batch_op.drop_index("ix_alias_subject_id")

    op.drop_table("alias")
    with op.batch_alter_table("subject") as batch_op:
        batch_op.drop_index("ix_subject_key")
        batch_op.drop_index(
            "ix_subject_due", sqlite_where=sa.text("wanted > done"), postgresql_where=sa.text("wanted > done")
        )
        batch_op.drop_index("ix_subject_created_at_id")
        batch_op.drop_index("ix_subject_connection_state")

    op.drop_table("subject")
    op.drop_table("slot")
    op.drop_table("run")
    with op.batch_alter_table("reply") as batch_op:
        batch_op.drop_index("ix_reply_at")

    op.drop_table("reply")
    with op.batch_alter_table("exchange") as batch_op:
        batch_op.drop_index("ix_exchange_subject_id")
        batch_op.drop_index("ix_exchange_link_id")

    op.drop_table("exchange")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_index("ix_event_subject_id")
        batch_op.drop_index("ix_event_connection_id")

    op.drop_table("event")
    with op.batch_alter_table("customer") as batch_op:
        batch_op.drop_index("ix_customer_connection_organisation_key")
        batch_op.drop_index("ix_customer_connection_email_key")

    op.drop_table("customer")
    op.drop_table("cursor")
    op.drop_table("credential_lock")
    op.drop_table("credential")
    op.drop_table("connection")
    op.drop_table("api_key")
    with op.batch_alter_table("act") as batch_op:
        batch_op.drop_index("ix_act_subject_id")
        batch_op.drop_index("ix_act_connection_id")

    op.drop_table("act")
