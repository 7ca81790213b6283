"""Tables of what surrounds a count: its versions, times to the first replacement, what was missed, what came late."""

from tracker.analysis.tallies import LEVELS, Scope
from tracker.export.columns import ForeignKey, Table, count, flag, moment, number, seconds, text
from tracker.export.rows_counts import LENGTHS
from tracker.export.schema_counts import COHORTS, POOLED
from tracker.export.schema_facts import COHORT
from tracker.model.facts import Layer
from tracker.model.views import Ending
from tracker.model.watching import Cohort

OF_ACTION = ForeignKey("action_id", "actions", "action_id")

REPLACEMENT_COUNTS = Table(
    name="replacement_counts",
    title="One count in all its versions",
    description=(
        "One row per action, cohort, scope, layer, verdict level and window. The row with `primary` true was named "
        "beforehand; all others are exploratory. Bounds of measurement, not confidence intervals: an action is one "
        "decision."
    ),
    columns=(
        text("action_id", "The action.", required=True),
        text("cohort", COHORT + POOLED, required=True, of=COHORTS),
        text("scope", "`same_label` counts names that keep the label they answer, `any` all.", required=True, of=Scope),
        text("layer", "Appearance at this layer.", required=True, of=Layer),
        text("verdict_min", "Verdicts counted: this or stronger.", required=True, of=LEVELS),
        text("window", "Calendar days (UTC) after the day of the action.", required=True),
        count("count_lo", "Distinct names that surely appeared inside the window."),
        count("count_hi", "Distinct names that possibly did."),
        count("unknown", "Could not be placed (in `count_hi`) or not be judged (not in it) for lack of looks."),
        count("of", "Domains hit by the action in this cohort."),
        number("ratio_lo", "`count_lo` / `of`. May exceed 1."),
        number("ratio_hi", "`count_hi` / `of`. May exceed 1."),
        number(
            "expected_by_chance",
            "The same count on control labels, scaled. Empty = no controls, or none of one of the cohorts, not 0.",
        ),
        number(
            "chance_hi",
            "Upper 95 % limit of that (exact Poisson, two-sided), scaled likewise: what 0 is compatible with. Empty "
            "likewise.",
        ),
        count("controls", "Control labels watched for this cohort: the n of chance."),
        number("excess_lo", "`count_lo` less chance; may be negative."),
        number("excess_hi", "`count_hi` less chance; may be negative."),
        flag("primary", "Whether this is the figure that was named beforehand."),
        moment("as_of", "Facts recorded later are not in here.", required=True),
    ),
    primary_key=("action_id", "cohort", "scope", "layer", "verdict_min", "window"),
    foreign_keys=(OF_ACTION,),
)

PLACEBO_DATES = Table(
    name="placebo_dates",
    title="The primary figure on days on which nothing happened",
    description=(
        "One row per action and placebo date: the primary figure, by the same rules, had the action come on that day, "
        "with all that the log knew later hidden. Up to five dates before the action, two days apart, as far back as "
        "its labels were swept; none where nobody looked before it."
    ),
    columns=(
        text("action_id", "The action.", required=True),
        moment("day", "Midnight (UTC) of the placebo date.", required=True),
        count("count_lo", "Distinct names that would surely have been counted."),
        count("count_hi", "Distinct names that would possibly have been."),
        moment("as_of", "Facts recorded later are not in here.", required=True),
    ),
    primary_key=("action_id", "day"),
    foreign_keys=(OF_ACTION,),
)

FIRST_REPLACEMENTS = Table(
    name="first_replacements",
    title="Time to the first replacement",
    description="One row per domain hit by an action, those without a replacement included: without them you select.",
    columns=(
        text("action_id", "The action.", required=True),
        text("predecessor", "The domain that was hit.", required=True),
        text("cohort", COHORT, required=True, of=Cohort),
        text("domain", "The name that was proved first. Empty = none yet, not never."),
        seconds("lag_lo_s", "Shortest time from the takedown as stated. Negative = in advance. Empty = unbounded."),
        seconds("lag_hi_s", "Longest time."),
        moment("followed_until", "Looked for until here.", required=True),
    ),
    primary_key=("action_id", "predecessor"),
    foreign_keys=(OF_ACTION,),
)

SUFFIX_BLINDNESS = Table(
    name="suffix_blindness",
    title="What could not be known, by suffix",
    description=(
        "One row per action and suffix of which something was not known in the 30 days after. A suffix asked but not "
        "listed told everything. What is missing is not missing at random."
    ),
    columns=(
        text("action_id", "The action.", required=True),
        text("suffix", "What follows the first label of a name.", required=True),
        count("sweeps", "Sweeps that asked it."),
        count("sweeps_failed", "Of these, sweeps whose control questions failed there: nothing is known from them."),
        count("looks", "Looks at names below it."),
        count("looks_unsure", "Of these, looks that could not tell."),
        count("unjudged", "Candidates below it that lack the looks to be judged."),
    ),
    primary_key=("action_id", "suffix"),
    foreign_keys=(OF_ACTION,),
)

REPORTING_TRIANGLE = Table(
    name="reporting_triangle",
    title="When what appeared became known",
    description=(
        "One row per week in which a replacement was first proved to be there and weeks until it was put forward. "
        "Recent weeks are not complete; cells whose week is not over have no row."
    ),
    columns=(
        moment("appeared_week", "Monday of the ISO week (UTC) of the first proof.", required=True),
        count("weeks_later", "Put forward so many weeks later; the largest means that or more."),
        count("names", "Distinct names, by verdicts as they stand."),
    ),
    primary_key=("appeared_week", "weeks_later"),
)

ENDING_CURVES = Table(
    name="ending_curves",
    title="How they ended, by age",
    description=(
        "Cumulative incidence (Aalen-Johansen) of each competing ending, by group, reading and age. The "
        "shares of all endings and `surv` of `survival_curves` add up to 1, and are given at the same ages. One "
        "action is one decision: no interval."
    ),
    columns=(
        text("curve_id", "The group, see `lifetimes_summary`.", required=True),
        text("bound", "Which reading of the interval-censored lengths.", required=True, of=LENGTHS),
        text("ending", "The cause.", required=True, of=Ending),
        count("t_s", "Age in seconds."),
        count("n_event", "Ended so at this age."),
        number("share", "Share ended so by this age; not 1 - a curve that censors the others.", required=True),
    ),
    primary_key=("curve_id", "bound", "ending", "t_s"),
    foreign_keys=(ForeignKey("curve_id", "lifetimes_summary", "curve_id"),),
)
