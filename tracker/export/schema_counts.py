"""Tables of counts: what the report plots, so that others can plot it again."""

from tracker.export.columns import ForeignKey, Table, count, moment, number, seconds, text
from tracker.export.lifetable import WHY
from tracker.export.rows_counts import LENGTHS
from tracker.export.schema_facts import COHORT
from tracker.model.facts import Layer
from tracker.model.views import Ending, Verdict
from tracker.model.watching import Cohort

COHORTS = (*Cohort, "all")
WHY_WORDS = (
    ": `few` (never 5 under watch), `late` (fewer than 5 before an age above 2 days), `outlived` (more than half live "
    "beyond `known_to`), `not_followed` (`known_to` is below 30 days). Empty = there is one."
)
POOLED = " `all` counts each name once; it adds unlike things and is never the primary figure."

LIFETIMES_SUMMARY = Table(
    name="lifetimes_summary",
    title="Lifetimes in groups",
    description="One row per role, cohort and layer: how many episodes were watched and how they ended.",
    columns=(
        text("curve_id", "UUIDv5 of role, cohort and layer.", required=True),
        text("role", "What the names of the group are.", required=True, of=("predecessor", "replacement")),
        text("cohort", COHORT, required=True, of=Cohort),
        text("layer", "Alive means alive at this layer.", required=True, of=Layer),
        count("episodes", "Episodes watched."),
        count("alive", "Not ended at `as_of`: right-censored, not immortal."),
        count("ended", "Ended."),
        *(count(f"ended_{ending.value}", f"Ended with cause `{ending.value}`.") for ending in Ending),
        count("found_late", "First seen at some age, at which they enter the curves."),
        count("age_not_known", "Of an age that nobody knows: in no curve."),
        *(
            column
            for end, reading in (("lo", "shortest"), ("hi", "longest"))
            for column in (
                seconds(
                    f"known_from_{end}_s",
                    f"Age at which the life table of {reading} lengths begins, the first with 5 under watch: shares "
                    "are of those alive then. Empty = never 5.",
                ),
                seconds(
                    f"known_to_{end}_s",
                    "Last age up to which it holds: from there one life under watch would stand for more than a fifth "
                    "of all, or nobody is under watch. Empty beside a beginning = to the end, all had ended.",
                ),
                seconds(f"median_{end}_s", "Median by it, of those alive at its beginning. Empty for a reason."),
                text(f"median_{end}_why", "Why there is no median" + WHY_WORDS, of=("", *WHY[:3])),
                number(
                    f"mean_30d_{end}_s",
                    "Mean seconds lived of the first 30 days by it, of those alive at its beginning. Empty for a "
                    "reason.",
                ),
                text(f"mean_30d_{end}_why", "Why there is no mean" + WHY_WORDS, of=("", *WHY[:2], WHY[3])),
            )
        ),
        moment("as_of", "Facts recorded later are not in here.", required=True),
    ),
    primary_key=("curve_id",),
)

SURVIVAL_CURVES = Table(
    name="survival_curves",
    title="Life tables",
    description=(
        "One row per group, reading of the bounds and age at which an episode ended or was censored. Episodes enter at "
        "the age at which watching began. This describes these episodes; those of one action are one decision, so no "
        "sampling interval is given."
    ),
    columns=(
        text("curve_id", "The group, see `lifetimes_summary`.", required=True),
        text(
            "bound",
            "Which reading of the interval-censored lengths. Where lives are censored the shares need not lie between "
            "the two.",
            required=True,
            of=LENGTHS,
        ),
        count("t_s", "Age in seconds."),
        count("n_risk", "Episodes entered before and not ended before this age."),
        count("n_event", "Ended at this age."),
        count("n_censor", "Still alive when last seen at this age."),
        number(
            "surv",
            "Product-limit share surviving beyond this age of those alive at `known_from` of `lifetimes_summary`, the "
            "product taken from there on. Empty before it and after `known_to`: too few were under watch to say.",
        ),
    ),
    primary_key=("curve_id", "bound", "t_s"),
    foreign_keys=(ForeignKey("curve_id", "lifetimes_summary", "curve_id"),),
)

