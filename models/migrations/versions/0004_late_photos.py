"""Photos that come late."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "late_photos",
        sa.Column("id", serial, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("person_id", serial, nullable=False),
        sa.Column("draft_id", serial, nullable=False),
        sa.Column("hazard_id", serial, nullable=True),
        sa.Column("ref", sa.String(length=512), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_late_photos_draft_id_drafts")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_late_photos_hazard_id_hazards")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_late_photos_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_photos")),
        sa.UniqueConstraint("draft_id", "ref", name=op.f("uq_late_photos_draft_id_ref")),
    )
    with op.batch_alter_table("late_photos", schema=None) as batch_op:
        batch_op.create_index(
            "ix_late_photos_next",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("late_photos", schema=None) as batch_op:
        batch_op.drop_index("ix_late_photos_next")
    op.drop_table("late_photos")
