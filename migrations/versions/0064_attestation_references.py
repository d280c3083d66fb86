"""Lets attestations, marks and demands refer to their subjects and carriers, one revision after their tables."""

from migrations.steps import add_reference

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    for table in ("attestation", "withdrawn_consent", "attestation_demand"):
        add_reference(table, ["subject_key"], "subject", ["subject_key"])
    for table, column in (
        ("attestation", "participant_id"),
        ("attestation_demand", "participant_id"),
        ("attestation_demand", "demanded_through"),
    ):
        add_reference(table, [column], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
