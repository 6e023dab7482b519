"""Major hazards: what is laid down, listings, the weekly message to leaders."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_leader_reports()
    _create_listings()
    _extend_measures()
    with op.batch_alter_table("hazards", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hazards_major",
            ["state", "grid_code"],
            unique=False,
            sqlite_where=sa.text("is_major"),
            postgresql_where=sa.text("is_major"),
        )


def _create_leader_reports() -> None:
    op.create_table(
        "leader_reports",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_leader_reports_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_leader_reports")),
    )
    with op.batch_alter_table("leader_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leader_reports_next_at"), ["next_at"], unique=False)


def _create_listings() -> None:
    op.create_table(
        "hazard_listings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_hazard_listings_by_id_people")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_listings_hazard_id_hazards")),
        sa.ForeignKeyConstraint(["lifted_by"], ["people.id"], name=op.f("fk_hazard_listings_lifted_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_listings")),
    )
    with op.batch_alter_table("hazard_listings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hazard_listings_chase_at",
            ["chase_at"],
            unique=False,
            sqlite_where=sa.text("chase_at IS NOT NULL"),
            postgresql_where=sa.text("chase_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_hazard_listings_hazard_id"), ["hazard_id"], unique=False)
        batch_op.create_index(
            "ix_hazard_listings_progress_at",
            ["progress_at"],
            unique=False,
            sqlite_where=sa.text("progress_at IS NOT NULL"),
            postgresql_where=sa.text("progress_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_hazard_listings_standing",
            ["hazard_id"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )


def _extend_measures() -> None:
    with op.batch_alter_table("hazard_measures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("laid_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("amount_yuan", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_foreign_key(batch_op.f("fk_hazard_measures_person_id_people"), "people", ["person_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("hazards", schema=None) as batch_op:
        batch_op.drop_index("ix_hazards_major", sqlite_where=sa.text("is_major"), postgresql_where=sa.text("is_major"))

    with op.batch_alter_table("hazard_measures", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_hazard_measures_person_id_people"), type_="foreignkey")
        batch_op.drop_column("version")
        batch_op.drop_column("person_id")
        batch_op.drop_column("amount_yuan")
        batch_op.drop_column("until")
        batch_op.drop_column("laid_on")

    with op.batch_alter_table("hazard_listings", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_hazard_listings_standing",
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_hazard_listings_progress_at",
            sqlite_where=sa.text("progress_at IS NOT NULL"),
            postgresql_where=sa.text("progress_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_hazard_listings_hazard_id"))
        batch_op.drop_index(
            "ix_hazard_listings_chase_at",
            sqlite_where=sa.text("chase_at IS NOT NULL"),
            postgresql_where=sa.text("chase_at IS NOT NULL"),
        )

    op.drop_table("hazard_listings")
    with op.batch_alter_table("leader_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leader_reports_next_at"))

    op.drop_table("leader_reports")
