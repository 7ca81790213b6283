"""Tables of what follows from the facts: conclusions, each revisable with the next fact."""

from tracker.analysis.retractions import What
from tracker.export.columns import ForeignKey, Table, between, count, flag, moment, number, seconds, text, words
from tracker.export.schema_facts import COHORT, DOMAIN, OF_DOMAIN
from tracker.model.facts import Layer, Technique
from tracker.model.times import Precision
from tracker.model.views import Ending, Family, State, Verdict
from tracker.model.watching import Cohort, Tlp

ROLES = ("predecessor", "replacement", "adopted", "protected", "candidate", "claimed", "control")
ANSWERS = ("yes", "no", "uncertain")
SURVIVAL_ANSWERS = ("yes", "no", "censored", "uncertain")
BITS = "Sum of log2 likelihood ratios and prior; above 0 the evidence speaks for. Not a probability."

DOMAINS = Table(
    name="domains",
    title="Every name that occurs",
    description="One row per name. A candidate is a question, not an accusation; names ruled out stay here as such.",
    columns=(
        *DOMAIN,
        text("domain_unicode", "The name as people read it.", required=True),
        text("domain_defanged", "The name for human eyes.", required=True),
        text("label", "The registrable label.", required=True),
        text("suffix", "The public suffix below which it is registered.", required=True),
        text(
            "role",
            "Most specific part that the name plays; `claimed` names were only named by others.",
            required=True,
            of=ROLES,
        ),
        text("cohort", COHORT + " Empty where no predecessor is known.", of=Cohort),
        text("brand", "Brand of the predecessor or the outlet."),
        words("operation_ids", "Operations whose watches or sources speak of the name."),
        words("action_ids", "Actions that hit the name, or whose replacement it is."),
        words("techniques", "How it was found. Empty if it was not found but known."),
        words("sources", "Discovery sources that put it forward."),
        moment("discovered_at", "First sighting. Says when it was noticed, not when it appeared."),
        text(
            "verdict", "Strongest verdict over the names it might replace. INSUFFICIENT is not RULED_OUT.", of=Verdict
        ),
        number("bits", BITS),
        text("reviewed", "Whether an analyst has judged it.", of=("true", "false")),
        moment("reviewed_at", "When an analyst last judged it. Who did is not part of the data."),
        moment("registered_at", "Registration as the registry states it; with precision `day` midnight UTC."),
        text("registered_precision", "Precision of `registered_at`.", of=Precision),
        text("registered_source", "How the registry was asked."),
        text("registrar", "Registrar at the last look."),
        text("registrar_iana_id", "IANA id of that registrar."),
        moment("expires_at", "Expiry as the registry states it."),
        words("statuses", "EPP statuses at the last look."),
        moment("first_certificate_at", "Earliest verified CT timestamp: the name existed by then; it may be older."),
        *between("delegated", "First delegation"),
        *between("resolving", "First address"),
        *between("serving", "First page"),
        text("state", "Most specific state at the end. `unknown` is our not knowing, never an end.", of=State),
        *between("state_since", "Beginning of that state"),
        moment("last_observed_at", "Last look of any probe, indeterminate ones included."),
        count("episodes", "Number of episodes at layer DELEGATED."),
        text("tlp", "Most permissive marking of a watch that the row rests on.", required=True, of=Tlp),
    ),
    primary_key=("domain_id",),
)

EVIDENCE = Table(
    name="evidence",
    title="Rules that fired",
    description="One row per rule and candidate. Bits of one family come from one origin and were weighed jointly.",
    columns=(
        text("evidence_id", "UUIDv5 of predecessor, name and rule.", required=True),
        *DOMAIN,
        text("predecessor", "The watched name or label that it might replace.", required=True),
        text("rule_id", "Stable id of the rule, see the rules page.", required=True),
        text("family", "Origin of the data.", required=True, of=Family),
        number("bits", "log2 likelihood ratio; negative speaks against.", required=True),
        text("sentence", "What was found, in words.", required=True),
        words("witnesses", "What it rests on; `2 withheld` stands for what may not be told."),
    ),
    primary_key=("evidence_id",),
    foreign_keys=(OF_DOMAIN,),
)

