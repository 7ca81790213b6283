"""Which letters beyond ASCII a registry sells: a lookalike that nobody can register is no lookalike."""

from collections.abc import Mapping
from types import MappingProxyType

from tracker.lookalikes.words import registries

_WEST = "áàâãäåçéèêëíìîïñóòôöõøúùûüýÿ"
_EAST = "ăąāćčďđēėęěğģīıįķłļľńņňōőŕřśšşșťțţūůűųźżž"

# Marked Latin letters by country registry, after the tables that the registries publish; absent means none are sold.
_COUNTRY: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("de", "at", "eu", "li", "ch", "me", "tv", "cc", "io", "ac", "sh", "ws", "la"), _WEST + _EAST)
    | {"fr": "àâäåáãçéèêëíìîïñóòôöõúùûüýÿ", "it": "àâäèéêëìîïòôöùûüçñ", "es": "áàéèíìïóòúüñç", "pt": "áàâãçéêíóôõúü"}
    | {
        "re": "àâäåáãçéèêëíìîïñóòôöõúùûüýÿ",
        "pm": "àâäéèêëîïôöùûüç",
        "wf": "àâäéèêëîïôöùûüç",
        "be": "áàâãäåçéèêëíìîïñóòôöõøúùûüýÿ",
    }
    | {
        "pl": "ąćęłńóśźżáâäéëíîóôöúüčďěňřšťůž",
        "dk": "äåæéöøü",
        "se": "åäöéü",
        "no": "áàäčçđéèêñńóòôöšŧüžåøæ",
        "fi": "åäö",
    }
    | {
        "hu": "áéíóöőúüű",
        "cz": "",
        "tr": "çğıöşü",
        "lt": "ąčęėįšųūž",
        "lv": "āčēģīķļņšūž",
        "ee": "äöõüšž",
        "br": "áàâãçéêíóôõúü",
    }
    | {"is": "áéíóúýöð", "ca": "éëêèâàæôœùûüçîïÿ", "nu": _WEST, "vu": "", "co": "áéíóúñü", "us": "", "uk": ""}
)

_CYRILLIC = frozenset(
    {
        "com",
        "net",
        "org",
        "info",
        "biz",
        "name",
        "tv",
        "cc",
        "me",
        "tel",
        "pro",
        "club",
        "xyz",
        "online",
        "site",
        "website",
    }
    | {
        "space",
        "tech",
        "store",
        "press",
        "host",
        "fun",
        "xn--p1ai",
        "xn--j1amh",
        "xn--90ais",
        "xn--90a3ac",
        "xn--e1a4c",
    }
    | {
        "xn--d1acj3b",
        "xn--80adxhks",
        "xn--p1acf",
        "xn--c1avg",
        "xn--80asehdo",
        "xn--80aswg",
        "xn--j1aef",
        "com.ua",
        "su",
    }
)


def sold(label: str, suffix: str) -> bool:
    """Whether the registry of `suffix` sells `label` (Unicode): one script only, and letters from its own table."""
    special = {letter for letter in label if not letter.isascii()}
    if not special:
        return True
    if all("Ѐ" <= letter <= "ԯ" for letter in special):
        return suffix in _CYRILLIC and not any("a" <= letter <= "z" for letter in label)
    if "." in suffix:
        return False
    table = _COUNTRY.get(suffix, _WEST + _EAST if registries().get(suffix) in {"legacy", "open"} else "")
    return special <= set(table)
