"""What the rules weigh, each number with the reason for it. `benchmarks/weights.py` computes those that come from data.

Bits are log2 likelihood ratios. "Stated" means chosen on the side of caution because nobody published a figure.
"""

from datetime import timedelta

RULES_VERSION = "rules-6"
"""Changes with every rule, weight and threshold; stands on every view."""

SAME_LABEL_SHARE = 0.85
"""Share of new names that keep the label: 125 of 146 names of a hand-labelled list of one operation's lookalikes."""

LAGS = (
    (-3650.0, -365.0, 0.005),
    (-365.0, -30.0, 0.015),
    (-30.0, 0.0, 0.03),
    (0.0, 2.0, 0.50),
    (2.0, 8.0, 0.20),
    (8.0, 30.0, 0.12),
    (30.0, 180.0, 0.09),
    (180.0, 1825.0, 0.04),
)
"""When replacements are registered, in days since the takedown: (from, to, probability). Half within two days:
returned booters had medians of 1 and 2 days (49 names 2022, and 2023), and 21 of 26 names of the wave of July 2024
came within two days. The tails, and names kept ready in advance, are stated."""
LAGS_IMITATED = (
    (-3650.0, -365.0, 0.01),
    (-365.0, -30.0, 0.04),
    (-30.0, 0.0, 0.03),
    (0.0, 2.0, 0.03),
    (2.0, 8.0, 0.05),
    (8.0, 30.0, 0.10),
    (30.0, 180.0, 0.34),
    (180.0, 1825.0, 0.40),
)
"""The same for names that imitate somebody's outlet: of the 12 outlets of 2024-09-04 none had a new imitation of the
same label within 30 days, three within 180 (after 50, 86 and 171). What falls before 30 days is stated, above what was
seen. Copycats read the same news for both, and come as fast."""

IMITATIONS = 219 / (102 * 1280.0)
"""Lookalikes per imitated brand and day, where no takedown says when to expect them: 219 names for 102 brands in the
three and a half years (1,280 days) of one operation. Brands that nobody imitated are not in that list."""

TURNOVER_DAYS = 730.0
"""Strangers' registrations of a label are assumed to turn over once in two years until the log knows better; stated."""
UNSEEN_NAMES = 1.0
"""A label that nobody carries is registered by strangers as often as one that is carried once; stated."""
COPYCATS = 0.03
"""Names per label that strangers register because they read the news, with the same lags as replacements; stated. It
caps what a label can say: beyond 33 to 1 a fresh registration tells replacement and copycat no further apart."""

SPARE = timedelta(days=30)
"""Registered longer than this before the takedown is an older sibling, not a replacement kept ready."""
AWAKE = -1.0
"""A name kept out of the zone until after the takedown is weighed by when it came into the zone. Less two to one: of
replacements one in twenty was kept ready, of strangers' registrations one in ten lies idle first. Stated."""
DARK_SPARE_SHOWN = timedelta(days=30)
"""An older registration may still be a replacement kept dark if it was seen absent within this time before the
takedown."""

RETURN_PRIOR = 2.0**-5
RETURN_PSEUDO_LABELS = 4.0
"""Share of labels that come back after an action before anything was seen, and how many labels that guess is worth;
stated, well below the published 12 of 32, so that sisters must show it."""
SISTER_WINDOW = timedelta(days=3)
SISTERS_CAP = 3.0

RIVAL = -2.5
RIVAL_WINDOW = timedelta(days=10)
RIVAL_MARGIN = 0.5
"""A second new name of one label, less like the other labels' new names than the first by half of them: in the wave of
July 2024 3 of 21 outlets took a second name within ten days, (3 + 1) / (21 + 2) of them with the guess of an even
chance worth two."""

UNRELATED_LABEL = -4.0
"""Any name in the world can share a server; only lookalikes were asked for. Stated."""
EXCLUDED = -12.0
"""Shown for names that were there before the takedown. They are excluded by definition, whatever the sum."""

