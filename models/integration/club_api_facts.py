"""Facts that other systems report: visits, custom facts, purchases at a partner."""

from datetime import timedelta

from odoo import fields, models
from odoo.addons.customer_club.engine import api_input, periods
from odoo.addons.customer_club.engine import lots as engine_lots

from .api_error import ClubApiError
from .club_api_members import written

FIELDS = (
    "member",
    "type",
    "key",
    "occurred_at",
    "code",
    "amount",
    "quantity",
    "currency",
    "merchant",
    "reference",
    "club",
    "token",
)
#: What each type takes beside member, type, key, occurred_at and club.
TAKES = {
    "visit": (),
    "custom": ("code", "amount", "quantity", "currency"),
    "merchant_purchase": ("merchant", "reference", "amount", "currency", "token"),
}
MOST_AT_ONCE = 200
#: Where a member was seen that another system reports.
VISIT_CHANNEL = "counter"
#: Clocks of tills run a little fast.
AHEAD = timedelta(minutes=5)


class ClubApi(models.AbstractModel):
    _inherit = "club.api"

    def _record_one(self, integration, fact):
        """One fact; a second call about the same member at the same moment is told to wait."""
        result = self._record_facts(integration, [fact], lock=True)[0]
        if isinstance(result, Exception):
            raise result
        return result

    def _record_many(self, integration, events):
        if not isinstance(events, list) or not 1 <= len(events) <= MOST_AT_ONCE:
            raise api_input.ApiInputError("events", f"a list of 1 to {MOST_AT_ONCE} facts")
        answers = []
        for fact, result in zip(events, self._record_facts(integration, events), strict=True):
            if isinstance(result, Exception):
                key = fact.get("key") if isinstance(fact, dict) else ""
                result = {"key": key if isinstance(key, str) else "", "error": self._to_item_error(result)}
            answers.append(result)
        return answers

    def _to_item_error(self, error):
        if isinstance(error, api_input.ApiInputError):
            return {"code": "bad_input", "message": str(error), "field": error.field}
        return self._to_error(error)

    # -- a list of facts -------------------------------------------------------

    def _record_facts(self, integration, facts, lock=False):
        """Record what is new and valid among ``facts``.

        :return: for each fact its result, or the error that refuses it (not raised).
        """
        parsed = [self._try(self._parse_fact, integration, fact) for fact in facts]
        answers = self._answer_known(parsed)
        new = self._without_twins(parsed, answers)
        self._resolve(integration, new, answers)
        new = [fact for fact in new if id(fact) not in answers]
        if lock and new:
            self._lock_member(new[0]["member"])
        results = {**self._report_events(integration, new), **self._record_purchases(integration, new, answers)}
        self._check_points(integration, sum((result[1] for result in results.values()), engine_lots.ZERO))
        self._keep_facts(integration, new, results)
        answers.update({which: result for which, (result, _points) in results.items()})
        return [self._result_of(fact, answers, parsed) for fact in parsed]

    def _try(self, function, *args):
        try:
            return function(*args)
        except (api_input.ApiInputError, ClubApiError) as error:
            return error

    def _result_of(self, fact, answers, parsed):
        if isinstance(fact, Exception):
            return fact
        answer = answers[id(fact)]
        if isinstance(answer, dict) and "twin" in answer:  # the same fact twice in one list
            answer = answers[answer["twin"]]
            return answer if isinstance(answer, Exception) else {**answer, "replayed": True}
        return answer

    def _answer_known(self, parsed):
        """First results of facts that were recorded before, and errors of keys that were used for something else."""
        clean = [fact for fact in parsed if isinstance(fact, dict)]
        known = self.env["club.api.request"]._find([fact["key"] for fact in clean])
        return {
            id(fact): self._try(known[fact["key"]]._check_same, "record_event", fact["digest"])
            for fact in clean
            if fact["key"] in known
        }

    def _without_twins(self, parsed, answers):
        first, new = {}, []
        for fact in parsed:
            if isinstance(fact, Exception) or id(fact) in answers:
                continue
            twin = first.setdefault(fact["key"], fact)
            if twin is fact:
                new.append(fact)
            elif twin["digest"] == fact["digest"]:
                answers[id(fact)] = {"twin": id(twin)}
            else:
                answers[id(fact)] = ClubApiError(
                    "key_reused", self.env._("The key %(key)s stands for two different facts.", key=fact["key"])
                )
        return new

    # -- one fact --------------------------------------------------------------

    def _parse_fact(self, integration, values):
        """What was sent, checked as far as it can be without looking at members."""
        values = api_input.fields(values, FIELDS, "event")
        kind = values.get("type")
        if kind not in TAKES:
            raise api_input.ApiInputError("type", " or ".join(TAKES))
        for name in ("code", "amount", "quantity", "currency", "merchant", "reference", "token"):
            if name in values and name not in TAKES[kind]:
                raise api_input.ApiInputError(name, f"nothing for the type {kind}")
        club = self._get_club(integration, values.get("club"))
        fact = {
            "key": api_input.key(values.get("key")),
            "type": kind,
            "club": club,
            "number": self._clean_number(values.get("member")),
            "at": self._parse_moment(integration, values.get("occurred_at")),
            "amount": self._parse_amount(values, kind, club),
        }
        if kind == "custom":
            fact["code"] = api_input.code(values.get("code"))
            if "quantity" in values:
                fact["quantity"] = api_input.decimal(values["quantity"], "quantity", 3)
        if kind == "merchant_purchase":
            fact["merchant"] = api_input.code(values["merchant"], "merchant") if "merchant" in values else ""
            fact["reference"] = api_input.key(values.get("reference", fact["key"]), "reference")
            fact["token"] = api_input.text(values.get("token"), "token", 100)
        fact["digest"] = api_input.digest(self._get_content(fact))
        return fact

    def _get_content(self, fact):
        """What must agree when the key comes again, however it is written; the time may differ, as in the ledger."""
        numbers = {name: f"{fact[name].normalize():f}" for name in ("amount", "quantity") if fact.get(name)}
        texts = {name: fact.get(name, "") for name in ("type", "number", "code", "merchant", "reference")}
        return {**texts, **numbers, "club": fact["club"].id}

    def _parse_moment(self, integration, value):
        now = fields.Datetime.now()
        if value in (None, False):
            return now
        at = api_input.instant(value, "occurred_at")
        if at > now + AHEAD:
            raise api_input.ApiInputError("occurred_at", "a time that has come; look at the clock of the sender")
        if at < now - timedelta(days=integration.max_age_days):
            raise api_input.ApiInputError(
                "occurred_at", f"a time at most {integration.max_age_days} days ago, as the integration says"
            )
        return min(at, now)

    def _parse_amount(self, values, kind, club):
        if "amount" not in values:
            if kind == "merchant_purchase":
                raise api_input.ApiInputError("amount", "what was paid")
            return None
        amount = api_input.decimal(values["amount"], "amount")
        currency = club.currency_id
        if "currency" in values and values["currency"] != currency.name:
            raise api_input.ApiInputError("currency", f"{currency.name}, in which the club counts")
        self._check_decimals(amount, currency)
        return amount

    # -- members, facts, merchants ---------------------------------------------

    def _resolve(self, integration, facts, answers):
        """Find what the facts name: a few queries for the whole list. What is not found is an error in ``answers``."""
        members, codes = {}, {}
        for club in integration.club_ids:
            own = [fact for fact in facts if fact["club"] == club]
            if own:
                members[club] = self._get_members(club, {fact["number"] for fact in own})
                known = self.env["club.custom.fact"].search([("club_id", "=", club.id)])
                codes[club] = {fact.code: fact for fact in known}
        merchants = self.env["club.merchant"].search([("integration_id", "=", integration.id)])
        for fact in facts:
            error = self._try(self._resolve_one, fact, members[fact["club"]], codes[fact["club"]], merchants)
            if error:
                answers[id(fact)] = error

    def _resolve_one(self, fact, members, codes, merchants):
        member = members.get(fact["number"]) or self._raise_unknown()
        fact["member"] = member
        tz = fact["club"].tz
        if periods.local_date(fact["at"], tz) < periods.local_date(member.joined_at, tz):
            raise api_input.ApiInputError("occurred_at", "a time after the member joined")
        if fact["type"] == "custom" and fact["code"] not in codes:
            raise ClubApiError(
                "unknown_code",
                self.env._(
                    "The club %(club)s knows no fact %(code)s. "
                    "A club manager can add it: Customer Club > Configuration > Custom Facts.",
                    club=fact["club"].name,
                    code=fact["code"],
                ),
            )
        if fact["type"] == "merchant_purchase":
            fact["merchant_record"] = self._get_merchant(fact, merchants)

    def _get_merchant(self, fact, merchants):
        own = merchants.filtered(
            lambda merchant: merchant.club_id == fact["club"] and fact["merchant"] in ("", merchant.code)
        )
        if len(own) != 1:
            if fact["merchant"] or not own:
                raise ClubApiError("forbidden", self.env._("This integration does not report for such a merchant."))
            raise api_input.ApiInputError("merchant", "the code of one of the merchants of this integration")
        return own

    # -- recording -------------------------------------------------------------

    def _report_events(self, integration, facts):
        """Report visits and custom facts at once; (result, points) by fact. A day's further visit earns nothing."""
        facts = [fact for fact in facts if fact["type"] != "merchant_purchase"]
        self._name_facts(facts)
        new = {fact["event_key"]: fact for fact in reversed(facts) if fact["event_key"]}
        events = self.env["club.event"]._report(
            [
                {
                    "member_id": fact["member"].id,
                    "type": fact["type"],
                    "key": key,
                    "occurred_at": fact["at"],
                    "amount": float(fact["amount"] or 0),
                    "origin": integration,
                    "payload": self._prepare_payload(fact),
                }
                for key, fact in new.items()
            ]
        )
        for fact, event_id in zip(new.values(), events.ids, strict=True):
            fact["event_id"] = event_id
        points, pending = self._points_of(events), self._points_of(events, pending=True)
        balances = self._balances_of(facts)
        results = {}
        for fact in facts:
            event_id = fact.setdefault("event_id", None)
            earned = points.get(event_id, engine_lots.ZERO)
            results[id(fact)] = (self._prepare_result(fact, earned, pending.get(event_id, 0), balances), earned)
        return results

    def _name_facts(self, facts):
        """Keys of the facts to record: custom facts by the caller's key; visits by their day, as at the counter, so
        that whoever saw the member there counts once. A visit that is known already has none.
        """
        visits = [fact for fact in facts if fact["type"] == "visit"]
        for fact in visits:
            day = periods.local_date(fact["at"], fact["club"].tz)
            fact["visit_key"] = fact["member"]._get_visit_key(VISIT_CHANNEL, day)
        names = {fact["visit_key"]: [fact["visit_key"], *self._further_keys(fact["visit_key"])] for fact in visits}
        known = self.env["club.event"].search([("key", "in", [key for keys in names.values() for key in keys])])
        standing = {event.key for event in known.filtered(lambda event: not event.revoked_at)}
        taken = set(known.mapped("key"))
        for fact in facts:
            keys = names.get(fact.get("visit_key"), [self.env["club.api.request"]._prefix(fact["key"])])
            free = [key for key in keys if key not in taken]
            fact["event_key"] = free[0] if free and not standing & set(keys) else None

    def _further_keys(self, key):
        """Keys of visits after one that was taken back on the same day."""
        return [f"{key}:{number}" for number in range(2, 10)]

    def _prepare_payload(self, fact):
        payload = {"channel": VISIT_CHANNEL} if fact["type"] == "visit" else {}
        if fact.get("code"):
            payload["code"] = fact["code"]
        if fact.get("quantity"):
            payload["quantity"] = f"{fact['quantity'].normalize():f}"
        return payload

    def _record_purchases(self, integration, facts, answers):
        """Record purchases at partners; (result, points) by fact. What a merchant may not report is refused."""
        facts = [fact for fact in facts if fact["type"] == "merchant_purchase"]
        if not facts:
            return {}
        Purchase = self.env["club.merchant.purchase"]
        recorded = Purchase._record_from_api(
            [
                {
                    "merchant_id": fact["merchant_record"].id,
                    "member_id": fact["member"].id,
                    "reference": fact["reference"],
                    "amount": float(fact["amount"]),
                    "occurred_at": fact["at"],
                }
                for fact in facts
            ]
        )
        balances = self._balances_of(facts)
        results = {}
        for fact, purchase in zip(facts, recorded, strict=True):
            if isinstance(purchase, Exception):
                answers[id(fact)] = purchase
                continue
            points = engine_lots.to_decimal(round(purchase.points, 2))
            result = self._prepare_result(fact, points, purchase.points_pending, balances)
            result.update(merchant=purchase.merchant_id.code, reference=purchase.reference, state=purchase.state)
            results[id(fact)] = (result, points)
        return results

    def _prepare_result(self, fact, points, pending, balances):
        return {
            "key": fact["key"],
            "type": fact["type"],
            "member": fact["member"].number,
            "points": written(points),
            "pending": written(pending),
            "balance": balances[fact["member"].id],
            "replayed": False,
        }

    def _keep_facts(self, integration, facts, results):
        self.env["club.api.request"]._keep(
            integration,
            [
                {
                    "key": fact["key"],
                    "method": "record_event",
                    "digest": fact["digest"],
                    "result": results[id(fact)][0],
                    "member_id": fact["member"].id,
                    "event_id": fact.get("event_id"),
                    "points": results[id(fact)][1],
                }
                for fact in facts
                if id(fact) in results
            ],
        )

    # -- reading ---------------------------------------------------------------

    def _points_of(self, events, pending=False):
        """What events earned, net of what was taken back, by event id; or what of it still waits."""
        domain = [("event_id", "in", events.ids), ("kind", "in", ("earn", "reverse"))]
        if pending:
            domain.append(("available", "=", 0))
        return {
            event.id: engine_lots.to_decimal(round(points, 2))
            for event, points in self.env["club.point.entry"]._read_group(domain, ["event_id"], ["points:sum"])
        }

    def _balances_of(self, facts):
        members = self.env["club.member"].union(*(fact["member"] for fact in facts))
        members.card_id.invalidate_recordset(["points"], flush=False)
        return {member.id: written(member.card_id.points) for member in members}
