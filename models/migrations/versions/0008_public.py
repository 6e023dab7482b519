"""Reports of strangers, and the chats that may not report any more."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ident = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "public_reports",
        sa.Column("hazard_id", ident, autoincrement=False, nullable=False),
        sa.Column("case_id", ident, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", ident, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["hazards.id"], name=op.f("fk_public_reports_case_id_hazards")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_public_reports_hazard_id_hazards")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_public_reports_person_id_people")),
        sa.PrimaryKeyConstraint("hazard_id", name=op.f("pk_public_reports")),
    )
    with op.batch_alter_table("public_reports", schema=None) as batch_op:
        batch_op.create_index("ix_public_reports_chat", ["platform", "chat", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_public_reports_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_public_reports_case_id"), ["case_id"], unique=False)
    op.create_table(
        "public_blocks",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("by_id", ident, nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_public_blocks_by_id_people")),
        sa.PrimaryKeyConstraint("platform", "chat", name=op.f("pk_public_blocks")),
    )


def downgrade() -> None:
    op.drop_table("public_blocks")
    with op.batch_alter_table("public_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_public_reports_case_id"))
        batch_op.drop_index(batch_op.f("ix_public_reports_at"))
        batch_op.drop_index("ix_public_reports_chat")
    op.drop_table("public_reports")
