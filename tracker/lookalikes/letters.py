"""Letters that are taken for one another: by eye, by ear, by hand on a keyboard, and between scripts."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

VOWELS = "aeiou"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABET = LETTERS + "0123456789"

# Pairs that look alike in a browser's address bar, both ways; the number is how well the trick works, 3 best.
_SEEN: tuple[tuple[str, str, int], ...] = (
    *(("i", "l", 3), ("l", "1", 3), ("i", "1", 3), ("o", "0", 3), ("m", "n", 3), ("g", "q", 3), ("rn", "m", 3)),
    *(("vv", "w", 3), ("cl", "d", 2), ("u", "v", 2), ("i", "j", 2), ("nn", "m", 2), ("e", "c", 1), ("h", "n", 1)),
    *(("b", "d", 1), ("s", "5", 2), ("z", "2", 1), ("g", "9", 2), ("e", "3", 1), ("a", "4", 1)),
    *(("b", "6", 1), ("b", "8", 1), ("t", "f", 1), ("p", "q", 1), ("u", "n", 1), ("v", "w", 2)),
    *(("f", "t", 1), ("li", "h", 1), ("lc", "k", 1), ("ri", "n", 1)),
)

# Pairs that are pronounced or transcribed alike in the languages of the watched outlets, both ways.
_HEARD: tuple[tuple[str, str], ...] = (
    *(("c", "k"), ("c", "s"), ("k", "q"), ("f", "ph"), ("i", "y"), ("v", "w"), ("s", "z"), ("x", "ks"), ("k", "ck")),
    *(("sch", "sh"), ("ch", "sh"), ("j", "y"), ("ei", "ai"), ("ie", "i"), ("ou", "u"), ("ee", "i"), ("x", "h")),
    *(("kh", "h"), ("kh", "x"), ("zh", "j"), ("ts", "c"), ("tz", "z"), ("ya", "ia"), ("yu", "iu"), ("ye", "e")),
    *(("ae", "a"), ("oe", "o"), ("ue", "u"), ("ss", "s"), ("y", "ij"), ("g", "h"), ("th", "t"), ("qu", "k")),
)

_KEYBOARDS = (
    ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm"),
    ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"),
)

# Cyrillic and Greek letters by the Latin letter they look like; whole words of them pass for Latin ones.
CYRILLIC_LOOK: Mapping[str, str] = MappingProxyType(
    dict(zip("abcdehijklmnopqrstuvwxy", "аьсԁеһіјкӏмпорԛгѕтцѵԝху", strict=True))
)
_LOOKS_LATIN: Mapping[str, str] = MappingProxyType(
    {cyrillic: latin for latin, cyrillic in CYRILLIC_LOOK.items()}
    | {"в": "b", "н": "h", "и": "u", "ѡ": "w"}
    | dict(zip("αβγεικνορτυχω", "abyeiknoptuxw", strict=True))
    | {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŀ": "l", "ß": "b", "æ": "ae", "œ": "oe"}
    | {"ɑ": "a", "ɡ": "g", "ɩ": "i", "ʏ": "y", "ĸ": "k", "ŋ": "n", "ƅ": "b", "ɗ": "d", "ƙ": "k", "ɴ": "n", "þ": "p"}
)

# Latin letters with marks that registries of European languages sell, by base letter.
MARKED: Mapping[str, str] = MappingProxyType(
    {"a": "áàâãäåāăą", "c": "çćč", "d": "đď", "e": "éèêëēėęě", "g": "ğģ", "h": "ħ", "i": "íìîïıīį", "k": "ķ"}
    | {"l": "łļľ", "n": "ñńņň", "o": "óòôõöøōő", "r": "ŕř", "s": "śšşș", "t": "ťțţ", "u": "úùûüūůűų"}
    | {"y": "ýÿ", "z": "źżž"}
)

# Cyrillic and Greek spelt in Latin letters; the first form is the commonest.
_SPELT = """
    а:a б:b в:v,w г:g,h ґ:g д:d е:e,ye ё:e,yo,io є:ye,ie,e ж:zh,j з:z и:i,y і:i ї:yi,i,ji й:y,i,j к:k,c л:l м:m н:n о:o
    п:p р:r с:s,c т:t у:u,ou ў:u,w ф:f,ph х:kh,h,x ц:ts,c,tz ч:ch,tch ш:sh,sch щ:shch,sch ъ:- ы:y,i ь:- э:e ю:yu,iu,ju
    я:ya,ia,ja α:a β:v,b γ:g,y δ:d ε:e ζ:z η:i,h θ:th ι:i κ:k,c λ:l μ:m ν:n ξ:x,ks ο:o π:p ρ:r σ:s ς:s τ:t υ:y,u
    φ:f,ph χ:ch,x,h ψ:ps ω:o
