"""Reaching a tier earns where the member's card is ours already, and while what it was reached by stands."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots
from odoo.tools import SQL


class ClubMember(models.Model):
    _inherit = "club.member"

    def _review_tiers(self, reason="rise"):
        """Rise, and earn for it in the same transaction: a rise follows the member's own points or purchase, whose
        transaction holds the card already. The nightly review locks members first, so what it finds waits for the job
        that processes events: it must not lock cards in another order than the ledger does.
        """
        changed = super()._review_tiers(reason)
        if changed:
            self.env["club.event"].sudo().search(
                [("member_id", "in", changed.ids), ("type", "=", "tier"), ("processed_at", "=", False)]
            )._process()
        return changed

    # -- sales that come back ------------------------------------------------------------------------------

    def _schedule_tier_facts(self, again=False):
        """Look once, at the end of the transaction, whether these members' rises still stand. Costs no query now.

        :param bool again: only for rises that were taken back; what was opened takes none back.
        """
        if not self.ids:
            return
        data = self.env.cr.precommit.data
        waiting = data.setdefault("club.member.tier_facts", {})
        if not waiting:
            self.env.cr.precommit.add(self.sudo()._run_scheduled_tier_facts)
        for member_id in self.ids:
            waiting[member_id] = again and waiting.get(member_id, True)

    @api.model
    def _run_scheduled_tier_facts(self):
        waiting = self.env.cr.precommit.data.pop("club.member.tier_facts", {})
        members = self.browse(sorted(waiting))
        gone = members.filtered(lambda member: waiting[member.id])._filter_tier_revoked()
        (members.filtered(lambda member: not waiting[member.id]) | gone)._settle_tier_facts()

    def _filter_tier_revoked(self):
        """Those of these members of whom a rise was taken back. One query for any number of them."""
        if not self:
            return self
        domain = [("member_id", "in", self.ids), ("type", "=", "tier"), ("revises_id", "!=", False)]
        return self.browse(member.id for (member,) in self.env["club.event"]._read_group(domain, ["member_id"]))

    def _settle_tier_facts(self):
        """Take back what reaching a tier earned if the sales that it was reached by were taken back, and give it again
        when they stand again. The tier itself stays until its review, as the club says.

        Who has reached it since by other sales keeps it: what counts is all since the window in which it was reached.
        One query for members who never rose.
        """
        facts = self.env["club.event"].search(
            [("member_id", "in", self.ids), ("type", "=", "tier"), ("revises_id", "=", False)], order="id"
        )
        newest = {fact.origin_id: fact for fact in facts if (fact.payload or {}).get("basis")}
        for fact in newest.values():
            fact._settle_tier_fact(facts.filtered(lambda other, fact=fact: other.member_id == fact.member_id))


class ClubEvent(models.Model):
    _inherit = "club.event"

    def _settle_tier_fact(self, facts):
        """Revoke this rise, or report it anew; ``facts`` are all rises of the member, oldest first."""
        self.ensure_one()
        stands = self._is_tier_deserved(facts)
        if not stands and not self.revoked_at:
            self._revoke(self.env._("What the tier was reached by was taken back"))
        elif stands and self.revoked_at and self.member_id.state == "active":
            same = facts.filtered(lambda fact: fact.origin_id == self.origin_id)
            later = (facts - same).filtered(
                lambda fact: (fact.payload or {}).get("tier_id") == self.payload["tier_id"] and not fact.revoked_at
            )
            if not later:
                self._report(
                    [
                        {
                            "member_id": self.member_id.id,
                            "type": "tier",
                            "occurred_at": self.occurred_at,
                            "key": f"{same[0].key}:{len(same) + 1}",
                            "origin_model": self.origin_model,
                            "origin_id": self.origin_id,
                            "payload": self.payload,
                        }
                    ]
                )

    def _is_tier_deserved(self, facts):
        """Whether the member has, since the window in which it rose, what the tier asked then; in another measure than
        the club's present one nobody can say, so it stands.
        """
        club, terms = self.club_id, self.payload
        if terms["basis"] != club.tier_basis:
            return True
        since, until = fields.Datetime.to_datetime(terms["since"]), fields.Datetime.add(fields.Datetime.now(), days=1)
        prepare = club._prepare_points_query if terms["basis"] == "points" else club._prepare_purchases_query
        rows = dict(self.env.execute_query(prepare(self.member_id, since, until)))
        measure = lots.to_decimal(rows.get(self.member_id.id) or 0)
        if terms["basis"] == "points":
            # What this rise and those after it earned does not deserve itself.
            measure -= self._read_tier_bonus(facts.filtered(lambda fact: fact.id >= self.id))
        return measure >= lots.to_decimal(terms["threshold"])

    def _read_tier_bonus(self, facts):
        # As the measure reads it: spendable points, net of what was taken back.
        [(points,)] = self.env.execute_query(
            SQL(
                "SELECT SUM(available) FROM club_point_entry"
                " WHERE event_id = ANY(%s) AND kind IN ('earn', 'open', 'reverse')",
                facts.ids,
            )
        )
        return lots.to_decimal(points or 0)
