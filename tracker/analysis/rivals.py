"""Rivals: another new name of the same label that has more in common with the wave. Raw traits only, never verdicts."""

from tracker.analysis.dossier import Dossier
from tracker.analysis.traits import Traits
from tracker.analysis.wave import Label, Newcomer, Sharing, Wave, others
from tracker.analysis.weights import ELSEWHERE_MIN_LABELS, RIVAL_MARGIN, RIVAL_WINDOW

Part = tuple[tuple[str, ...], Sharing, frozenset[Label]]


def rival(dossier: Dossier) -> Newcomer | None:
    """The new name of the same label, born in the same days, that clearly more of the other labels' new names resemble.

    None where the two are alike: an operation that takes two names for one label takes them the same way.
    """
    born, wave = dossier.birth, dossier.wave
    if born is None or wave is None or born.bounds.hi is None:
        return None
    moment = born.bounds.hi
    near = [
        row
        for row in wave.came.get(dossier.target.seat, ())
        if row.name != dossier.candidate.name
        and row.birth.bounds.hi is not None
        and abs(row.birth.bounds.hi - moment) <= RIVAL_WINDOW
    ]
    closest = max(near, key=lambda row: (_lead(row.traits, dossier.traits, wave, row.seat), row.name), default=None)
    if closest is None or _lead(closest.traits, dossier.traits, wave, closest.seat) < RIVAL_MARGIN:
        return None
    return closest


def _lead(ahead: Traits, behind: Traits, wave: Wave, seat: Label) -> float:
    """By how many wholly shared traits `ahead` is nearer to the other labels' new names; what one lacks is not held
    against it."""
    pairs = zip(_parts(ahead, wave), _parts(behind, wave), strict=True)
    return sum(_share(one, seat) - _share(other, seat) for one, other in pairs if one[0] and other[0])


def _parts(of: Traits, wave: Wave) -> tuple[Part, ...]:
    registrar = (of.registrar,) if of.registrar else ()
    return (registrar, wave.registrars, wave.with_registrar), (of.operators, wave.operators, wave.with_operator)


def _share(part: Part, seat: Label) -> float:
    """Share of the other labels whose new names have the most common of these values; 0 while too few are known."""
    values, sharing, known = part
    of = len(known - {seat})
    if of < ELSEWHERE_MIN_LABELS:
        return 0.0
    return max(sum(others(sharing.get(value, {}), seat).values()) for value in values) / of
