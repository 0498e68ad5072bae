"""Members rise at once and fall at a review."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import tiering
from odoo.tools import SQL

REVIEW_BATCH = 1000


class ClubMember(models.Model):
    _inherit = "club.member"

    def _schedule_tier_review(self):
        """Look at these members' tiers once, at the end of the transaction. Costs no query now."""
        if not self.ids:
            return
        data = self.env.cr.precommit.data
        waiting = data.setdefault("club.member.tier_review", set())
        if not waiting:
            self.env.cr.precommit.add(self._run_scheduled_reviews)
        waiting.update(self.ids)

    @api.model
    def _run_scheduled_reviews(self):
        ids = self.env.cr.precommit.data.pop("club.member.tier_review", set())
        self.browse(sorted(ids))._review_tiers()

    def _review_tiers(self, reason="rise"):
        """Look whether these members deserve a higher tier, and give it at once.

        One query per club, and none for a club that has fewer than two tiers; writes only for members whose tier moves.
        The ledger and the recording of purchases call it at the end of their transaction.

        :param str reason: a reason of ``club.tier.history`` for those who rise
        :return: the members whose tier changed
        :rtype: recordset of ``club.member``
        """
        changed = self.browse()
        for club, members in self.sudo().grouped("club_id").items():
            tiers = club._get_tier_values()
            members = members.filtered(
                lambda member, tiers=tiers: (
                    member.state == "active" and (member.tier_check or (tiers and member.tier_id.id != tiers[-1].id))
                )
            )
            if members and (len(tiers) > 1 or members.filtered(lambda member: member.tier_check or not member.tier_id)):
                changed |= members._decide_tiers(club, reason, rise_only=True)
        return changed.with_env(self.env)

    def _decide_tiers(self, club, reason="rise", rise_only=False):
        """Apply the engine's decisions to members of one club; falls are left to the nightly run with ``rise_only``."""
        today = club._get_today()
        tiers, policy = club._get_tier_values(), club._get_tier_policy()
        known = {tier.id for tier in tiers}
        measures = club._get_tier_measures(self, today)
        moved = []
        for member in self:
            current = member.tier_id.id if member.tier_id.id in known else None
            due = bool(member.tier_review_on and member.tier_review_on <= today)
            decision = tiering.decide(
                tiers,
                current,
                tiering.deserved(tiers, measures[member.id]),
                member.tier_since or None,
                today,
                policy,
                due,
                member.tier_grace_until or None,
            )
            if rise_only and decision.reason in ("fall", "grace_started"):
                continue
            vals = self._prepare_decision_values(member, decision, due, today, club)
            if vals:
                if "tier_id" in vals:
                    moved.append((member, member.tier_id.id, vals["tier_id"], decision, measures[member.id]))
                member.with_context(tracking_disable=True).write(vals)
        self._record_tier_changes(moved, reason)
        changed = self.browse(member.id for member, *_rest in moved)
        changed._after_tier_change()
        return changed

    @api.model
    def _prepare_decision_values(self, member, decision, due, today, club):
        """What of ``member`` a decision changes; empty for most members on most days."""
        vals = {}
        if (decision.tier or False) != member.tier_id.id:
            vals.update(tier_id=decision.tier or False, tier_since=today if decision.tier else False)
        if (decision.grace_until or False) != member.tier_grace_until:
            vals["tier_grace_until"] = decision.grace_until or False
        if due or "tier_id" in vals or not member.tier_review_on:
            vals["tier_review_on"] = tiering.next_review(club.tier_review, today, club.calendar)
        if member.tier_check:
            vals["tier_check"] = False
        return vals

    def _record_tier_changes(self, moved, reason):
        """Write the history of tiers and the facts that rules may reward (at once or, after a nightly review, by cron).

        :param list moved: ``(member, from tier id, to tier id, decision, measure)``
        """
        history = (
            self.env["club.tier.history"]
            .sudo()
            .create(
                [
                    {
                        "member_id": member.id,
                        "from_tier_id": before,
                        "to_tier_id": after,
                        "measure": measure,
                        "reason": "fall" if decision.reason == "fall" else reason,
                    }
                    for member, before, after, decision, measure in moved
                ]
            )
        )
        risen = [
            (member, row, after)
            for (member, _before, after, decision, _measure), row in zip(moved, history, strict=True)
            if decision.reason == "rise"
        ]
        self.env["club.event"].sudo()._record(
            [
                {
                    "member_id": member.id,
                    "type": "tier",
                    "occurred_at": fields.Datetime.now(),
                    "key": f"member,{member.id}:tier:{row.id}",
                    "origin": row,
                    "payload": {"tier_id": after, "history_id": row.id, **member.club_id._get_tier_terms(after)},
                }
                for member, row, after in risen
            ]
        )

    def _after_tier_change(self):
        """Hook: these members have got another tier. Prices follow the tier, so cached ones are dropped.

        An override must call super; it may post nothing for members it does not own.
        """
        self.partner_id.invalidate_recordset(["property_product_pricelist"])

    @api.model
    def _cron_review_tiers(self):
        """Nightly: members whose review or end of grace is due in their club's day, or whose club changed its tiers.

        What is done is found no more, so the job goes on wherever it was stopped.

        :return: number of members looked at
        """
        clubs = self.env["club.club"].sudo().with_context(active_test=False).search([])
        if not clubs:
            return 0
        days = SQL(", ").join(SQL("(%s, %s::date)", club.id, club._get_today()) for club in clubs)
        done, _failed = self.env["club.job"]._work_off(
            "review tiers",
            find=lambda limit, skip: self._lock_members_due(days, limit, skip),
            work=self._review_members,
            size=REVIEW_BATCH,
        )
        return done

    @api.model
    def _lock_members_due(self, days, limit, skip):
        self.flush_model(["active", "club_id", "tier_check", "tier_review_on", "tier_grace_until"])
        return [
            member_id
            for (member_id,) in self.env.execute_query(
                SQL(
                    # Each club has its own day, and the rows are locked in order: neither can the ORM say.
                    """SELECT member.id
                         FROM club_member member JOIN (VALUES %s) AS club (id, day) ON club.id = member.club_id
                        WHERE member.active AND NOT member.id = ANY(%s)
                          AND (member.tier_check OR member.tier_review_on <= club.day
                               OR member.tier_grace_until <= club.day)
                     ORDER BY member.id LIMIT %s FOR NO KEY UPDATE OF member""",
                    days,
                    list(skip),
                    limit,
                )
            )
        ]

    @api.model
    def _review_members(self, member_ids):
        """Rises and falls of these members."""
        members = self.sudo().browse(member_ids)
        members.invalidate_recordset()
        for club, of_club in members.grouped("club_id").items():
            of_club._decide_tiers(club)