"""
_TO_LATIN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        letter: tuple(form.replace("-", "") for form in forms.split(","))
        for letter, _, forms in (pair.partition(":") for pair in _SPELT.split())
    }
)


# One letter for each group that is taken for one another whatever the font; length is kept, so it can run over bytes.
FOLDS: Mapping[str, str] = MappingProxyType(
    {"0": "o", "1": "l", "i": "l", "5": "s", "3": "e", "4": "a", "9": "g", "q": "g"}
)
_FOLD = str.maketrans(dict(FOLDS))


def fold(text: str) -> str:
    """ASCII text with the letters and digits of each look-alike group made one."""
    return text.translate(_FOLD)


@cache
def seen_alike() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """What each letter or pair of letters can be taken for by eye, with the trick's strength (1 to 3)."""
    table: dict[str, list[tuple[str, int]]] = {}
    for one, other, strength in _SEEN:
        for a, b in ((one, other), (other, one)):
            if all(b != known for known, _ in table.setdefault(a, [])):
                table[a].append((b, strength))
    return MappingProxyType({key: tuple(value) for key, value in table.items()})


@cache
def heard_alike() -> Mapping[str, tuple[str, ...]]:
    """What each letter group can be written as without sounding different."""
    table: dict[str, list[str]] = {}
    for one, other in _HEARD:
        for a, b in ((one, other), (other, one)):
            if b not in table.setdefault(a, []):
                table[a].append(b)
    return MappingProxyType({key: tuple(value) for key, value in table.items()})


@cache
def neighbours() -> Mapping[str, str]:
    """Keys beside each key on any of the three keyboards (QWERTY, QWERTZ, AZERTY), sorted."""
    found: dict[str, set[str]] = {key: set() for key in ALPHABET}
    for rows in _KEYBOARDS:
        for row in rows:
            for a, b in pairwise(row):
                found[a].add(b)
                found[b].add(a)
        for upper, lower in pairwise(rows):
            for column, key in enumerate(lower):
                for other in upper[column : column + 2]:
                    found[key].add(other)
                    found[other].add(key)
    return MappingProxyType({key: "".join(sorted(keys)) for key, keys in found.items()})


def skeleton(text: str) -> str:
    """Unicode text as the ASCII letters it can be taken for; a letter that looks like none of them is kept as it is."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_LOOKS_LATIN.get(c, c) for c in plain if not unicodedata.combining(c))


def romanised(text: str, limit: int = 24) -> tuple[str, ...]:
    """Spellings in Latin letters of text with Cyrillic or Greek letters, commonest first, at most `limit`."""
    spellings = [""]
    for letter in unicodedata.normalize("NFC", text.lower()):
        forms = _TO_LATIN.get(letter) or (_TO_LATIN.get(unicodedata.normalize("NFD", letter)[0]) or (letter,))
        spellings = [head + form for form in forms for head in spellings][:limit]
    return tuple(dict.fromkeys(spelling for spelling in spellings if spelling.isascii()))
