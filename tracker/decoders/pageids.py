"""Whose accounts a page counts its visitors with, which consoles it was verified for, which traffic seller it calls.

A copied page keeps the ids of what it was copied from: they say whose page it is, not whose site.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from selectolax.lexbor import LexborHTMLParser

_TRACKERS: Final[Mapping[str, re.Pattern[str]]] = {
    "ga": re.compile(r"\b(UA-\d{4,10}-\d{1,4}|G-(?=[A-Z]*\d)[A-Z0-9]{6,12})\b"),
    "gtm": re.compile(r"\b(GTM-[A-Z0-9]{4,8})\b"),
    "ads": re.compile(r"\b(AW-\d{6,})\b"),
    "adsense": re.compile(r"\b(ca-pub-\d{16})\b"),
    "yandex": re.compile(r"(?:\bym\(\s*|mc\.yandex\.ru/watch/|yaCounter)(\d{5,10})\b"),
    "facebook": re.compile(r"(?:fbq\(\s*['\"]init['\"]\s*,\s*['\"]?|facebook\.com/tr\?id=)(\d{8,20})"),
    "mailru": re.compile(
        r"top-fwz1\.mail\.ru/counter\?id=(\d{5,10})|_tmr\.push\(\{\s*['\"]?id['\"]?:\s*['\"](\d{5,10})"
    ),
    "vk": re.compile(r"\b(VK-RTRG-\d{4,10}-[A-Za-z0-9]{3,8})\b"),
    "hotjar": re.compile(r"\bhjid['\"]?\s*:\s*(\d{5,9})\b"),
    "clarity": re.compile(
        r"clarity\.ms/tag/([a-z0-9]{6,14})\b|['\"]clarity['\"]\s*,\s*['\"]script['\"]\s*,\s*['\"](\w{6,14})['\"]"
    ),
    "tiktok": re.compile(r"\bttq\.load\(\s*['\"]([A-Z0-9]{12,28})['\"]"),
    "linkedin": re.compile(r"_linkedin_partner_id\s*=\s*['\"](\d{4,10})['\"]"),
    "histats": re.compile(r"Histats\.start\(\s*1\s*,\s*(\d{5,9})|'Histats\.start',\s*'1,(\d{5,9})"),
    "statcounter": re.compile(r"\bsc_project\s*=\s*(\d{5,10})\b"),
}
_CONSOLES: Final = frozenset(
    {
        "google-site-verification",
        "yandex-verification",
        "msvalidate.01",
        "facebook-domain-verification",
        "p:domain_verify",
        "baidu-site-verification",
        "naver-site-verification",
        "mailru-domain",
        "wmail-verification",
    }
)
_VALUE: Final = re.compile(r"[\w=+/.-]{8,100}")
_MATOMO: Final = re.compile(r"setTrackerUrl['\"]?\s*,\s*['\"]?([^'\")\s]+)|setSiteId['\"]?\s*,\s*['\"]?(\d+)")
_SELLERS: Final[Mapping[str, re.Pattern[str]]] = {
    "keitaro": re.compile(r"/click_api/v\d|\bKClient\b|[?&;]_subid=|\bsub_id_\d{1,2}=|\b_?keitaro\b", re.IGNORECASE),
}


def tracker_ids(source: str, tree: LexborHTMLParser) -> tuple[str, ...]:
    """`service:id` of every account and console in the page, each once, sorted."""
    return tuple(sorted({*_accounts(source), *_verified(tree)}))


def sellers(source: str) -> tuple[str, ...]:
    """Traffic distribution systems whose marks are in the page: what it shows may depend on who asks."""
    return tuple(name for name, mark in _SELLERS.items() if mark.search(source))


def _accounts(source: str) -> Iterator[str]:
    for service, pattern in _TRACKERS.items():
        yield from (f"{service}:{next(filter(None, found.groups()))}" for found in pattern.finditer(source))
    pairs = _MATOMO.findall(source)
    url, site = next((u for u, _ in pairs if u), ""), next((s for _, s in pairs if s), "")
    if url and site:  # only the pair identifies: site 1 exists on every installation
        yield f"matomo:{url}#{site}"


def _verified(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("meta[name][content]"):
        value = (node.attributes.get("content") or "").strip()
        if (node.attributes.get("name") or "").strip().lower() in _CONSOLES and _VALUE.fullmatch(value):
            yield f"verification:{value}"