REPLACEMENT_CURVE = Table(
    name="replacement_curve",
    title="Replacements since an action, N(t)",
    description=(
        "One row per action, cohort and step. The true count lies between `n_lo` (surely by then) and `n_hi` (possibly "
        "by then). These are bounds of measurement, not confidence intervals: within an action there is one decision. "
        "`T` is when the row's predecessor was hit: `effective_lo` to `effective_hi` of `takedowns`, else what was "
        "announced (of a `day` its 24 hours, UTC), and no later than the earliest `listed_first` of the action unless "
        "that lies before."
    ),
    columns=(
        text("action_id", "The action.", required=True),
        text("cohort", COHORT + POOLED, required=True, of=COHORTS),
        text("layer", "Appearance at this layer.", required=True, of=Layer),
        text("verdict_min", "Verdicts counted: this or stronger.", required=True, of=Verdict),
        moment("at", "The counts hold from here to the next row.", required=True),
        count(
            "t_s",
            "Seconds since the latest moment at which the action may have taken effect; negative before.",
            required=False,
        ),
        count(
            "n_lo",
            "Distinct names that surely had appeared after the action: rows of `replacements` (this action and cohort, "
            "`appearance_layer` as here, `unheard` empty) with `appeared_lo` not before the end of `T`, counted from "
            "`appeared_hi` on. "
            "Rows without `appeared_lo` and those from before are never among them; of several rows of a name the "
            "earliest is taken.",
        ),
        count(
            "n_hi",
            "Distinct names that possibly had: rows with `appeared_hi` after the beginning of `T` or empty, counted "
            "from `appeared_lo` on, or from `announced_at` of the action where that is later or there is none; rows of "
            "another `appearance_layer` count from `announced_at` on. Names that are no rows, since a source failed "
            "that could have made them replacements, are among them, too.",
        ),
        count("of", "Domains hit by the action in this cohort."),
        number("ratio_lo", "`n_lo` / `of`. May exceed 1: one domain can have several replacements."),
        number("ratio_hi", "`n_hi` / `of`."),
    ),
    primary_key=("action_id", "cohort", "layer", "at"),
    foreign_keys=(ForeignKey("action_id", "actions", "action_id"),),
)

MEASUREMENT = Table(
    name="measurement",
    title="Counts within calendar days",
    description=(
        "One row per action, cohort, basis, layer and window. Windows are calendar days (UTC) after the day of the "
        "action. Claims are dates of others; `observed` and `replay` are the tracker's own bounds, `replay` in the "
        "laboratory."
    ),
    columns=(
        text("action", "The action.", required=True),
        text("cohort", COHORT + POOLED, required=True, of=COHORTS),
        text(
            "basis",
            "Whose dates: `claim:SOURCE`, `claims:both` (two sources or more say so), `claims:either` (one or more), "
            "`registry`, `observed` or `replay`.",
            required=True,
        ),
        text("layer", "Appearance at this layer.", required=True, of=Layer),
        text("verdict_min", "Verdicts counted: this or stronger; empty for claims, which nobody judged."),
        text("window", "Calendar days after the day of the action.", required=True),
        count("count_lo", "Surely inside the window."),
        count("count_hi", "Possibly inside the window."),
        count("unknown", "Could not be placed or judged for lack of looks."),
        count("of", "Domains hit by the action in this cohort."),
        number("share_lo", "`count_lo` / `of`; may exceed 1."),
        number("share_hi", "`count_hi` / `of`; may exceed 1."),
        number(
            "expected_by_chance",
            "What the same pipeline counts on control labels, scaled to the cohort. Empty = no controls, not 0. How "
            "many there are, and the upper limit, stand in `replacement_counts` (scope `any`, `DELEGATED`).",
        ),
        count("published", "A figure somebody published for this cell. For comparison, never fitted.", required=False),
        text("assumed", "Assumptions of the scenario that the row rests on; empty in live use."),
        moment("as_of", "Facts recorded later are not in here.", required=True),
    ),
    primary_key=("action", "cohort", "basis", "layer", "window"),
)
