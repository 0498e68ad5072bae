#!/usr/bin/env python3
"""Talk to a Customer Club from a till, a kiosk or a partner's system. Standard library only, Python 3.10 or newer.

Copy this file; it needs nothing else::

    from club_client import ClubClient

    club = ClubClient("https://shop.example.com", "shop", key="…")
    member = club.find(phone="+49 1512 3456789")
    club.record(member.member, "custom", code="packaging", key="slip-4711")
    club.spend(member.member, 200, key="receipt-0815")

**A retry cannot double.** Every call that changes something carries a key that names the business fact. The server does
it once and answers every repetition with the first result (``replayed``). So this client simply sends the same call
again while there is no answer: after a time-out, a lost connection, a restart of the server. If it gives up
(:class:`Unreachable`), nobody knows yet whether it was done: call again with the *same* key, or ask
:meth:`ClubClient.result`. Give keys of your own (the receipt's number) wherever there is one; a key that is made here
is lost if the program dies, unless the fact went through a :class:`Journal`.

Points and amounts are :class:`~decimal.Decimal`, never binary floats.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timezone
from decimal import Decimal
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar, get_type_hints

__all__ = ["ClubClient", "ClubError", "Journal", "Unreachable", "new_key"]

Number = Decimal | int | str
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_AT_ONCE = 200


# -- errors ------------------------------------------------------------------------------------------------


class ClubError(Exception):
    """The club refused a call, or could not be reached. ``code`` is stable, the message is for people."""

    code = ""

    def __init__(self, message: str, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.details = dict(details or {})


class BadInput(ClubError):
    """A value is not what the interface takes; ``details["field"]`` names it."""

    code = "bad_input"


class UnknownMember(ClubError):
    """No active member has this number, phone or barcode."""

    code = "unknown_member"


class AmbiguousMember(ClubError):
    """Several members have this telephone number."""

    code = "ambiguous_member"


class UnknownCode(ClubError):
    """The club knows no custom fact with this code."""

    code = "unknown_code"


class UnknownKey(ClubError):
    """Nothing was done under this key."""

    code = "unknown_key"


class KeyReused(ClubError):
    """The key stands for something else already."""

    code = "key_reused"


class NotEnoughPoints(ClubError):
    """The member cannot spend so many points."""

    code = "not_enough_points"


class NothingLeft(ClubError):
    """What should be taken back was taken back already."""

    code = "nothing_left"


class LimitExceeded(ClubError):
    """More points than this integration may move."""

    code = "limit_exceeded"


class CodeNotValid(ClubError):
    """A voucher's or member's code is wrong, over, used, or another partner's: one answer for all."""

    code = "code_not_valid"


class CodePaused(ClubError):
    """Too many codes that are not valid: nothing is looked up for a quarter of an hour."""

    code = "code_paused"


class Forbidden(ClubError):
    """The integration is not allowed to do this."""

    code = "forbidden"


class Refused(ClubError):
    """The club's own rules refuse it; the message says why."""

    code = "refused"


class Busy(ClubError):
    """Another call for the same member was still in progress after all retries."""

    code = "busy"


class RateLimited(ClubError):
    """Too many calls within a minute."""

    code = "rate_limited"


class AuthenticationFailed(ClubError):
    """The key is wrong, revoked or expired, or the database's name is wrong."""

    code = "authentication_failed"


class ServerError(ClubError):
    """The server answered something that this client does not understand."""

    code = "server_error"


class Unreachable(ClubError):
    """No answer after all retries. Whether it was done is not known: send the same key again."""

    code = "unreachable"


ERRORS: dict[str, type[ClubError]] = {
    error.code: error
    for error in (
        BadInput,
        UnknownMember,
        AmbiguousMember,
        UnknownCode,
        UnknownKey,
        KeyReused,
        NotEnoughPoints,
        NothingLeft,
        LimitExceeded,
        CodeNotValid,
        CodePaused,
        Forbidden,
        Refused,
        Busy,
        RateLimited,
        AuthenticationFailed,
        ServerError,
        Unreachable,
    )
}


def to_error(error: Mapping[str, Any]) -> ClubError:
    """The exception for an error of the interface; an unknown code is a plain :class:`ClubError`.

    >>> to_error({"code": "not_enough_points", "message": "Only 5."})
    NotEnoughPoints('Only 5.')
    """
    details = {name: value for name, value in error.items() if name not in ("code", "message")}
    code = str(error.get("code", ""))
    return ERRORS.get(code, ClubError)(str(error.get("message", code)), code, details)


