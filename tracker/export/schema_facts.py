"""Tables of what was said and seen. Nothing in them is a conclusion."""

from tracker.export.columns import ForeignKey, Table, between, count, moment, seconds, text, words
from tracker.model.facts import CanaryResult, Layer, Presence, Reason, Technique
from tracker.model.times import Precision
from tracker.model.watching import ActionKind, ClaimKind, Cohort

DOMAIN = (
    text("domain_id", "The domain, see `domains`.", required=True),
    text(
        "domain", "The name in lower-case A-labels, without a trailing dot. A real name: do not open it.", required=True
    ),
)
OF_DOMAIN = ForeignKey("domain_id", "domains", "domain_id")
COHORT = "Kind of predecessor. The two behave differently: never pool them."

ACTIONS = Table(
    name="actions",
    title="Disruptive events",
    description="One row per action: a seizure, suspension, termination, dispute, blocking or publication.",
    columns=(
        text("action_id", "Stable id from the watchlist.", required=True),
        text("operation_id", "Id of the influence operation under study; empty where the list names none."),
        text("operation", "Name of the operation as the field uses it; not an accusation of this project."),
        text("kind", "Kind of event.", required=True, of=ActionKind),
        text("authority", "Who acted; empty where the list does not say."),
        text("country", "ISO 3166-1 alpha-2 code of the authority."),
        text("instrument", "Legal instrument, as stated by the sources."),
        text("case_number", "Case number, as stated by the sources."),
        text("title", "Short title."),
        moment(
            "announced_at",
            "Announcement. With precision `day` this is that day's midnight UTC, not an instant.",
            required=True,
        ),
        text("announced_precision", "How finely the source states the announcement.", required=True, of=Precision),
        count("domains", "Number of domains hit, as listed here. Lists may be incomplete."),
        words("source_ids", "Ids of the sources."),
        words("source_titles", "Titles of the sources, in the order of `source_ids`."),
    ),
    primary_key=("action_id",),
)

TAKEDOWNS = Table(
    name="takedowns",
    title="Domains hit by an action",
    description="One row per domain and action.",
    columns=(
        text("takedown_id", "UUIDv5 of action and domain.", required=True),
        text("action_id", "The action.", required=True),
        *DOMAIN,
        text("cohort", COHORT, required=True, of=Cohort),
        text("brand", "The brand that the domain carries or imitates."),
        text("imitates", "The real outlet's domain; empty for an own brand."),
        *between("effective", "Moment the action took effect for this domain, as stated; not the announcement"),
        *between(
            "observed_seized",
            "Moment the domain first showed as seized to us (server of the authority and a second witness)",
        ),
        count("list_position", "Position in the published list, from 1; 0 = the list has no order."),
        words("source_ids", "Ids of the sources."),
        moment("listed_first", "First reading of a polled list that had the row."),
        moment("listed_last", "Last reading that had the row. Empty = still listed, or not polled. No un-seizure."),
    ),
    primary_key=("takedown_id",),
    foreign_keys=(OF_DOMAIN, ForeignKey("action_id", "actions", "action_id")),
)

CLAIMS = Table(
    name="claims",
    title="Statements of others about names",
    description=(
        "One row per source, kind of statement and name. Claims are compared with what was seen; they are not evidence "
        "of ours."
    ),
    columns=(
        text("claim_id", "UUIDv5 of source, kind, name and what it is said to replace.", required=True),
        *DOMAIN,
        text("kind", "What the source says.", required=True, of=ClaimKind),
        text("operation_id", "The operation that the name is said to belong to."),
        text("replaces_domain_id", "The domain it is said to replace."),
        text("replaces", "Name of the domain it is said to replace."),
        moment("claimed_at", "The source's own date. With precision `day` midnight UTC of that day, not an instant."),
        text("claimed_precision", "How finely the source states its date.", of=Precision),
        text(
            "source_id",
            "Id of the source. Sources copy each other: agreement bounds a date, it does not confirm it.",
            required=True,
        ),
        text("source_title", "Title of the source.", required=True),
        text("source_url", "Address of the source."),
        text("source_place", "Place inside the source."),
        text("source_revision", "Version of a polled list that first said it: the start of its SHA-256."),
        moment("listed_first", "First reading of a polled list that had the row."),
        moment("listed_last", "Last reading that had the row. Empty = the newest reading has it, or nobody polls it."),
    ),
    primary_key=("claim_id",),
    foreign_keys=(OF_DOMAIN, ForeignKey("replaces_domain_id", "domains", "domain_id")),
)

