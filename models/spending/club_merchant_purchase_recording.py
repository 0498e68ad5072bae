"""How a purchase at a partner is recorded: checked, counted, turned into a fact."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.earning.event_batch import EventBatch, EventRow
from odoo.addons.customer_club.models.earning.fact_counts import COUNTING
from odoo.addons.customer_club.models.integration.api_error import ClubApiError

from .club_merchant import COUNTING_STATES
from .club_merchant_purchase import MANAGER

#: A fact that is not recorded yet comes after all that are.
NEWEST = 2**31 - 1


class ClubMerchantPurchase(models.Model):
    _inherit = "club.merchant.purchase"

    # -- recording -----------------------------------------------------------

    @api.model
    def _record_from_api(self, vals_list):
        """Record what merchants report, once per reference.

        :return: for each of ``vals_list`` the purchase, or the error that refuses it (not raised): ``refused`` where
            the merchant may not report it, ``key_reused`` where its reference stands for another purchase.
        """
        known = self._find_known(vals_list)
        results, fresh = [], []
        for vals in vals_list:
            mark = (vals["merchant_id"], vals["reference"])
            found = known.get(mark)
            if found is None:
                obstacle = (
                    self.env["club.merchant"]
                    .browse(mark[0])
                    ._get_obstacle(self.env["club.member"].browse(vals["member_id"]))
                )
                found = ClubApiError("refused", obstacle) if obstacle else vals
                known[mark] = found
                if not obstacle:
                    fresh.append(vals)
            results.append((vals, mark))
        made = self.create(fresh)
        made._submit()
        known.update({(purchase.merchant_id.id, purchase.reference): purchase for purchase in made})
        return [self._same_or_error(vals, known[mark]) for vals, mark in results]

    def _find_known(self, vals_list):
        found = self.search(
            [
                ("merchant_id", "in", [vals["merchant_id"] for vals in vals_list]),
                ("reference", "in", [vals["reference"] for vals in vals_list]),
            ]
        )
        return {(purchase.merchant_id.id, purchase.reference): purchase for purchase in found}

    def _same_or_error(self, vals, found):
        if isinstance(found, Exception):
            return found
        same = (found.member_id.id, round(found.amount, 6)) == (vals["member_id"], round(vals["amount"], 6))
        if same and found.state != "draft":
            return found
        return ClubApiError(
            "key_reused",
            self.env._(
                "%(merchant)s reported another purchase with the reference %(reference)s before. "
                "Use the receipt's own number.",
                merchant=found.merchant_id.name,
                reference=found.reference,
            ),
        )

    def _submit(self):
        """Earn, or wait for a manager where the merchant, or who types it in, may not give so many points."""
        self.sudo().merchant_id._lock(always=not self.env.su)
        for purchases in self._get_parts():
            purchases._submit_together()

    def _get_parts(self):
        """What can be looked at together: one by one where a rule counts purchases and a limit may be exceeded, for
        then what one earns depends on whether those before it do.
        """
        merchants = self.sudo().merchant_id
        limited = not self.env.su or any(merchants.mapped("points_per_day") + merchants.mapped("points_per_month"))
        policies = self.env["club.club"]._get_policies()
        counted = any(
            rule.event_type == "merchant_purchase" and COUNTING & rule.conditions.keys()
            for club in merchants.club_id
            if club.id in policies
            for rule in policies[club.id].rules
        )
        return list(self) if limited and counted else [self]

    def _submit_together(self):
        purchases = self.sudo()
        if not purchases:
            return
        now = fields.Datetime.now()
        expected = purchases._get_expected_points()
        left = purchases.merchant_id._get_points_left()
        alone = self._get_points_left_alone()
        fine = purchases.browse()
        for purchase in purchases:
            limits = left.get(purchase.merchant_id.id, []) + alone.get(purchase.member_id.id, [])
            exceeded = next((words for points, words in limits if expected[purchase.id] > points), None)
            if exceeded:
                purchase._step({"state": "held", "held_reason": exceeded, "worth": purchase.amount, "recorded_at": now})
                continue
            for limit in limits:
                limit[0] -= expected[purchase.id]
            fine |= purchase
        fine._earn()

    def _get_points_left_alone(self):
        """What a user may still give these members by purchases that are typed in, as limits like the merchants' own.

        As with adjustments, more than the club's limit within 24 hours needs a second person, a manager here: nobody
        but the user says that the purchase happened (never.md 23). Systems and managers have no such limit.
        """
        if self.env.su or self.env.user.has_group(MANAGER):
            return {}
        given = dict(
            self.sudo()._read_group(
                [
                    ("member_id", "in", self.member_id.ids),
                    ("create_uid.share", "=", False),
                    ("state", "in", COUNTING_STATES),
                    ("recorded_at", ">=", fields.Datetime.now() - timedelta(hours=24)),
                ],
                ["member_id"],
                ["points:sum"],
            )
        )
        words = self.env._("More than a user may give a member alone within 24 hours.")
        return {
            member.id: [
                [
                    engine_lots.to_decimal(round(member.club_id.adjust_limit, 2))
                    - engine_lots.to_decimal(round(given.get(member, 0.0), 2)),
                    words,
                ]
            ]
            for member in self.sudo().member_id
        }

    def _get_expected_points(self):
        """What each purchase would earn, by the same rules, with nothing recorded."""
        rows = [
            EventRow(
                id=0,
                member_id=purchase.member_id.id,
                club_id=purchase.club_id.id,
                type="merchant_purchase",
                occurred_at=purchase.occurred_at,
                amount=float(purchase._get_counted(purchase.amount)),
                key="",
                origin_model=None,
                origin_id=None,
                root=NEWEST,
                payload={"merchant": purchase.merchant_id.id},
            )
            for purchase in self
        ]
        evaluations = EventBatch(self.env, rows).evaluate()
        return {purchase.id: evaluation.points for purchase, (_row, evaluation) in zip(self, evaluations, strict=True)}

    def _get_counted(self, amount):
        """Which part of an amount counts, rounded down to the currency.

        :rtype: Decimal
        """
        self.ensure_one()
        share = engine_lots.to_decimal(round(self.merchant_id.share, 2)) / 100
        return engine_lots.quantize(engine_lots.to_decimal(amount) * share, self.currency_id.decimal_places)

    def _earn(self):
        """Record the facts and let the rules earn."""
        purchases = self.sudo()
        now = fields.Datetime.now()
        for club, own in purchases.grouped("club_id").items():
            today = periods.local_date(now, club.tz)
            for days, held in own.grouped(lambda purchase: purchase.merchant_id.hold_days).items():
                held._step({"recorded_at": now, "available_on": today + timedelta(days=days)})
        for purchase in purchases:
            purchase._step({"state": "recorded", "worth": purchase.amount})
        purchases.env["club.event"]._report([purchase._prepare_fact() for purchase in purchases])
        purchases._update_points()

    def _prepare_fact(self):
        return {
            "member_id": self.member_id.id,
            "type": "merchant_purchase",
            "key": self._get_key(),
            "occurred_at": self.occurred_at,
            "amount": float(self._get_counted(self.worth)),
            "origin": self,
            "payload": self._prepare_payload(),
        }

    def _get_key(self):
        return f"merchant,{self.merchant_id.id}:{self.reference}"

    def _prepare_payload(self):
        return {"merchant": self.merchant_id.id, "available_on": fields.Date.to_string(self.available_on)}

    def _get_events(self):
        return (
            self.env["club.event"]
            .sudo()
            .search([("origin_model", "=", self._name), ("origin_id", "in", self.ids)], order="id")
        )

    def _update_points(self):
        """What the purchases earned and still have, as the ledger says."""
        totals = dict(
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("origin_model", "=", self._name),
                    ("origin_id", "in", self.ids),
                    ("kind", "in", ("earn", "reverse")),
                ],
                ["origin_id"],
                ["points:sum"],
            )
        )
        for purchase in self:
            purchase._step({"points": round(totals.get(purchase.id, 0.0), 2)})
