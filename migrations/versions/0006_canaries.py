"""What the daily canaries saw."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table of the log."""
    texts = ("source", "name", "expected", "seen", "reason")
    op.create_table(
        "canaries",
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("append_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_canaries"),
        sa.UniqueConstraint("digest", name="uq_canaries_digest"),
        sa.ForeignKeyConstraint(["append_id"], ["appends.append_id"], name="fk_canaries_append_id_appends"),
    )
