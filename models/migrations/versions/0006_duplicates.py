"""Fingerprints of photos, and where hazards of a category lie."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PAGE = 500
# As models/hazards/prints.py had them on the day of this migration.
MASKS = tuple(sum(1 << bit for bit in range(part, 64, 5)) for part in range(5))


def upgrade() -> None:
    op.create_index("ix_hazards_where", "hazards", ["category", "lat", "lon"])
    prints = op.create_table(
        "hazard_prints",
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("hazard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dhash", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazards.id"], name=op.f("fk_hazard_prints_hazard_id_hazards")),
        sa.PrimaryKeyConstraint("part", "hazard_id", "dhash", name=op.f("pk_hazard_prints")),
    )
    _fill(prints)


def downgrade() -> None:
    op.drop_table("hazard_prints")
    op.drop_index("ix_hazards_where", "hazards")


def _fill(prints: sa.Table) -> None:
    """Index the photos that are there, page by page."""
    photos = sa.text(
        "SELECT DISTINCT hazard_photos.hazard_id, media.dhash FROM hazard_photos JOIN media"
        " ON media.sha = hazard_photos.sha WHERE media.dhash IS NOT NULL AND hazard_photos.hazard_id > :after"
        " AND hazard_photos.hazard_id <= :last"
    )
    last = op.get_bind().execute(sa.text("SELECT max(id) FROM hazards")).scalar() or 0
    for after in range(0, last, PAGE):
        found = op.get_bind().execute(photos, {"after": after, "last": after + PAGE}).all()
        rows = [
            {"part": part, "hazard_id": hazard_id, "dhash": dhash}
            for hazard_id, dhash in found
            for part in split(dhash)
        ]
        if rows:
            op.bulk_insert(prints, rows)


def split(dhash: int) -> list[int]:
    parts = [(dhash & (1 << 64) - 1) & mask for mask in MASKS]
    # Two parts without a bit are the same row.
    return list(dict.fromkeys(part - (1 << 64) if part >> 63 else part for part in parts))