# -- results -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """Who was found: the number to use from then on, and a masked name to greet with."""

    member: str
    name: str
    tier: str
    club: int


@dataclass(frozen=True)
class Balance:
    """``points`` can be spent now; ``pending`` later; ``expiring`` within 30 days, first on ``expiring_on``."""

    member: str
    points: Decimal
    pending: Decimal
    expiring: Decimal
    expiring_on: date | None
    tier: str


@dataclass(frozen=True)
class Recorded:
    """What a fact earned, as of the first time it was sent. ``state`` only for a purchase at a partner."""

    key: str
    type: str
    member: str
    points: Decimal
    pending: Decimal
    balance: Decimal
    replayed: bool
    state: str = ""
    merchant: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Spent:
    key: str
    member: str
    points: Decimal
    balance: Decimal
    replayed: bool


@dataclass(frozen=True)
class Reversed:
    """``points``: given back if positive, taken back if negative."""

    key: str
    reverses: str
    member: str
    points: Decimal
    balance: Decimal
    replayed: bool


@dataclass(frozen=True)
class Corrected:
    """``points``: what the purchase earns now."""

    key: str
    corrects: str
    member: str
    points: Decimal
    balance: Decimal
    state: str
    replayed: bool


@dataclass(frozen=True)
class Voucher:
    """What a code stands for. ``value``: what the partner is owed, before commission. ``valid_until``: in UTC."""

    voucher: str
    merchant: str
    offer: str
    worth: str
    value: Decimal
    currency: str
    valid_until: str


@dataclass(frozen=True)
class Redeemed:
    key: str
    voucher: str
    merchant: str
    offer: str
    worth: str
    value: Decimal
    currency: str
    reference: str
    redeemed_at: str
    undo_until: str
    replayed: bool


@dataclass(frozen=True)
class Undone:
    key: str
    undoes: str
    voucher: str
    merchant: str
    state: str
    replayed: bool


Result = TypeVar("Result", Member, Balance, Recorded, Spent, Reversed, Corrected, Voucher, Redeemed, Undone)


def to_result(kind: type[Result], answer: Any) -> Result:
    """An answer as a typed value; fields that a newer server adds are left out.

    >>> to_result(Spent, {"key": "k", "member": "1", "points": "5", "balance": "0.5", "replayed": False, "new": 1})
    Spent(key='k', member='1', points=Decimal('5'), balance=Decimal('0.5'), replayed=False)
    """
    if not isinstance(answer, dict):
        raise ServerError(f"the server answered {type(answer).__name__} instead of an object")
    values: dict[str, Any] = {}
    hints = get_type_hints(kind, None, {"date": date, "Decimal": Decimal})
    try:
        for field in fields(kind):
            if field.name in answer:
                values[field.name] = _read(hints[field.name], answer[field.name])
        return kind(**values)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ServerError(f"the server's answer lacks something: {error}") from error


def _read(hint: Any, value: Any) -> Any:
    if hint is Decimal:
        return Decimal(str(value))
    if hint in (str, int, bool):
        return hint(value)
    return date.fromisoformat(value) if value else None


# -- values ------------------------------------------------------------------------------------------------


def new_key(prefix: str = "") -> str:
    """A key that nobody has used. Make it once per business fact, and keep it with the fact.

    >>> len(new_key("till-3")), new_key() != new_key()
    (39, True)
    """
    return f"{prefix}-{uuid.uuid4().hex}" if prefix else uuid.uuid4().hex


