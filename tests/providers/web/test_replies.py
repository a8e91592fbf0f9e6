"""What a reply says about when its page was last changed."""

from datetime import UTC, date, datetime

import pytest

from providers.web.base import WebResponse

NOW = datetime(2030, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Tue, 07 May 2030 22:30:00 GMT", date(2030, 5, 7)),
        ("Tue, 07 May 2030 22:30:00 -0300", date(2030, 5, 8)),
        ("Tue, 07 May 2030 22:30:00 -0000", date(2030, 5, 7)),
        ("Tuesday, 07-May-30 22:30:00 GMT", date(2030, 5, 7)),
        ("Fri, 10 May 2030 11:58:00 GMT", None),
        ("Sat, 11 May 2030 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Fri, 99 May 2030 12:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_day_of_the_last_change(said: str, day: date | None) -> None:
    reply = WebResponse("https://a.example/", 200, {"last-modified": said})
    assert reply.updated_on(NOW) == day


def test_a_server_that_says_nothing_gives_no_day() -> None:
    assert WebResponse("https://a.example/", 200).updated_on(NOW) is None
