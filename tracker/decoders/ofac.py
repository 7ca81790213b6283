"""OFAC's specially designated nationals: the websites among their identifiers, in SDN.CSV, SDN.XML and advanced XML."""

import csv
import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from tracker.decoders.listing import Listing, NotThatList, Statement, name_in, without_www
from tracker.model.names import DomainName

_WEBSITE = re.compile(r"\b(?:alt\. )?Website:?\s+(\S+?)(?=[;,.]*(?:\s|$))", re.IGNORECASE)
PERSON = "individual"


def read(text: str) -> Listing:
    """The websites of the listed; raises NotThatList. Of persons nothing is kept but the website."""
    text = text.removeprefix("\ufeff")
    begins = text.lstrip()[:1]
    statements = list(_xml(text) if begins == "<" else _csv(text))
    found = [row for row in statements if row is not None]
    if not statements:
        raise NotThatList("no SDN list: no row with an entity number")
    return Listing(statements=tuple(found), rows=_entries(text, begins), title="OFAC SDN list")


def _entries(text: str, begins: str) -> int:
    marks = r"<(?:\w+:)?(?:sdnEntry|DistinctParty)\b" if begins == "<" else r"(?m)^\d+,"
    return sum(1 for _ in re.finditer(marks, text))


def _csv(text: str) -> Iterator[Statement | None]:
    """Rows begin with the entity number; remarks are the last cell. The file has no header and ends with a ^Z."""
    try:
        for cells in csv.reader(io.StringIO(text, newline="")):
            if len(cells) < 12 or not cells[0].strip().isdecimal():
                continue
            owner = "" if cells[2].strip() == PERSON else cells[1].strip()
            yield None
            yield from _told(_WEBSITE.findall(cells[-1]), cells[0].strip(), owner)
    except csv.Error as error:
        raise NotThatList(f"no SDN.CSV: {error}") from error


def _xml(text: str) -> Iterator[Statement | None]:
    """Both shapes: `id` with idType and idNumber, and features that refer to a table of feature types."""
    if "<!DOCTYPE" in text[:4096].upper() or "<!ENTITY" in text.upper():
        raise NotThatList("XML with declarations of its own is not read")
    kinds: set[str] = set()
    # It is text by now: what it says of its encoding is past.
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "replace")
    try:
        for _, node in ElementTree.iterparse(io.BytesIO(plain), events=("end",)):
            match node.tag.rpartition("}")[2]:
                case "FeatureType" if (node.text or "").strip() == "Website":
                    kinds.add(node.get("ID", ""))
                case "sdnEntry":
                    yield None
                    owner = "" if _text(node, "sdnType").casefold() == PERSON else _text(node, "lastName")
                    websites = [
                        _text(each, "idNumber") for each in _below(node, "id") if _text(each, "idType") == "Website"
                    ]
                    yield from _told(websites, _text(node, "uid"), owner)
                    node.clear()
                case "DistinctParty":
                    yield None
                    features = [each for each in _below(node, "Feature") if each.get("FeatureTypeID") in kinds]
                    yield from _told([_text(each, "VersionDetail") for each in features], node.get("FixedRef", ""), "")
                    node.clear()
    except ElementTree.ParseError as error:
        raise NotThatList(f"no XML: {error}") from error


def _told(websites: list[str], number: str, owner: str) -> Iterator[Statement]:
    for raw in websites:
        name: DomainName | None = name_in(raw)
        if name is not None:
            said = f"{owner}: {raw}" if owner else raw
            yield Statement(name=without_www(name), place=f"entity {number}", raw=said)


def _below(node: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    return (each for each in node.iter() if each.tag.rpartition("}")[2] == tag)


def _text(node: ElementTree.Element, tag: str) -> str:
    return next(((each.text or "").strip() for each in _below(node, tag)), "")
