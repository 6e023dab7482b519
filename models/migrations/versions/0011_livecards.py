"""Open cards are found by their key alone, in whatever chat they stand."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_card", "outbox")
    op.create_index("ix_outbox_card", "outbox", ["card_key", "chat", "platform"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outbox_card", "outbox")
    op.create_index("ix_outbox_card", "outbox", ["platform", "chat", "card_key"], unique=False)