SOURCES = Table(
    name="sources",
    title="Who said so",
    description=(
        "One row per source as a list, an action, a takedown, a watch or a claim of this package names it: where a "
        "`source_id` is looked up. One id may have several rows, for editions and parts of a list."
    ),
    columns=(
        text("source_key", "UUIDv5 of the three columns that follow.", required=True),
        text("source_id", "Id of the source.", required=True),
        text("title", "Title that a person can look up."),
        text("url", "Address of the source."),
        words("revisions", "Versions of a polled list that first said a row: the starts of their SHA-256."),
        moment("first_read", "First reading of a list that had a row of it. Empty = given by hand."),
    ),
    primary_key=("source_key",),
)

OBSERVATIONS = Table(
    name="observations",
    title="Looks at names, folded",
    description=(
        "One row per stretch of consecutive equal looks of one probe at one name. Between looks nothing is known. "
        "Absences found by sweeps are not rows: see `sweeps`."
    ),
    columns=(
        text("observation_id", "UUIDv5 of name, probe, vantage, presence and first look.", required=True),
        *DOMAIN,
        text("probe", "The probe that looked.", required=True),
        text("layer", "The layer that the look speaks about.", required=True, of=Layer),
        text("vantage", "From where.", required=True),
        text(
            "presence",
            "The answer. INDETERMINATE is our not knowing and must never be counted as ABSENT.",
            required=True,
            of=Presence,
        ),
        text("reason", "Why the look ended as it did.", required=True, of=Reason),
        moment("first_at", "First look of the stretch.", required=True),
        moment("last_at", "Last look of the stretch; the answer may have held longer.", required=True),
        count("looks", "Number of looks."),
        seconds("widest_gap_s", "Longest time between two consecutive looks; empty for a single look."),
        words("name_servers", "NS names at the parent (probe `delegation`) or as registered (probe `registration`)."),
        words("a", "IPv4 addresses. Shared hosting and CDN addresses link nothing."),
        words("aaaa", "IPv6 addresses."),
        words("mx", "Mail exchangers."),
        text("registered_at", "Registration date as the registry states it; kept as text because precision differs."),
        text("expires_at", "Expiry date as the registry states it."),
        text("registrar", "Registrar name. No registrant data is stored."),
        text("registrar_iana_id", "IANA id of the registrar."),
        words("statuses", "EPP statuses."),
        words(
            "withheld",
            "Fields that the registry says it redacted (RFC 9537), and columns left without a host whose name may not "
            "be told in this package.",
        ),
        text("certificate_sha256", "SHA-256 of the certificate served."),
        text("spki_sha256", "SHA-256 of its public key."),
        words("certificate_errors", "What a browser would complain of: `expired`, `wrong_name` and so on."),
        text("http_status", "HTTP status of the page."),
        text("final_host", "Host after redirects."),
        text("page_kind", "What the page was classified as."),
        text("page_kind_reason", "The phrase that decided, with its language."),
        text("copy_of", "The imitated outlet that the page says it belongs to: a copy of that outlet's page."),
        text("text_sha256", "SHA-256 of the page's text. Page bodies are not exported."),
        text("simhash", "64-bit fingerprint of the text, hex: near texts differ in few bits."),
        text("dom_sha256", "SHA-256, cut to 32 hex digits, of the tag names in document order."),
        text("favicon_mmh3", "Hash of the icon as host search engines count it. Many strangers share an icon."),
        words("trackers", "Analytics ids found in the page, those of imitated outlets left out."),
        words("outlet_trackers", "Ids of imitated outlets that a copied page kept: they prove copying, not ownership."),
        words("artefact_ids", "SHA-256 of the raw replies, see `artefacts`."),
    ),
    primary_key=("observation_id",),
    foreign_keys=(OF_DOMAIN,),
)

