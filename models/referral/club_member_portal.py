"""What a member reads about the friends it brought."""

from odoo import models
from odoo.addons.customer_club.engine.earning_referral import TYPES
from odoo.addons.customer_club.engine.referral import first_name
from odoo.tools import SQL

PAGE = 20


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self.club_id._is_referral_open():
            links.append(
                {
                    "rank": 40,
                    "url": f"/my/club/{self.id}/refer",
                    "text": self.env._("Bring a friend"),
                    "icon": "fa-share-alt",
                }
            )
        return links

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if self.club_id._is_referral_open():
            sentences = self.club_id._get_referral_sentences("referrer")
            if sentences:
                steps.append(
                    {
                        "rank": 70,
                        "text": sentences[0],
                        "url": f"/my/club/{self.id}/refer",
                        "label": self.env._("Bring a friend"),
                    }
                )
        return steps

    def _get_referral_totals(self):
        """How many visited, joined and bought, how many wait, and what it earned.

        :return: ``visits``, ``joined``, ``bought``, ``held`` (numbers) and ``earned`` (points).
        :rtype: dict
        """
        self.ensure_one()
        states = dict(
            self.env["club.referral"]
            .sudo()
            ._read_group([("referrer_id", "=", self.id), ("joined_at", "!=", False)], ["state"], ["__count"])
        )
        # SQL: which side a fact is about stands in its payload.
        ((earned,),) = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(p.points), 0) FROM club_point_entry p JOIN club_event e ON e.id = p.event_id
                 WHERE p.member_id = %s AND p.kind IN ('earn', 'reverse') AND e.type = ANY(%s)
                   AND COALESCE(e.payload->>'side', 'referrer') = 'referrer'
                """,
                self.id,
                list(TYPES),
            )
        )
        buyers = (
            self.env["club.referral.purchase"]
            .sudo()
            ._read_group(
                [
                    ("referral_id.referrer_id", "=", self.id),
                    ("referral_id.state", "!=", "rejected"),
                    ("state", "in", ("waiting", "counted")),
                ],
                [],
                ["referral_id:count_distinct"],
            )[0][0]
        )
        return {
            "visits": self.referral_visit_count,
            "joined": states.get("joined", 0) + states.get("bought", 0),
            "bought": buyers,
            "held": states.get("held", 0),
            "earned": float(earned),
        }

    def _get_referral_rows(self, before=None, limit=PAGE):
        """Friends who joined, newest first, with no personal data beyond a first name.

        :param int before: the id of the last row of the page before.
        :return: ``(rows, next id or None)``; a row has ``name, day, state, text, why, points``.
        """
        self.ensure_one()
        Referral = self.env["club.referral"].sudo()
        domain = [("referrer_id", "=", self.id), ("joined_at", "!=", False)]
        referrals = Referral.search(
            domain + ([("id", "<", before)] if before else []), order="id desc", limit=limit + 1
        )
        following = referrals[limit - 1].id if len(referrals) > limit else None
        referrals = referrals[:limit]
        earned = referrals._get_points_earned()
        rows = [
            {
                "name": referral._get_friend_name(),
                "day": self.club_id._show_day(referral.joined_at),
                "points": earned.get((referral.id, self.id), 0.0),
                **referral._get_member_sentence(),
            }
            for referral in referrals
        ]
        return rows, following

    def _get_personal_data(self):
        """The member's own link and what came of it; of friends only that there are some: what one paid, and when, is
        the friend's own.
        """
        totals = self._get_referral_totals()
        data = super()._get_personal_data()
        for fact in data["facts"]:
            if fact["what"] == "referral_purchase":
                fact.update(when=fact["when"][:10], amount=0.0, details={"side": (fact["details"] or {}).get("side")})
        return {
            **data,
            "friends": {"link": self.sudo().referral_url or None, **totals},
        }


class ClubReferral(models.Model):
    _inherit = "club.referral"

    def _get_friend_name(self):
        self.ensure_one()
        friend = self.friend_id.sudo()
        name = first_name(friend.partner_id.name or "") if friend.state != "erased" else ""
        return name or self.env._("A friend")

    def _get_member_sentence(self):
        """Where this friend stands, for the member: ``state``, ``text``, and ``why`` where something is in the way."""
        self.ensure_one()
        _ = self.env._
        words = self._get_member_words()
        codes = self._get_codes()
        if "by_hand" in codes:
            codes = ["by_hand"]
        why = " ".join(dict.fromkeys(words[code] for code in codes if code in words))
        waiting = self.purchase_ids.filtered(lambda purchase: purchase.state == "waiting")
        if self.state == "held":
            return {"state": "held", "text": _("Held back until our team has looked at it."), "why": why}
        if self.state == "rejected":
            return {"state": "rejected", "text": _("Does not count."), "why": why}
        if waiting and self.state == "bought":
            return {
                "state": "bought",
                "text": _("Joined and bought. A further purchase is not final yet."),
                "why": "",
            }
        if waiting:
            return {
                "state": self.state,
                "text": _("Joined and bought. The purchase counts once it is paid and can no longer be returned."),
                "why": "",
            }
        if self.state == "bought":
            return {"state": "bought", "text": _("Joined and bought."), "why": ""}
        return {"state": "joined", "text": _("Joined."), "why": ""}
