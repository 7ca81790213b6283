"""The icon of a site as the number that host search engines index it under."""

import base64
import re
from typing import Final
from urllib.parse import unquote_to_bytes

import mmh3

_IMAGE: Final = re.compile(
    rb"\x00\x00[\x01\x02]\x00|\x89PNG\r\n|GIF8|\xff\xd8\xff|RIFF....WEBP|\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<svg",
    re.DOTALL,
)


def favicon_hash(raw: bytes) -> int | None:
    """MurmurHash3 (signed, 32 bits) of the base64 text of an image in lines of 76, as Shodan counts; None for no image.

    An icon says little by itself: site builders and shops give thousands of sites the same.
    """
    if _IMAGE.match(raw) is None:
        return None
    return int(mmh3.hash(base64.encodebytes(raw)))


def inline_icon(url: str) -> bytes | None:
    """The bytes of a `data:` URL, or None for any other URL and for broken ones."""
    if not url.startswith("data:"):
        return None
    head, _, data = url.removeprefix("data:").partition(",")
    try:
        return (
            base64.b64decode(unquote_to_bytes(data), validate=True)
            if head.endswith(";base64")
            else unquote_to_bytes(data)
        )
    except ValueError:
        return None