SWEEPS = Table(
    name="sweeps",
    title="Coverage of sweeps",
    description=(
        "One row per part of a sweep: the same labels asked under the same suffixes with the same result of the "
        "canaries. With canary `good`, a name asked that is not among the exceptions was absent at the layer, no "
        "earlier than `first_at`. Other canaries are gaps."
    ),
    columns=(
        text("coverage_id", "UUIDv5 of the sweep and the part.", required=True),
        text("sweep_id", "The sweep.", required=True),
        text("technique", "Why these names were asked.", required=True, of=Technique),
        text("source", "The discovery source.", required=True),
        text("layer", "The layer asked at.", required=True, of=Layer),
        text("vantage", "From where.", required=True),
        text("canary", "What the control questions said.", required=True, of=CanaryResult),
        moment("first_at", "First question of this part.", required=True),
        moment("last_at", "Last question of this part.", required=True),
        count("labels", "Number of labels asked, controls included."),
        count("suffixes", "Number of suffixes asked."),
        text(
            "suffixes_sha256", "SHA-256 of the sorted suffixes, one per line: equal sets compare equal.", required=True
        ),
        words("suffixes_not_covered", "The suffixes by name where the canary was not `good`: nothing is known there."),
        count("exceptions", "Names found present or indeterminate."),
    ),
    primary_key=("coverage_id",),
)

GAPS = Table(
    name="gaps",
    title="Stretches in which a source could not be asked",
    description="One row per gap. A gap widens bounds; it is never an absence.",
    columns=(
        text("gap_id", "UUIDv5 of source, scope and first moment.", required=True),
        text("source", "The source that could not be asked.", required=True),
        text("scope", "What part of it: a log, a server, a suffix. Empty = all of it."),
        moment("first_at", "Beginning.", required=True),
        moment("last_at", "End.", required=True),
        text("reason", "Why.", required=True, of=Reason),
    ),
    primary_key=("gap_id",),
)

ARTEFACTS = Table(
    name="artefacts",
    title="Raw replies referred to",
    description="One row per raw reply behind a fact. The bodies are not part of the package.",
    columns=(
        text("artefact_id", "SHA-256 of the body, hex.", required=True),
        text("activity", "Probe or discovery source that first referred to it.", required=True),
        text("vantage", "From where; empty for discovery sources."),
        moment("first_at", "First look or sighting that refers to it.", required=True),
        words("domains", "The names whose facts rest on it."),
    ),
    primary_key=("artefact_id",),
)

COMPLAINTS = Table(
    name="complaints",
    title="Reports of names to somebody who can act",
    description=(
        "One row per complaint of ours or of others, as far as somebody wrote it down. An end that follows one is not "
        "thereby explained; that none is listed does not mean that there was none."
    ),
    columns=(
        text("complaint_id", "UUIDv5 of name, addressee, channel and moment.", required=True),
        *DOMAIN,
        text("reported_to", "Who was told: registrar, registry, hoster, authority.", required=True),
        text("channel", "By which way.", required=True),
        moment(
            "reported_at",
            "When it was reported. With precision `day` midnight UTC of that day, not an instant.",
            required=True,
        ),
        text("reported_precision", "How finely that is known.", required=True, of=Precision),
        text("reported_by", "Who reported it; empty = those who made this package."),
        text("answer", "What was answered; empty = nothing that was written down."),
        moment("answered_at", "When it was answered, like `reported_at`."),
        text("answered_precision", "How finely that is known.", of=Precision),
        text("reference", "Ticket or case number."),
    ),
    primary_key=("complaint_id",),
    foreign_keys=(OF_DOMAIN,),
)
