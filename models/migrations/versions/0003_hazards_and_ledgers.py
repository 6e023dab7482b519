"""Hazards and ledgers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_hazard_counters()
    _create_ledger_queries()
    _create_hazards()
    _create_hazard_events()
    _create_hazard_measures()
    _create_hazard_owners()
    _create_hazard_photos()


def _create_hazard_counters() -> None:
    op.create_table(
        "hazard_counters",
        sa.Column("county", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county", "day", name=op.f("pk_hazard_counters")),
    )


def _create_ledger_queries() -> None:
    op.create_table(
        "ledger_queries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filters", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ledger_queries_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_queries")),
    )

    with op.batch_alter_table("ledger_queries", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_queries_made", ["made_at"], unique=False)


def _create_hazards() -> None:
    op.create_table(
        "hazards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("county", sa.String(length=12), nullable=False),
        sa.Column("grid_code", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("industry", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=256), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("is_major", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_before", sa.String(length=32), nullable=True),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_kind", sa.String(length=32), nullable=False),
        sa.Column("reporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_hazards_enterprise_id_enterprises")
        ),
        sa.ForeignKeyConstraint(["grid_code"], ["grids.code"], name=op.f("fk_hazards_grid_code_grids")),
        sa.ForeignKeyConstraint(["merged_into"], ["hazards.id"], name=op.f("fk_hazards_merged_into_hazards")),
        sa.ForeignKeyConstraint(["reporter_id"], ["people.id"], name=op.f("fk_hazards_reporter_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazards")),
        sa.UniqueConstraint("number", name=op.f("uq_hazards_number")),
    )

    with op.batch_alter_table("hazards", schema=None) as batch_op:
        batch_op.create_index("ix_hazards_due", ["state", "deadline"], unique=False)
        batch_op.create_index("ix_hazards_enterprise", ["enterprise_id", "state"], unique=False)
        batch_op.create_index("ix_hazards_grid", ["grid_code", "state"], unique=False)
        batch_op.create_index("ix_hazards_reported", ["reported_at"], unique=False)
        batch_op.create_index("ix_hazards_reporter", ["reporter_id", "state"], unique=False)


def _create_hazard_events() -> None:
    op.create_table(
        "hazard_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on_behalf_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photos", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_events_hazard_id_hazards")),
        sa.ForeignKeyConstraint(["on_behalf_of"], ["people.id"], name=op.f("fk_hazard_events_on_behalf_of_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_hazard_events_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_events")),
    )

    with op.batch_alter_table("hazard_events", schema=None) as batch_op:
        batch_op.create_index("ix_hazard_events_hazard", ["hazard_id", "id"], unique=False)


def _create_hazard_measures() -> None:
    op.create_table(
        "hazard_measures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_hazard_measures_by_id_people")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_measures_hazard_id_hazards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_measures")),
        sa.UniqueConstraint("hazard_id", "item", name=op.f("uq_hazard_measures_hazard_id_item")),
    )


def _create_hazard_owners() -> None:
    op.create_table(
        "hazard_owners",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_owners_hazard_id_hazards")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_hazard_owners_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_owners")),
        sa.UniqueConstraint("hazard_id", "person_id", "side", name=op.f("uq_hazard_owners_hazard_id_person_id_side")),
    )

    with op.batch_alter_table("hazard_owners", schema=None) as batch_op:
        batch_op.create_index("ix_hazard_owners_person", ["person_id", "side", "hazard_id"], unique=False)


def _create_hazard_photos() -> None:
    op.create_table(
        "hazard_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_hazard_photos_by_id_people")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_photos_hazard_id_hazards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_photos")),
        sa.UniqueConstraint("hazard_id", "sha", "kind", name=op.f("uq_hazard_photos_hazard_id_sha_kind")),
    )

    with op.batch_alter_table("hazard_photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hazard_photos_sha"), ["sha"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("hazard_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hazard_photos_sha"))

    op.drop_table("hazard_photos")
    with op.batch_alter_table("hazard_owners", schema=None) as batch_op:
        batch_op.drop_index("ix_hazard_owners_person")

    op.drop_table("hazard_owners")
    op.drop_table("hazard_measures")
    with op.batch_alter_table("hazard_events", schema=None) as batch_op:
        batch_op.drop_index("ix_hazard_events_hazard")

    op.drop_table("hazard_events")
    with op.batch_alter_table("hazards", schema=None) as batch_op:
        batch_op.drop_index("ix_hazards_reporter")
        batch_op.drop_index("ix_hazards_reported")
        batch_op.drop_index("ix_hazards_grid")
        batch_op.drop_index("ix_hazards_enterprise")
        batch_op.drop_index("ix_hazards_due")

    op.drop_table("hazards")
    with op.batch_alter_table("ledger_queries", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_queries_made")

    op.drop_table("ledger_queries")
    op.drop_table("hazard_counters")