def write_number(value: Number) -> str:
    """A number as the interface takes it. A binary float is refused: 0.1 + 0.2 is no amount of money.

    >>> write_number(Decimal("1E+2")), write_number(5), write_number("12.50")
    ('100', '5', '12.50')
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError(f"{value!r} is no exact number; pass a Decimal, an int or a text like '12.50'")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def write_moment(value: datetime | str) -> str:
    """A moment with its zone, as the interface takes it.

    >>> write_moment(datetime(2026, 5, 1, 12, tzinfo=timezone.utc))
    '2026-05-01T12:00:00+00:00'
    """
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; use datetime.now(timezone.utc)")
    return value.replace(microsecond=0).isoformat()


def backoff(attempt: int, least: float = 0.0, base: float = 0.25, most: float = 15.0) -> float:
    """Seconds to wait after a failed attempt (from 1): doubling, with full jitter, not less than the server asked for.

    >>> all(0 <= backoff(1) <= 0.25 and backoff(50) <= 15 and backoff(1, least=3) >= 3 for _ in range(99))
    True
    """
    return max(least, random.uniform(0, min(most, base * 2 ** min(attempt - 1, 30))))


# -- protocols ---------------------------------------------------------------------------------------------


class Again(Exception):
    """An attempt that may be repeated: no answer, or an answer that says so."""

    def __init__(self, error: ClubError, wait: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    @property
    def wait(self) -> float:
        """Seconds that the server asks to wait; 0 if it does not say."""
        try:
            return min(max(float(self.headers.get("Retry-After") or 0), 0.0), 60.0)
        except ValueError:
            return 0.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would lose its body, and a redirect to another host would get the key."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Reply:
    """Send once.

    :raise Again: there was no answer, or not a whole one
    """
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        try:
            with _OPENER.open(request, timeout=timeout) as response:
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())
    except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
        reason = getattr(error, "reason", error)
        raise Again(Unreachable(f"no answer from {url}: {reason}")) from error


class JsonProtocol:
    """Odoo's JSON-2 (Odoo 19 and newer): one POST per call, the key as bearer token."""

    def __init__(self, url: str, database: str, key: str, login: str | None = None) -> None:
        self.url, self.database, self.key = url, database, key

    def call(self, method: str, values: Mapping[str, Any], timeout: float) -> Any:
        headers = {
            "Authorization": f"bearer {self.key}",
            "Content-Type": "application/json",
            "User-Agent": "club-client/1",
        }
        if self.database:
            headers["X-Odoo-Database"] = self.database
        reply = post(f"{self.url}/json/2/club.api/{method}", json.dumps(values).encode(), headers, timeout)
        try:
            answer = json.loads(reply.body)
        except ValueError:
            answer = None
        if reply.status == 200 and answer is not None:
            return answer
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            return {**answer, "wait": reply.wait}
        return self._fail(reply, answer)

    def _fail(self, reply: Reply, answer: Any) -> NoReturn:
        """Odoo itself refused, or somebody between us and Odoo answered."""
        message = str(answer.get("message", "")) if isinstance(answer, dict) else ""
        if reply.status in (401, 403) and (message or reply.status == 401):
            raise AuthenticationFailed(message or "the key was not accepted")
        if reply.status == 422:
            raise BadInput(message)
        error = ServerError(f"the server answered {reply.status} {message}".strip())
        if reply.status == 429 or reply.status >= 500 or reply.status == 200:
            raise Again(error, reply.wait)
        raise error


class XmlProtocol:
    """XML-RPC, for servers and programs that have no JSON-2 yet. Needs the technical user's login too."""

    def __init__(self, url: str, database: str, key: str, login: str | None = None) -> None:
        if not login or not database:
            raise ValueError("XML-RPC needs the technical user's login and the database's name beside the key")
        self.url, self.database, self.key, self.login = url, database, key, login
        self.user = 0

    def call(self, method: str, values: Mapping[str, Any], timeout: float) -> Any:
        if not self.user:
            self.user = self._send("common", "authenticate", (self.database, self.login, self.key, {}), timeout) or 0
            if not self.user:
                raise AuthenticationFailed("the login, the key or the database is wrong")
        return self._send(
            "object",
            "execute_kw",
            (self.database, self.user, self.key, "club.api", method, [], dict(values)),
            timeout,
        )

    def _send(self, service: str, method: str, arguments: tuple[Any, ...], timeout: float) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        headers = {"Content-Type": "text/xml", "User-Agent": "club-client/1"}
        reply = post(f"{self.url}/xmlrpc/2/{service}", body, headers, timeout)
        if reply.status != 200:
            error = ServerError(f"the server answered {reply.status}")
            if reply.status == 429 or reply.status >= 500:
                raise Again(error, reply.wait)
            raise error
        try:
            result, _name = xmlrpc.client.loads(reply.body)
        except xmlrpc.client.Fault as fault:
            self._fail(fault)
        except Exception as error:  # noqa: BLE001 - expat and others: half an answer is no answer
            raise Again(ServerError(f"the server's answer cannot be read: {error}")) from error
        return result[0]

    def _fail(self, fault: xmlrpc.client.Fault) -> NoReturn:
        words = str(fault.faultString).strip()
        last = words.splitlines()[-1] if words else ""
        if fault.faultCode == 3:
            raise AuthenticationFailed(last or "access denied")
        if any(name in words for name in ("SerializationFailure", "DeadlockDetected", "LockNotAvailable")):
            raise Again(ServerError(last))
        if "TypeError" in words:
            raise BadInput(last)
        raise ServerError(last)


