"""The interface for other systems: the only methods that an integration's technical user can call."""

import time

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL

from .api_error import RETRY_AFTER, STATUS, ClubApiError
from .club_integration import API_GROUP

#: Namespace of the advisory locks that keep one member to one call in flight.
LOCK_SPACE = 0x636C7562
#: What each method needs to be allowed; the others need an active integration only.
NEEDS = {
    "find_member": "allow_find",
    "get_balance": "allow_find",
    "record_event": "allow_record",
    "record_events": "allow_record",
    "spend": "allow_spend",
    "reverse": "allow_reverse",
    "correct": "allow_reverse",
    "check_voucher": "allow_redeem",
    "redeem_voucher": "allow_redeem",
    "undo_voucher": "allow_redeem",
}


class ClubApi(models.AbstractModel):
    """Find members, tell balances, record facts, spend, take back: over JSON-2 or XML-RPC, each safe to repeat.

    Every method that changes something takes a ``key`` that the caller makes once per business fact (a receipt, a
    redemption). The same key with the same content returns the first result with ``replayed``; with other content it
    is the error ``key_reused``. The server puts the technical user in front of the key, so no integration can use up
    or read another's. What is not known to have been done was not done or can be asked for by :meth:`get_result`.

    Numbers are decimals written as text; moments are ISO 8601 with a zone. A refusal is no exception but an answer,
    ``{"error": {"code", "message", ...}}``, so that it is logged; JSON-2 gives it a status too (:mod:`api_error`).
    The caller's context is dropped: nothing in it changes anything.
    """

    _name = "club.api"
    _description = "Interface for Other Systems"

    # -- members ---------------------------------------------------------------

    @api.model
    def find_member(self, number=None, phone=None, barcode=None, club=None):
        """Find one member by exactly one of number, phone and barcode.

        :return: ``member`` (the number to use from then on), ``name`` (masked), ``tier``.
        """
        return self._answer("find_member", lambda api, by: api._find_member(by, number, phone, barcode, club))

    @api.model
    def get_balance(self, member=None, club=None):
        """What a member can spend and what is on its way.

        :return: ``member``, ``points``, ``pending``, ``expiring`` (within 30 days), ``expiring_on``, ``tier``.
        """
        return self._answer("get_balance", lambda api, by: api._get_balance(by, member, club))

    # -- facts -----------------------------------------------------------------

    @api.model
    def record_event(
        self,
        member=None,
        type=None,  # noqa: A002 - the name on the wire
        key=None,
        occurred_at=None,
        code=None,
        amount=None,
        quantity=None,
        currency=None,
        merchant=None,
        reference=None,
        club=None,
        token=None,
    ):
        """Record one fact: ``visit``, ``custom`` (with the ``code`` of the fact) or ``merchant_purchase``.

        :return: ``key``, ``member``, ``type``, ``points`` it earned, ``pending`` of them, ``balance``; for a purchase
            at a partner also ``merchant``, ``reference`` and ``state`` (``recorded``, or ``held`` for a decision).
        """
        fact = {
            "member": member,
            "type": type,
            "key": key,
            "occurred_at": occurred_at,
            "code": code,
            "amount": amount,
            "quantity": quantity,
            "currency": currency,
            "merchant": merchant,
            "reference": reference,
            "club": club,
            "token": token,
        }
        return self._answer("record_event", lambda api, by: api._record_one(by, fact))

    @api.model
    def record_events(self, events=None):
        """Record up to 200 facts, each with the fields of :meth:`record_event`; one that is refused stops no other.

        :return: ``results``: for each fact its result, or ``{"key", "error"}``, in the order of the list.
        """
        size = len(events) if isinstance(events, list) else 0
        return self._answer("record_events", lambda api, by: {"results": api._record_many(by, events)}, size)

    # -- points ----------------------------------------------------------------

    @api.model
    def spend(self, member=None, points=None, key=None, note=None, club=None):
        """Take points that a member can spend.

        :return: ``key``, ``member``, ``points`` (spent), ``balance``.
        """
        return self._answer("spend", lambda api, by: api._spend(by, member, points, key, note, club))

    @api.model
    def reverse(self, reverses=None, key=None, points=None, note=None):
        """Take back what this user did under the key ``reverses``: a spend whole or in part, a fact whole.

        :return: ``key``, ``reverses``, ``member``, ``points`` (given back positive, taken back negative), ``balance``.
        """
        return self._answer("reverse", lambda api, by: api._reverse(by, reverses, key, points, note))

    @api.model
    def correct(self, corrects=None, amount=None, key=None, note=None):
        """Correct the amount of a purchase at a partner: goods came back, a price was wrong.

        :return: ``key``, ``corrects``, ``member``, ``points`` (that the purchase earns now), ``balance``, ``state``.
        """
        return self._answer("correct", lambda api, by: api._correct(by, corrects, amount, key, note))

    @api.model
    def get_result(self, key=None):
        """The result of an earlier call of this user with this key; ``unknown_key``: it was never done."""
        return self._answer("get_result", lambda api, by: api._get_result(key))

    # -- answering -------------------------------------------------------------

    def _answer(self, method, work, items=1):
        """Let ``work`` do a call, whole or not at all, and write down that it was called.

        :param work: function of this model (as superuser, in a clean context) and the integration.
        """
        self = self.with_env(self.env(context={}))  # noqa: PLW0642 - the caller's is read by nobody
        integration = self._get_integration()
        if not integration:
            refusal = ClubApiError(
                "forbidden", self.env._("Only the technical user of an active integration can call this.")
            )
            return self._respond({"error": refusal.to_dict()})
        clean = self.with_env(self.env(su=True, context={"lang": integration.user_id.lang or "en_US"}))
        integration = integration.with_env(clean.env)
        started, error = time.monotonic(), None
        try:
            clean._check_rate(integration, method)
            clean._check_allowed(integration, method)
            with self.env.cr.savepoint():
                result = work(clean, integration)
                clean.env.flush_all()
        except UserError as refusal:
            error = clean._to_error(refusal)
        except api_input.ApiInputError as refusal:
            error = {"code": "bad_input", "message": str(refusal), "field": refusal.field}
        clean._write_down(integration, method, error["code"] if error else "ok", items, started)
        return self._respond({"error": error} if error else result)

    @api.model
    def _respond(self, answer):
        """The answer as it is, or for a refusal over JSON-2 with the status that its code stands for."""
        error = answer.get("error")
        if error and request and getattr(request.dispatcher, "routing_type", "") == "json2":
            code = error["code"]
            headers = [("Retry-After", str(RETRY_AFTER[code]))] if code in RETRY_AFTER else []
            return request.make_json_response(answer, headers=headers, status=STATUS.get(code, 422))
        return answer

    def _to_error(self, refusal):
        if isinstance(refusal, ClubApiError):
            return refusal.to_dict()
        code = "not_enough_points" if isinstance(refusal, NotEnoughPoints) else "refused"
        return {"code": code, "message": str(refusal)}

    def _write_down(self, integration, method, code, items, started):
        self.env["club.api.call"].create(
            {
                "integration_id": integration.id,
                "at": fields.Datetime.now(),
                "method": method,
                "code": code,
                "items": items,
                "milliseconds": round((time.monotonic() - started) * 1000),
            }
        )

    # -- checking --------------------------------------------------------------

    def _get_integration(self):
        """The active integration whose technical user is calling, or none."""
        if not self.env.user.has_group(API_GROUP):
            return self.env["club.integration"].sudo()
        return self.env["club.integration"].sudo().search([("user_id", "=", self.env.uid)], limit=1)

    def _check_rate(self, integration, method):
        """Refuse more calls in a minute than the integration may make. Calls still in flight are not counted."""
        limits = [(integration.calls_per_minute, None)]
        if method == "find_member":
            limits.append((integration.finds_per_minute, method))
        for most, of_method in limits:
            if self.env["club.api.call"]._count_recent(integration, most, of_method) >= most:
                raise ClubApiError(
                    "rate_limited",
                    self.env._("%(name)s may do this %(most)s times a minute. Wait.", name=integration.name, most=most),
                )

    def _check_allowed(self, integration, method):
        need = NEEDS.get(method)
        if need and not integration[need]:
            raise ClubApiError(
                "forbidden",
                self.env._(
                    "%(name)s is not allowed to do this (%(method)s). A club manager can allow it on the integration.",
                    name=integration.name,
                    method=method,
                ),
            )

    def _check_points(self, integration, points):
        """Refuse more points than one call, or the last 24 hours, may move."""
        most = integration.points_per_call
        if most and points > most:
            raise self._too_many(integration, most, self.env._("per call"))
        most = integration.points_per_day
        if most and points:
            integration._lock_limit()
            since = fields.Datetime.subtract(fields.Datetime.now(), hours=24)
            ((moved,),) = self.env["club.api.request"]._read_group(
                [("integration_id", "=", integration.id), ("at", ">", since)], [], ["points:sum"]
            )
            if round(float(points) + (moved or 0.0), 2) > most:
                raise self._too_many(integration, most, self.env._("within 24 hours"))

    def _too_many(self, integration, most, period):
        return ClubApiError(
            "limit_exceeded",
            self.env._(
                "%(name)s may move at most %(most)s points %(period)s. Nothing was done.",
                name=integration.name,
                most=f"{most:g}",
                period=period,
            ),
        )

    def _lock_member(self, member):
        """Refuse a second call about a member while the first is in flight, instead of letting it wait (abuse 24).

        An advisory lock of the transaction: it blocks nobody else, and a failed attempt costs nothing.
        """
        ((locked,),) = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK_SPACE, member.id))
        if not locked:
            raise ClubApiError(
                "busy",
                self.env._("Another call for the same member is in progress. Send the same call again in a moment."),
            )

    # -- results ---------------------------------------------------------------

    def _get_result(self, key):
        key = api_input.key(key)
        found = self.env["club.api.request"]._find([key]).get(key)
        if not found:
            raise self._unknown_key(key)
        return {**found.result, "replayed": True}

    def _unknown_key(self, key):
        return ClubApiError("unknown_key", self.env._("Nothing was done under the key %(key)s.", key=key))

    def _first_result(self, key, method, digest):
        """The result of the same call before, or ``None``."""
        found = self.env["club.api.request"]._find([key]).get(key)
        return found and found._check_same(method, digest)
