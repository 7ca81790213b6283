"""What reviewers do not want to be shown for a while, and who reported a name to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables of the log."""
    op.create_table(
        "mutes",
        *recorded(),
        *texts("scope value"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        *texts("reviewer reason"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_mutes"),
        sa.UniqueConstraint("digest", name="uq_mutes_digest"),
        sa.ForeignKeyConstraint(["append_id"], ["appends.append_id"], name="fk_mutes_append_id_appends"),
    )
    op.create_table(
        "complaints",
        *recorded(),
        *texts("key name reported_to channel"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        *texts("reported_precision reported_by answer"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_precision", sa.String(), nullable=True),
        *texts("reference"),
        sa.PrimaryKeyConstraint("row_id", name="pk_complaints"),
        sa.ForeignKeyConstraint(["append_id"], ["appends.append_id"], name="fk_complaints_append_id_appends"),
    )
    op.create_index("ix_complaints_key", "complaints", ["key"], unique=False)


def recorded() -> "list[sa.Column[object]]":
    """What every row of the log has, and the digest of its content."""
    return [
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("append_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    ]


def texts(names: str) -> "list[sa.Column[object]]":
    """Text columns that are never NULL, their names in one text."""
    return [sa.Column(name, sa.String(), nullable=False) for name in names.split()]