PROTOCOLS: dict[str, type[JsonProtocol] | type[XmlProtocol]] = {"json2": JsonProtocol, "xmlrpc": XmlProtocol}


# -- the client --------------------------------------------------------------------------------------------


class ClubClient:
    """One technical user of one club's interface. Threads may share it.

    :param url: of the Odoo server, ``https://`` (plain ``http://`` only to this machine, or with ``insecure``).
    :param database: may be empty for JSON-2 where the server serves one only.
    :param key: the API key that the integration's page showed once.
    :param protocol: ``json2`` or ``xmlrpc``; the latter needs ``login``.
    :param club: the id of the club, if the integration serves several.
    :param timeout: seconds for one attempt. :param retries: further attempts after the first.
    """

    def __init__(
        self,
        url: str,
        database: str,
        key: str,
        protocol: str = "json2",
        login: str | None = None,
        club: int | None = None,
        timeout: float = 10.0,
        retries: int = 5,
        insecure: bool = False,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address; write it like https://shop.example.com")
        if parts.scheme == "http" and parts.hostname not in LOCAL and not insecure:
            raise ValueError("over plain http everybody on the way could read the key; use https")
        if not key:
            raise ValueError("the API key is needed: it was shown when the integration's page made it")
        if protocol not in PROTOCOLS:
            raise ValueError(f"protocol is one of {', '.join(PROTOCOLS)}")
        self._protocol = PROTOCOLS[protocol](url.rstrip("/"), database, key, login)
        self.club, self.timeout, self.retries, self._sleep = club, timeout, retries, sleep

    # -- members

    def find(self, number: str | None = None, phone: str | None = None, barcode: str | None = None) -> Member:
        """The member with exactly this number, telephone number or barcode; give one of them."""
        return to_result(Member, self._call("find_member", number=number, phone=phone, barcode=barcode, club=self.club))

    def balance(self, member: str) -> Balance:
        return to_result(Balance, self._call("get_balance", member=member, club=self.club))

    # -- facts

    def record(
        self,
        member: str,
        type: str,  # noqa: A002 - the name on the wire
        *,
        key: str | None = None,
        occurred_at: datetime | str | None = None,
        code: str | None = None,
        amount: Number | None = None,
        quantity: Number | None = None,
        currency: str | None = None,
        merchant: str | None = None,
        reference: str | None = None,
        token: str | None = None,
    ) -> Recorded:
        """Record a fact: ``visit``, ``custom`` (with its ``code``) or ``merchant_purchase`` (with its ``amount``)."""
        fact = prepare_fact(
            member,
            type,
            key=key,
            occurred_at=occurred_at,
            code=code,
            amount=amount,
            quantity=quantity,
            currency=currency,
            merchant=merchant,
            reference=reference,
            token=token,
        )
        return to_result(Recorded, self._call("record_event", **fact, club=self.club))

    def record_many(self, facts: Sequence[Mapping[str, Any]]) -> list[Recorded | ClubError]:
        """Record up to 200 facts (see :func:`prepare_fact`); each is answered by its result or its error."""
        sent = [fact if self.club is None else {**fact, "club": self.club} for fact in facts]
        answer = self._call("record_events", events=sent)
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list) or len(results) != len(facts):
            raise ServerError("the server answered another number of facts than were sent")
        return [to_error(item["error"]) if "error" in item else to_result(Recorded, item) for item in results]

    # -- points

    def spend(self, member: str, points: Number, *, key: str | None = None, note: str | None = None) -> Spent:
        """Take points that the member can spend."""
        values = {"member": member, "points": write_number(points), "key": key or new_key(), "note": note}
        return to_result(Spent, self._call("spend", **values, club=self.club))

    def reverse(
        self, reverses: str, *, key: str | None = None, points: Number | None = None, note: str | None = None
    ) -> Reversed:
        """Take back what was done under the key ``reverses``: a spend whole or in part, a fact whole."""
        part = None if points is None else write_number(points)
        values = {"reverses": reverses, "points": part, "key": key or new_key(), "note": note}
        return to_result(Reversed, self._call("reverse", **values))

    def correct(self, corrects: str, amount: Number, *, key: str | None = None, note: str | None = None) -> Corrected:
        """Lower the amount of a purchase at a partner: goods came back."""
        values = {"corrects": corrects, "amount": write_number(amount), "key": key or new_key(), "note": note}
        return to_result(Corrected, self._call("correct", **values))

    # -- vouchers of partners

    def check_voucher(self, code: str, *, merchant: str | None = None) -> Voucher:
        """What a customer's code stands for at this partner; nothing is redeemed."""
        return to_result(Voucher, self._call("check_voucher", code=code, merchant=merchant))

    def redeem_voucher(
        self, code: str, *, key: str | None = None, reference: str | None = None, merchant: str | None = None
    ) -> Redeemed:
        """Redeem a voucher, once."""
        values = {"code": code, "key": key or new_key(), "reference": reference, "merchant": merchant}
        return to_result(Redeemed, self._call("redeem_voucher", **values))

    def undo_voucher(self, undoes: str, *, key: str | None = None) -> Undone:
        """Undo the redemption made under the key ``undoes``, while there is time."""
        return to_result(Undone, self._call("undo_voucher", undoes=undoes, key=key or new_key()))

    def result(self, key: str) -> dict[str, Any]:
        """What was done under a key, as the server first answered it.

        :raise UnknownKey: nothing was done under it, and it may be used
        """
        answer = self._call("get_result", key=key)
        return answer if isinstance(answer, dict) else {}

    # -- sending

    def _call(self, method: str, **values: Any) -> Any:
        """Send until there is an answer. The very same values go out each time, the key among them."""
        values = {name: value for name, value in values.items() if value is not None}
        attempt = 0
        while True:
            attempt += 1
            answer = self._attempt(method, values)
            if not isinstance(answer, Again):
                return answer
            if attempt > self.retries:
                raise answer.error from answer
            self._sleep(backoff(attempt, answer.wait))

    def _attempt(self, method: str, values: Mapping[str, Any]) -> Any:
        """Send once.

        :return: the answer, or :class:`Again`
        """
        try:
            answer = self._protocol.call(method, values, self.timeout)
        except Again as again:
            return again
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            error = to_error(answer["error"])
            if isinstance(error, (Busy, RateLimited)):
                return Again(error, float(answer.get("wait") or 0.0))
            raise error
        return answer


