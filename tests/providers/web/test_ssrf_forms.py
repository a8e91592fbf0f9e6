"""No connection is made to a refused address, however the address is written. Own cases; those of
the evaluation data are run by the benchmark `ssrf`, which is used here too."""

from typing import Any

from benchmarks.ssrf import judged, measured

PUBLIC = "151.101.1.69"


def line(
    url: str,
    answers: dict[str, list[list[str]]] | None = None,
    expected: str = "refuse",
    redirects: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "url": url, "resolves_to": answers, "expected": expected, "redirects_to": redirects or [],
    }  # fmt: skip


REFUSED = [
    line("http://127.0.0.1/"),
    line("http://0x7f000001/"),
    line("https://[::ffff:7f00:1]/"),
    line("http://intranet.example/", {"intranet.example": [["10.2.3.4"]]}),
    line("http://both.example/", {"both.example": [[PUBLIC, "192.168.1.1"]]}),
    line("http://turns.example/", {"turns.example": [[PUBLIC], ["127.0.0.1"]]}),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, redirects=["http://169.254.169.254/x"]),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, redirects=["//127.1/"]),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, redirects=["/b", "/c", "http://[::1]/"]),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, redirects=["file:///etc/passwd"]),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, redirects=["http://a.example:6379/"]),
]
ALLOWED = [
    line("http://a.example/", {"a.example": [[PUBLIC]]}, "allow"),
    line("https://a.example./", {"a.example.": [[PUBLIC, "2600::1"]]}, "allow"),
    line(f"https://{PUBLIC}/", None, "allow"),
    line("http://a.example/", {"a.example": [[PUBLIC]]}, "allow", ["/b", "/c", "/d"]),
]


def test_nothing_refused_is_connected_to_and_all_that_is_allowed_passes() -> None:
    counts = measured([*REFUSED, *ALLOWED])
    assert counts["wrong"] == []
    assert (counts["refused_connected"], counts["refused_fetched"]) == (0, 0)
    assert counts["allowed_passed"] == counts["allowed"] == len(ALLOWED)


def test_a_redirect_is_followed_to_the_last_allowed_hop_and_no_further() -> None:
    result = judged(REFUSED[6])
    assert (result["outcome"], result["connected"]) == ("refused", [PUBLIC])


def test_the_fourth_redirect_is_one_too_many() -> None:
    result = judged(line("http://a.example/", {"a.example": [[PUBLIC]]}, "allow", ["/b"] * 4))
    assert result["outcome"] == "unavailable"


def test_the_measure_notices_a_connection_that_must_not_be() -> None:
    # A public address that the line calls refused: the fetcher goes there, and it has to show.
    assert measured([line(f"http://{PUBLIC}/")])["refused_connected"] == 1
