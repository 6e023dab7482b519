"""Names and nicknames."""

import sqlalchemy as sa
from alembic import op

# Names that were there before are taken up by the job `index-names` or with the first caption.
UNINDEXED = sa.text("coalesce(indexed_name, '') <> name")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_names()
    _create_name_pairs()
    _add_indexed_names()


def _create_names() -> None:
    op.create_table(
        "names",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=128), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("grid_code", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("taught_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "enterprise_id IS NOT NULL OR grid_code IS NOT NULL OR person_id IS NOT NULL",
            name=op.f("ck_names_names_something"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_names_enterprise_id_enterprises"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grids.code"], name=op.f("fk_names_grid_code_grids"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_names_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["taught_by"], ["people.id"], name=op.f("fk_names_taught_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_names")),
        sa.UniqueConstraint("text", "enterprise_id", name=op.f("uq_names_text_enterprise_id")),
        sa.UniqueConstraint("text", "grid_code", name=op.f("uq_names_text_grid_code")),
    )
    with op.batch_alter_table("names", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_names_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_names_grid_code"), ["grid_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_names_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_names_standing", ["standing"], unique=False)


def _create_name_pairs() -> None:
    op.create_table(
        "name_pairs",
        sa.Column("pair", sa.String(length=24), nullable=False),
        sa.Column("name_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["name_id"], ["names.id"], name=op.f("fk_name_pairs_name_id_names"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pair", "name_id", name=op.f("pk_name_pairs")),
    )
    with op.batch_alter_table("name_pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_pairs_name_id"), ["name_id"], unique=False)


def _add_indexed_names() -> None:
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.add_column(sa.Column("indexed_name", sa.String(length=128), nullable=True))
        batch_op.create_index(
            "ix_enterprises_unindexed",
            ["name"],
            unique=False,
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )

    with op.batch_alter_table("grids", schema=None) as batch_op:
        batch_op.add_column(sa.Column("indexed_name", sa.String(length=64), nullable=True))
        batch_op.create_index(
            "ix_grids_unindexed",
            ["name"],
            unique=False,
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("indexed_name", sa.String(length=64), nullable=True))
        batch_op.create_index(
            "ix_people_unindexed",
            ["name"],
            unique=False,
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_people_unindexed",
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )
        batch_op.drop_column("indexed_name")

    with op.batch_alter_table("grids", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_grids_unindexed",
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )
        batch_op.drop_column("indexed_name")

    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_enterprises_unindexed",
            sqlite_where=UNINDEXED,
            postgresql_where=UNINDEXED,
        )
        batch_op.drop_column("indexed_name")

    with op.batch_alter_table("name_pairs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_pairs_name_id"))

    op.drop_table("name_pairs")
    with op.batch_alter_table("names", schema=None) as batch_op:
        batch_op.drop_index("ix_names_standing")
        batch_op.drop_index(batch_op.f("ix_names_person_id"))
        batch_op.drop_index(batch_op.f("ix_names_grid_code"))
        batch_op.drop_index(batch_op.f("ix_names_enterprise_id"))

    op.drop_table("names")