EPISODES = Table(
    name="episodes",
    title="Intervals of presence",
    description=(
        "One row per maximal interval of presence of a name at a layer. Both ends are bounds. Alive names are "
        "right-censored at `last_alive_at`; presence before `entry_at` was not under watch (left truncation: use it as "
        "entry time in every survival model)."
    ),
    columns=(
        text("episode_id", "UUIDv5 of name, layer and number.", required=True),
        *DOMAIN,
        text("layer", "Alive means alive at this layer.", required=True, of=Layer),
        count("episode_no", "From 1 per name and layer."),
        *between("start", "Beginning"),
        text(
            "start_basis",
            "What proves the beginning; `registry`: its lower end is the date of registration.",
        ),
        moment("entry_at", "When watching began. Survival before it was guaranteed by selection.", required=True),
        moment("last_alive_at", "Last proof of presence.", required=True),
        *between("end", "End; both empty while alive"),
        text("ending", "What ended it; competing causes.", of=Ending),
        text("censored", "`right` while alive, else `none`.", required=True, of=("right", "none")),
        flag(
            "former",
            "Whether it was over when the name appeared as a replacement: another owner's, in no count or curve of "
            "replacements.",
        ),
        seconds("duration_lo_s", "Shortest length consistent with the bounds."),
        seconds("duration_hi_s", "Longest length consistent with the bounds; empty while alive."),
        seconds("entry_age_s", "Age when first seen, latest beginning assumed; goes with `duration_lo_s`."),
        seconds(
            "entry_age_hi_s",
            "Age when first seen, earliest beginning assumed; goes with `duration_hi_s`. Empty = not known.",
        ),
        *(
            seconds(
                f"risk_{side}_{bound}_s",
                f"Age {words} it is at risk in the {reading} reading of `survival_curves`; those of replacements leave "
                "out what is `former`. Empty = of an age that nobody knows: in no curve.",
            )
            for bound, reading in (("lo", "shortest"), ("hi", "longest"))
            for side, words in (("from", "from which"), ("until", "until which"))
        ),
        seconds("gap_before_lo_s", "Shortest absence since the episode before."),
        seconds("gap_before_hi_s", "Longest absence since the episode before."),
        count("looks", "Looks inside."),
        count("unknown_looks", "Indeterminate ones among them."),
        number("unknown_share", "Share of them, 0 to 1."),
        text("policy", "Version of the rules for beginnings and ends.", required=True),
    ),
    primary_key=("episode_id",),
    foreign_keys=(OF_DOMAIN,),
)

REPLACEMENTS = Table(
    name="replacements",
    title="Replacements",
    description=(
        "One row per predecessor and candidate whose verdict is at least LIKELY, per action. A name may stand in "
        "several rows when predecessors share a label: count distinct `domain_id` per action."
    ),
    columns=(
        text("replacement_id", "UUIDv5 of action, predecessor and name.", required=True),
        text("action_id", "The action that it answers.", required=True),
        text("predecessor_domain_id", "The domain it replaces.", required=True),
        text("predecessor", "Name of the domain it replaces.", required=True),
        *DOMAIN,
        text("cohort", COHORT, required=True, of=Cohort),
        text("verdict", "How sure.", required=True, of=Verdict),
        number("bits", BITS, required=True),
        flag("reviewed", "Whether an analyst has judged it; `false` = by rules alone."),
        text("technique", "How it was found.", required=True, of=Technique),
        flag("same_label", "Whether it keeps the registrable label of the domain it answers, letter for letter."),
        words("rule_ids", "Rules that fired, strongest first."),
        words(
            "unheard",
            "Families of data whose source was asked, failed, and could undo the verdict: in no lower count.",
        ),
        text(
            "appearance_layer",
            "Layer of the two columns that follow; the first known of DELEGATED and the others.",
            of=Layer,
        ),
        *between("appeared", "Appearance"),
        seconds(
            "delay_lo_s",
            "Shortest time from the announcement. Negative = registered in advance. Days where only days are known.",
        ),
        seconds("delay_hi_s", "Longest time from the announcement."),
        text(
            "within_1d",
            "Appeared after its predecessor was hit (`T` of `replacement_curve`) and by the end of the calendar day "
            "(UTC) after the action, as `replacement_counts` counts `1d`; `uncertain` with anything in `unheard`, too.",
            required=True,
            of=ANSWERS,
        ),
        *(
            text(
                f"alive_{days}d",
                f"Alive {days} days after it appeared; `censored` = not yet that old or watched that long.",
                required=True,
                of=SURVIVAL_ANSWERS,
            )
            for days in (7, 30, 90)
        ),
        words("claimed_by", "Sources that name it as a replacement."),
        moment("claimed_at", "Earliest date among those claims; a day where they state days."),
        moment("discovered_at", "First sighting by us."),
    ),
    primary_key=("replacement_id",),
    foreign_keys=(
        OF_DOMAIN,
        ForeignKey("predecessor_domain_id", "domains", "domain_id"),
        ForeignKey("action_id", "actions", "action_id"),
    ),
)

TOMBSTONES = Table(
    name="tombstones",
    title="What was taken back",
    description=(
        "One row per name, claim or date that was published and was wrong. `name`: delete every row of earlier "
        "packages that carries its `domain_id`. `claim`: delete what `source_id` (empty: any source) said of it. "
        "`date`: the date that the source gave is wrong; its other words stand."
    ),
    columns=(
        text("tombstone_id", "UUIDv5 of what was taken back and when.", required=True),
        text("domain_id", "Id of the name; the name itself is not repeated.", required=True),
        text("what", "What was wrong.", required=True, of=What),
        text("source_id", "Whose claim or date; empty for names, and for every source."),
        moment("withdrawn_at", "When it was taken back.", required=True),
    ),
    primary_key=("tombstone_id",),
)