def prepare_fact(
    member: str,
    type: str,  # noqa: A002 - the name on the wire
    *,
    key: str | None = None,
    occurred_at: datetime | str | None = None,
    code: str | None = None,
    amount: Number | None = None,
    quantity: Number | None = None,
    currency: str | None = None,
    merchant: str | None = None,
    reference: str | None = None,
    token: str | None = None,
) -> dict[str, str]:
    """A fact as it is sent, with a key if it has none yet.

    >>> prepare_fact("00000195", "custom", key="slip-1", code="packaging", amount=5)
    {'member': '00000195', 'type': 'custom', 'key': 'slip-1', 'code': 'packaging', 'amount': '5'}
    """
    values = {
        "member": member,
        "type": type,
        "key": key or new_key(),
        "occurred_at": None if occurred_at is None else write_moment(occurred_at),
        "code": code,
        "amount": None if amount is None else write_number(amount),
        "quantity": None if quantity is None else write_number(quantity),
        "currency": currency,
        "merchant": merchant,
        "reference": reference,
        "token": token,
    }
    return {name: value for name, value in values.items() if value is not None}


# -- without a network -------------------------------------------------------------------------------------


class JournalDamaged(Exception):
    """A line of the journal cannot be read. Nothing was changed; look at the file."""


@dataclass(frozen=True)
class Delivery:
    """What :meth:`Journal.send` did. ``error`` is why it stopped before the end, if it did."""

    sent: int
    refused: int
    waiting: int
    error: ClubError | None = None


