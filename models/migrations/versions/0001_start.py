"""The first tables.

Until the tables settle this makes whatever the models say; it is written out before the first release.
"""

from alembic import op

from models.schema import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    METADATA.drop_all(op.get_bind())
