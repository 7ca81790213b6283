"""Names out of lists, zone files and passive-DNS lines."""

import pytest

from tracker.lookalikes.intake import Intake


@pytest.mark.parametrize(
    ("text", "names", "skipped"),
    [
        ("a.com\nB.COM.\n\n# c.com\n*.d.com\n", ["a.com", "b.com", "d.com"], 0),
        ("hxxps://e[.]com/x?y\nuser@f.com\n", ["e.com", "f.com"], 0),
        ("2025-07-07,g.com\nh.com;12\n1 i.com\n", ["g.com", "h.com", "i.com"], 0),
        ("nonsense\n10.0.0.1\n-bad-.com\nj.com\n", ["j.com"], 3),
        ("köln.de\n", ["xn--kln-sna.de"], 0),
        ('{"rrname": "K.com.", "rrtype": "NS"}\n{"rrname": 3}\n{broken\n', ["k.com"], 2),
        (
            "$ORIGIN so.\n$TTL 3600\n@ IN SOA ns1 x 1 2 3 4 5\nl 300 IN NS ns1.l\n  IN NS ns2.l\nm.so. IN NS n.com.\n",
            ["l.so", "m.so"],
            1,
        ),
        (
            "n.top.\t3600\tin\tns\tns1.x.com.\nn.top.\t3600\tin\tns\tns2.x.com.\no.top.\t60\tin\tA\t1.2.3.4\n",
            ["n.top", "o.top"],
            0,
        ),
    ],
)
def test_forms(text: str, names: list[str], skipped: int) -> None:
    """Each form gives its names once per owner; lines without a name are counted, not guessed at."""
    intake = Intake()
    assert list(intake.names(text.splitlines(keepends=True))) == names
    assert intake.skipped == skipped
