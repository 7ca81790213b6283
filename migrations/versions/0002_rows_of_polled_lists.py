"""Rows of polled lists: version, first and last reading, marking; announcements to be imported by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS, MOMENT = sa.String(), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Claims stored before came from lists kept by hand: no reading of a list is known, and nothing was restricted."""
    op.add_column("claims", sa.Column("source_revision", WORDS, nullable=False, server_default=""))
    op.add_column("claims", sa.Column("source_first", MOMENT, nullable=True))
    op.add_column("claims", sa.Column("source_last", MOMENT, nullable=True))
    op.add_column("claims", sa.Column("tlp", WORDS, nullable=False, server_default="TLP:CLEAR"))
    op.add_column("claims", sa.Column("pap", WORDS, nullable=False, server_default="PAP:CLEAR"))
    op.create_table(
        "announcements",
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("append_id", sa.Integer(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("announcement_id", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_precision", WORDS, nullable=False),
        sa.Column("authority", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("keywords", WORDS, nullable=False),
        sa.Column("mentions", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("note", WORDS, nullable=False),
        sa.Column("source_id", WORDS, nullable=False),
        sa.Column("source_title", WORDS, nullable=False),
        sa.Column("source_url", WORDS, nullable=False),
        sa.Column("source_place", WORDS, nullable=False),
        sa.Column("source_revision", WORDS, nullable=False),
        sa.Column("source_first", MOMENT, nullable=True),
        sa.Column("source_last", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("row_id", name="pk_announcements"),
        sa.ForeignKeyConstraint(["append_id"], ["appends.append_id"], name="fk_announcements_append_id_appends"),
    )
    op.create_index("ix_announcements_key", "announcements", ["key"], unique=False)
