"""Web push: which addresses the server may post to, when it tries again, and what a lock screen may say.

The address of a device is given by whoever holds the device, and the server posts to it: only the push services of the
browsers' makers are accepted, and of those only what is on the public internet (server-side request forgery).

>>> check_endpoint("https://fcm.googleapis.com/fcm/send/abc", SERVICES)
('fcm.googleapis.com', 443, '/fcm/send/abc')
>>> check_endpoint("https://fcm.googleapis.com.example.com/abc", SERVICES)
Traceback (most recent call last):
...
odoo.addons.customer_club.engine.errors.EndpointError: no known push service
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from . import errors

#: Hosts of the browsers' push services; a leading dot stands for every host below it.
SERVICES = (
    "fcm.googleapis.com",  # Chrome, Edge on Android, Opera, Samsung Internet
    ".push.services.mozilla.com",  # Firefox
    ".push.apple.com",  # Safari
    ".notify.windows.com",  # Edge on Windows
)
LONGEST_ENDPOINT = 1000
LONGEST_TITLE = 80
LONGEST_BODY = 200
#: What a campaign may say of its member that is not for everybody who sees the phone.
PERSONAL = ("points", "expiring", "tier", "next_tier", "product", "code", "offer")
#: After the first, second ... failure.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
_HOST = re.compile(r"[a-z0-9.-]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def check_endpoint(url: str, services: Iterable[str], loopback: bool = False) -> tuple[str, int, str]:
    """Take apart the address of a device, if the server may post to it.

    >>> for bad in ("http://fcm.googleapis.com/a", "https://fcm.googleapis.com:8443/a", "https://10.0.0.1/a",
    ...             "https://me@fcm.googleapis.com/a", "https://fcm.googleapis.com/a b", "https://fcm.googleapis.com",
    ...             "https://push.services.mozilla.com/a", "https://fcm.googleapis.com/" + "a" * 1000):
    ...     try:
    ...         check_endpoint(bad, SERVICES)
    ...     except errors.EndpointError as error:
    ...         print(error)
    not over HTTPS
    not over HTTPS
    no known push service
    no known push service
    unreadable
    unreadable
    no known push service
    unreadable

    :param services: hosts, or endings of hosts that begin with a dot
    :param bool loopback: for tests: a server of this machine too, over HTTP
    :return: host, port, path with query
    :raise EndpointError: if it may not
    """
    if len(url) > LONGEST_ENDPOINT or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise errors.EndpointError("unreadable")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise errors.EndpointError("unreadable") from error
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    if not target.startswith("/") or parts.fragment:
        raise errors.EndpointError("unreadable")
    if loopback and host in ("127.0.0.1", "localhost") and port:
        return host, port, target
    if parts.scheme != "https" or port not in (None, 443):
        raise errors.EndpointError("not over HTTPS")
    known = any(host.endswith(name) if name.startswith(".") else host == name for name in services)
    if "@" in parts.netloc or not _HOST.fullmatch(host) or is_address(host) or not known:
        raise errors.EndpointError("no known push service")
    return host, 443, target


def is_address(host: str) -> bool:
    """Whether a host is written as a number and not as a name.

    >>> is_address("10.0.0.1"), is_address("::1"), is_address("web.push.apple.com")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an address, as the name service gave it, is one of the public internet, however it is wrapped.

    >>> [is_public(a) for a in ("142.250.74.10", "2a00:1450:4001:82a::200a", "64:ff9b::8efa:4a0a")]
    [True, True, True]
    >>> any(is_public(a) for a in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0",
    ...                            "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::1",
    ...                            "64:ff9b::a00:1", "nonsense"))
    False
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast


def next_wait(tries: int, asked: int | None = None) -> timedelta | None:
    """How long to wait after so many failures; ``None`` to give up. A service may ask for more, a day at most.

    >>> next_wait(1), next_wait(2, asked=5), next_wait(1, asked=7200), next_wait(6)
    (datetime.timedelta(seconds=60), datetime.timedelta(seconds=600), datetime.timedelta(seconds=7200), None)
    >>> next_wait(1, asked=10**9)
    datetime.timedelta(days=1)
    """
    if tries > len(WAITS):
        return None
    return max(WAITS[tries - 1], timedelta(seconds=min(max(asked or 0, 0), 86_400)))


def is_personal(words: str) -> bool:
    """Whether a campaign's words say of a member what is not for everybody who sees the phone.

    >>> is_personal("Dear {name}"), is_personal("{points} wait for you")
    (False, True)
    """
    return any(f"{{{name}}}" in words for name in PERSONAL)


def shorten(words: str, longest: int) -> str:
    """The words on one line, cut at a word where that is possible.

    >>> shorten("Dear Anna,\\n\\nspring is here", 18)
    'Dear Anna, spring…'
    >>> shorten("x" * 30, 10)
    'xxxxxxxxx…'
    """
    line = " ".join(words.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    if not line[longest - 1].isspace() and " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return f"{cut.rstrip()}…"
