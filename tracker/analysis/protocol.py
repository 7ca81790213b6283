"""What is measured, fixed before it is measured: the primary figure, the rules, the windows, and a hash over them.

Whoever publishes the hash before an event can show afterwards that the figure was not chosen by its result.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

from tracker.analysis import states, timeline, versions, weights
from tracker.analysis.displacement import COHORTS
from tracker.analysis.footing import WINDOWS
from tracker.analysis.policy import POLICY
from tracker.analysis.rules import RULES
from tracker.model.views import REPLACEMENT_VERDICTS

PRIMARY: Mapping[str, str] = {
    "figure": "distinct names registered anew under the very label of a domain hit by the action, judged to replace it",
    "scope": versions.PRIMARY.scope.value,
    "cohort": versions.PRIMARY.cohort,
    "layer": versions.PRIMARY.layer.value,
    "window": versions.PRIMARY.window,
    "verdict_min": versions.PRIMARY.verdict_min.value,
    "time": "calendar days in UTC; what is left of the day of the action belongs to the window",
    "form": "lower and upper count; beside it what could not be told, and what control labels give by chance",
}
"""The one figure named beforehand. Every other figure of a report is exploratory."""


def protocol() -> Mapping[str, object]:
    """Everything that decides the primary figure, as plain values: thresholds, weights, rules, windows, policies."""
    return {
        "primary": dict(PRIMARY),
        "cohorts_never_pooled": [cohort for cohort in COHORTS if cohort != "all"],
        "windows_days": dict(WINDOWS),
        "counted_verdicts": sorted(REPLACEMENT_VERDICTS),
        "thresholds": {
            "prior_bits": POLICY.prior_bits,
            "likely_bits": POLICY.likely_bits,
            "possible_bits": POLICY.possible_bits,
            "ruled_out_bits": POLICY.ruled_out_bits,
            "family_bits": POLICY.family_bits,
            "joint_bits": POLICY.joint_bits,
            "families_required": POLICY.families_required,
        },
        "rules": [
            {
                "rule_id": rule.rule_id,
                "family": rule.family.value,
                "group": rule.group,
                "excludes": rule.excludes,
                "proves": rule.proves,
                "basis": rule.basis,
            }
            for rule in RULES
        ],
        "weights": {name: _plain(value) for name, value in sorted(vars(weights).items()) if name.isupper()},
        "endings": _plain(asdict(timeline.POLICY)),
        "states": _plain(asdict(states.POLICY)),
    }


def protocol_hash() -> str:
    """SHA-256 over `protocol()` as JSON with sorted keys; it moves when anything in it does, and not otherwise."""
    text = json.dumps(protocol(), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