class Journal:
    """Facts that happened while the club could not be reached: kept in a file, sent later, in order, with their keys.

    When :meth:`add` returns, the fact is on the disk. The file is a line of JSON per fact that waits; it is only ever
    appended to or replaced as a whole. A program that dies at any moment loses nothing, and what it had sent already is
    sent again under the same keys, which counts nothing twice. What the club refuses goes to ``<path>.refused`` with
    its reason, for a person to look at, and holds up nothing.

    Only facts wait here. A spend needs the club's answer: without a network there is none.
    """

    def __init__(self, path: str | os.PathLike[str], client: ClubClient, batch: int = 100) -> None:
        self.path = Path(path)
        self.client = client
        self.batch = min(batch, MOST_AT_ONCE)
        self._lock = threading.RLock()
        self._mend()

    def add(self, member: str, type: str, **values: Any) -> str:  # noqa: A002 - the name on the wire
        """Keep a fact (as :meth:`ClubClient.record` takes it) with a key and the present moment; return the key."""
        values.setdefault("occurred_at", datetime.now(timezone.utc))
        fact = prepare_fact(member, type, **values)
        with self._locked():
            self._append(self.path, [fact])
        return fact["key"]

    def waiting(self) -> list[dict[str, Any]]:
        """The facts that wait, in order."""
        with self._locked():
            return self._read()

    def send(self) -> Delivery:
        """Send what waits, in order; stop where the club cannot be reached or wants no more for now."""
        sent = refused = 0
        size = self.batch
        with self._sending():
            while True:
                facts = self.waiting()[:size]
                if not facts:
                    return Delivery(sent, refused, 0)
                try:
                    answers = self.client.record_many(facts)
                except LimitExceeded as error:
                    if size == 1 or len(facts) == 1:
                        return Delivery(sent, refused, len(self.waiting()), error)
                    size = len(facts) // 2
                    continue
                except ClubError as error:
                    return Delivery(sent, refused, len(self.waiting()), error)
                again = [error for error in answers if isinstance(error, (Busy, RateLimited))]
                wrong = [
                    {**fact, "error": {"code": error.code, "message": str(error)}}
                    for fact, error in zip(facts, answers, strict=True)
                    if isinstance(error, ClubError) and error not in again
                ]
                done = [fact["key"] for fact, answer in zip(facts, answers, strict=True) if answer not in again]
                self._settle(done, wrong)
                sent, refused = sent + len(done) - len(wrong), refused + len(wrong)
                if again:
                    return Delivery(sent, refused, len(self.waiting()), again[0])

    # -- the file

    def _settle(self, keys: Iterable[str], wrong: Sequence[Mapping[str, Any]]) -> None:
        """Take facts that were answered out of the journal. Refused ones are on the disk elsewhere before."""
        gone = set(keys)
        with self._locked():
            if wrong:
                self._append(self.path.with_name(self.path.name + ".refused"), wrong)
            self._replace([fact for fact in self._read() if fact["key"] not in gone])

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().splitlines()
        return [self._read_line(number, line) for number, line in enumerate(lines, 1)]

    def _read_line(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            fact = json.loads(line)
            return {**fact, "key": str(fact["key"])}
        except (ValueError, KeyError, TypeError) as error:
            raise JournalDamaged(f"line {number} of {self.path} cannot be read: {error}") from error

    def _mend(self) -> None:
        """Cut off a last line that a crash left unfinished: its ``add`` had not returned."""
        with self._locked():
            if self.path.exists():
                content = self.path.read_bytes()
                whole = content[: content.rfind(b"\n") + 1]
                if whole != content:
                    with open(self.path, "r+b") as file:
                        file.truncate(len(whole))
                        os.fsync(file.fileno())

    def _append(self, path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
        new = not path.exists()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "ab") as file:
            file.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        if new:
            self._sync_folder()

    def _replace(self, lines: Sequence[Mapping[str, Any]]) -> None:
        handle, name = tempfile.mkstemp(prefix=self.path.name + ".", dir=self.path.parent)
        try:
            with open(handle, "wb") as file:
                file.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        """Make a new name in the folder durable; Windows does so by itself and cannot open folders."""
        with contextlib.suppress(OSError):
            handle = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock, _lock_file(self.path.with_name(self.path.name + ".lock")):
            yield

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        """One sender at a time, so that the order is kept; adding goes on meanwhile."""
        with _lock_file(self.path.with_name(self.path.name + ".sending")):
            yield


@contextlib.contextmanager
def _lock_file(path: Path) -> Iterator[None]:
    """Keep other processes (and other journals of this one) out; the lock ends with its process, however it ends."""
    with open(path, "a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield


# -- the command line --------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="club_client.py",
        description="Ask a Customer Club and tell it facts.",
        epilog="Set CLUB_URL, CLUB_DATABASE and CLUB_KEY (or --key-file): a key on the command line is seen by every "
        "user of the machine. Exit status: 0 done, 2 wrong use, 3 refused, 4 not reached (the same key again is safe).",
    )
    parser.add_argument("--url", default=os.environ.get("CLUB_URL", "http://127.0.0.1:8069"))
    parser.add_argument("--database", default=os.environ.get("CLUB_DATABASE", ""))
    parser.add_argument("--key-file", type=Path, help="a file whose first line is the API key")
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default=os.environ.get("CLUB_PROTOCOL", "json2"))
    parser.add_argument("--login", default=os.environ.get("CLUB_LOGIN"), help="of the technical user (XML-RPC only)")
    parser.add_argument("--club", type=int, help="id of the club, if the integration serves several")
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--retries", type=int, default=5)
    commands = parser.add_subparsers(dest="command", required=True)
    find = commands.add_parser("find", help="find a member")
    one = find.add_mutually_exclusive_group(required=True)
    for name in ("number", "phone", "barcode"):
        one.add_argument(f"--{name}")
    commands.add_parser("balance", help="what a member can spend").add_argument("member")
    for name, words in (("record", "record a fact"), ("queue", "keep a fact in a journal, to be sent later")):
        record = commands.add_parser(name, help=words)
        record.add_argument("member")
        record.add_argument("type", choices=["visit", "custom", "merchant_purchase"])
        for option in ("key", "occurred-at", "code", "amount", "quantity", "currency", "merchant", "reference"):
            record.add_argument(f"--{option}")
        if name == "queue":
            record.add_argument("--journal", type=Path, required=True)
    commands.add_parser("send", help="send what waits in a journal").add_argument("--journal", type=Path, required=True)
    spend = commands.add_parser("spend", help="take points")
    spend.add_argument("member")
    spend.add_argument("points")
    reverse = commands.add_parser("reverse", help="take back what was done under a key")
    reverse.add_argument("reverses")
    reverse.add_argument("--points")
    correct = commands.add_parser("correct", help="lower the amount of a purchase at a partner")
    correct.add_argument("corrects")
    correct.add_argument("amount")
    for command in (spend, reverse, correct):
        command.add_argument("--key")
        command.add_argument("--note")
    commands.add_parser("result", help="what was done under a key").add_argument("key")
    return parser


