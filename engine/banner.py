"""Banners: which links they may carry, and when in the day they are shown.

>>> is_allowed("/shop?category=3", ()), is_allowed("https://example.com/x", ("example.com",))
(True, True)
>>> is_allowed("//example.com", ()), is_allowed("javascript:alert(1)", ()), is_allowed("https://evil.example", ())
(False, False, False)
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import time
from urllib.parse import urlsplit

from .errors import EngineError

#: Whole days: from midnight to midnight.
DAY_HOURS = 24.0
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
#: What a browser drops or reads as a slash, so that a path becomes another site's address.
_TRICKS = re.compile(r"[\x00-\x20\x7f\\]")


class BannerError(EngineError):
    """A host that is none."""


def parse_hosts(text: str) -> tuple[str, ...]:
    """Names of hosts, one per line or comma, small and without doubles.

    >>> parse_hosts("Example.com, www.example.com\\n\\nexample.com")
    ('example.com', 'www.example.com')
    >>> parse_hosts("https://example.com/x")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    BannerError: https://example.com/x

    :raise BannerError: with the first that is no name of a host
    """
    found: list[str] = []
    for word in re.split(r"[\s,]+", text or ""):
        host = word.lower()
        if host and not _HOST.fullmatch(host):
            raise BannerError(word)
        if host and host not in found:
            found.append(host)
    return tuple(found)


def is_own_path(url: str) -> bool:
    """Whether an address is a page of the own site, whatever a browser makes of it (abuse 20).

    >>> [is_own_path(url) for url in ("/my/club", "/", "/\\\\evil.example", "/\\t/evil.example", "shop", "")]
    [True, True, False, False, False, False]
    """
    return url.startswith("/") and not url.startswith("//") and not _TRICKS.search(url)


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether a banner may lead to an address: a page of the own site, or ``https`` to a listed host, nothing else.

    >>> is_allowed("https://example.com@evil.example/", ("example.com",))
    False
    >>> is_allowed("https://example.com:8443/", ("example.com",)), is_allowed("http://example.com/", ("example.com",))
    (False, False)
    """
    if is_own_path(url):
        return True
    if _TRICKS.search(url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc.lower() in hosts
    except ValueError:
        return False


def is_in_hours(moment: time, hour_from: float, hour_to: float) -> bool:
    """Whether a time of the day lies within hours; from 22 to 6 goes over midnight, equal hours are the whole day.

    >>> [is_in_hours(time(hour), 22, 6) for hour in (21, 22, 5, 6)]
    [False, True, True, False]
    >>> is_in_hours(time(13, 30), 9, 13.5), is_in_hours(time(13, 29), 9, 13.5), is_in_hours(time(3), 0, 24)
    (False, True, True)
    """
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    if hour_from == hour_to or (hour_from <= 0 and hour_to >= DAY_HOURS):
        return True
    if hour_from < hour_to:
        return hour_from <= hour < hour_to
    return hour >= hour_from or hour < hour_to


def show_hour(hour: float) -> str:
    """An hour as people write it.

    >>> show_hour(9.5), show_hour(24)
    ('09:30', '24:00')
    """
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
