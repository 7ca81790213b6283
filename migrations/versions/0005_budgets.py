"""Budgets of servers that several processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table of the work."""
    numbers = ("tokens", "counted_at", "blocked_until", "last_pause")
    op.create_table(
        "budgets",
        sa.Column("server", sa.String(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in numbers),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("server", name="pk_budgets"),
    )