FACT = ("key", "occurred_at", "code", "amount", "quantity", "currency", "merchant", "reference")


def _run(client: ClubClient, options: argparse.Namespace) -> Any:
    command = options.command
    if command == "find":
        return client.find(options.number, options.phone, options.barcode)
    if command == "balance":
        return client.balance(options.member)
    if command == "send":
        delivery = Journal(options.journal, client).send()
        if delivery.error:
            raise delivery.error
        return delivery
    if command == "result":
        return client.result(options.key)
    if not options.key:
        options.key = new_key()
        print(f"key {options.key}", file=sys.stderr, flush=True)  # before anything is sent: it may be needed again
    if command == "record":
        return client.record(options.member, options.type, **{name: getattr(options, name) for name in FACT})
    if command == "queue":
        given = {name: getattr(options, name) for name in FACT if getattr(options, name) is not None}
        return {"key": Journal(options.journal, client).add(options.member, options.type, **given)}
    if command == "spend":
        return client.spend(options.member, options.points, key=options.key, note=options.note)
    if command == "reverse":
        return client.reverse(options.reverses, points=options.points, key=options.key, note=options.note)
    return client.correct(options.corrects, options.amount, key=options.key, note=options.note)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; prints one line of JSON."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        key = os.environ.get("CLUB_KEY", "")
        if options.key_file:
            key = options.key_file.read_text().splitlines()[0].strip()
        client = ClubClient(
            options.url,
            options.database,
            key,
            options.protocol,
            options.login,
            options.club,
            options.timeout,
            options.retries,
        )
    except (ValueError, OSError, IndexError) as error:
        parser.error(str(error))
    try:
        result = _run(client, options)
    except ClubError as error:
        print(json.dumps({"error": {"code": error.code, "message": str(error), **error.details}}), file=sys.stderr)
        return 4 if isinstance(error, (Unreachable, ServerError, Busy, RateLimited)) else 3
    print(json.dumps(result if isinstance(result, dict) else asdict(result), default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