REGISTRAR_SHARE = 0.05
HOST_SHARE = 0.02
STRANGER_PSEUDO_NAMES = 50.0
"""Until the log has counted, a registrar picked blindly serves one stranger in twenty, an operator of name servers or
an address one in fifty (the largest are known and weigh nothing). That guess is worth fifty names, so that a host that
no stranger happened to use is not taken for a rare one. Stated."""
SISTER_PSEUDO_LABELS = 2.0
REGISTRAR_CAP = 1.75
"""A registrar is one of a few large shops: what it says alone must stay below what makes a family count."""
ELSEWHERE_FLOOR = -3.0
"""Operations do use several registrars and hosts at once, so being elsewhere speaks only so much against a name."""
ELSEWHERE_MIN_LABELS = 3

BATCH_WIDTHS: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(hours=1))
BATCH_DAY = timedelta(hours=24)
BATCH_PSEUDO_LABELS = 6.0
BATCH_CAP = 4.0
BATCH_FLOOR = 1.0
BATCH_MONTH = timedelta(days=30)
BATCH_CAP_UNDATED = 7.0
"""Registrations of sisters within minutes, against an even spread over the day. Below 2 to 1 it is not mentioned. The
day itself was weighed with the label; for a name that shares no label it was not, so there the quarter hour is held
against an even spread over the month, and may say as much as a host. The hour is left out there: in a month somebody
at the same registrar and host comes within the hour of a batch by chance."""
PROTECTORS = frozenset(
    {"markmonitor", "csc corporate domains", "com laude", "nom iq", "safenames", "corsearch domains", "brandsight"}
)
PROTECTOR = -5.0
"""Registrars (without corporate form) that register for the owners of brands. One in 32 at most of a wave's names;
stated."""

FRESH_REGISTRATION = 0.44
"""The registry itself dates the name after the takedown: 95 % of replacements against 70 % of the strangers' names that
appear; stated, and small, because the label was already weighed with its date."""

HOST_KEPT = 0.5
KEPT_PSEUDO_LABELS = 2.0
"""Share of replacements that stay with their predecessor's host, before the other labels of the action show whether
they did, and how many labels that guess is worth; stated, nobody published one."""
HOSTING_CAP = 7.0

PROMPT = timedelta(hours=24)
PROMPT_CERTIFICATE = 0.85
"""A certificate within a day of birth: 90 % of names about to serve pages against 50 % of strangers' new names;
stated."""
SHARED_CERTIFICATE = 8.0
SHARED_CERTIFICATE_NAMES = 10
"""One certificate for both names: whoever asked for it controlled both. Bundles of more registrable names than this
are a hoster's and say nothing. Stated as 256 to 1, the chance of a hoster's small bundle left open."""
SHARED_KEY = 8.0
"""One private key behind both names, and behind no stranger's; stated like a shared certificate."""

SAME_TEXT_DISTANCE = 6
OTHER_TEXT_DISTANCE = 16
SAME_TEXT = 9.0
SAME_TEXT_IMITATED = 4.0
"""Text fingerprints of 64 bits; unrelated texts are about 32 apart. A clone of an outlet is like every other clone
of it, so for imitated outlets the text says less. Stated."""
OTHER_TEXT = -1.3
"""The page is another one: 40 % of replacements change or hide their page, nearly all strangers have their own;
stated."""
CLONES_OUTLET = 7.0
"""The page is the protected brand's own: its text, its account, or its address as the true one. A mirror or a quotation
by strangers, 1 in 128. Stated."""
BRANDS_OWN = -8.0
"""One certificate or one private key with the brand's own domain: whoever asked for it controls both. Stated like a
shared certificate, the other way."""
SAME_TRACKER = 7.0
SAME_TRACKER_IMITATED = 2.0
"""An analytics id is somebody's account; the imitated outlet's own id proves cloning only. Stated."""
SAME_BUILD = 4.0
SAME_BUILD_IMITATED = 1.0
"""The predecessor's icon, or the structure of its page: kits and themes are sold, so less than text. Stated."""
LED_TO = 7.0
"""Whoever holds a name decides where its visitors go: 128 to 1 that it is somewhere of their own. Times the share of a
label's new names that do so, for a stranger may be among them. Stated."""
LEADS_HOME = -5.0
"""A name that sends visitors to the brand it carries protects the brand. Operations do so to hide from some visitors:
one in 32. Stated."""
IDLE_PAGE = -2.0
"""Nothing but parking or a banner since birth: a quarter of replacements so far against nearly all idle strangers;
stated."""
