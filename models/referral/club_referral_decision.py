"""What becomes of a referral: it earns, is held back, is decided by a manager, expires."""

from odoo import fields, models
from odoo.addons.customer_club.engine import referral as engine
from odoo.exceptions import AccessError, UserError

from .club_referral import FALLEN, STANDING


class ClubReferral(models.Model):
    _inherit = "club.referral"

    # -- earning ---------------------------------------------------------------------------------------

    def _earn_join(self):
        """Report that friends joined, where it counts now; those reported before are left alone."""
        due = self.filtered(
            lambda referral: (
                referral.state in STANDING
                and not referral.join_reported
                and (referral.club_id.referral_join_when == "joined" or referral.bought_at)
            )
        )
        due.join_reported = True
        self.env["club.event"]._report(
            [
                {
                    **values,
                    "type": "referral_join",
                    "key": f"club.referral,{referral.id}:join:{referral.generation}:{values['payload']['side']}",
                    "occurred_at": referral.joined_at,
                }
                for referral in due
                for values in referral._prepare_side_values("referral_join")
            ]
        )

    def _prepare_side_values(self, event_type, **payload):
        """Values of the facts for both sides. A friend's fact is recorded only where a rule is for friends, for else it
        would count as one of those whom the friend brings later. Who has left earns nothing.

        :rtype: list[dict]
        """
        self.ensure_one()
        sides = {"referrer": self.referrer_id}
        if self.club_id._get_referral_rules(event_type, side="friend"):
            sides["friend"] = self.friend_id
        return [
            {"member_id": member.id, "origin": self, "payload": {"side": side, **payload}}
            for side, member in sides.items()
            if member.state == "active"
        ]

    def _take_back(self, note):
        """Take back everything that these referrals earned, for both sides. It may be earned anew later."""
        events = (
            self.env["club.event"]
            .sudo()
            .search(
                [("origin_model", "=", self._name), ("origin_id", "in", self.ids), ("revises_id", "=", False)],
                order="id",
            )
        )
        events.filtered(lambda event: not event.revoked_at)._revoke(note)
        for referral in self:
            referral.write({"join_reported": False, "generation": referral.generation + 1})
        self.purchase_ids._forget_reported()

    # -- guards ----------------------------------------------------------------------------------------

    def _review(self):
        """Look once more at who is who, now that the friend buys: an address is often given at checkout only. What is
        suspicious now is held back, but for what a manager has accepted.
        """
        for referral in self.filtered(lambda referral: referral._get_codes() == ["first_returned"]):
            if referral.state == "held" and not referral._is_first_returned():
                # The order was only taken back to be changed, and was confirmed again.
                referral.write({"state": "bought" if referral.bought_at else "joined", "reason_codes": False})
        for referral in self.filtered(lambda referral: referral.state in STANDING and referral.friend_id):
            people = referral.state == "joined"
            member = referral.referrer_id._describe_referral_person()
            friend = referral.friend_id._describe_referral_person()
            verdict = engine.judge(
                member if people else engine.Person(member.partner),
                friend if people else engine.Person(friend.partner),
                engine.Facts(
                    first_returned=referral._is_first_returned(),
                    member_before=people and self._has_twin(referral.friend_id),
                ),
                accepted=referral._get_codes("accepted_codes"),
            )
            if verdict.decision == engine.REJECT:
                referral._reject(verdict.reasons)
            elif verdict.decision == engine.HOLD:
                referral._hold(verdict.reasons)

    def _is_first_returned(self):
        """Whether the friend's first purchase was cancelled or came back whole."""
        self.ensure_one()
        first = self.purchase_ids.filtered(lambda purchase: purchase.state != "replaced").sorted(
            lambda purchase: (purchase.bought_at, purchase.id)
        )[:1]
        return first.state == "returned"

    def _hold(self, codes):
        """Nothing more is earned until a manager decides; what was earned stays."""
        self.write({"state": "held", "reason_codes": ",".join(codes), "decided_by_id": False, "decided_at": False})

    def _reject(self, codes):
        """It does not count: what was earned is taken back."""
        self._take_back(self.env._("The referral does not count."))
        self.write({"state": "rejected", "reason_codes": ",".join(codes)})

    # -- decisions -------------------------------------------------------------------------------------

    def _check_decider(self):
        if not (self.env.su or self.env.user.has_group("customer_club.group_club_manager")):
            raise AccessError(
                self.env._("Only a manager of the club decides whether a referral counts. Ask one of them.")
            )
        self.check_access("read")

    def action_accept(self):
        """Let the chosen referrals count in spite of their reasons: they earn what they would have earned."""
        self._check_decider()
        referrals = self.sudo().filtered(lambda referral: referral.state in ("held", "rejected"))
        for referral in referrals:
            if not self.env.su:
                referral._check_not_own(self.env.user)
            referral._check_acceptable()
            codes = dict.fromkeys([*referral._get_codes("accepted_codes"), *referral._get_codes()])
            referral.write(
                {
                    "state": "bought" if referral.bought_at else "joined",
                    "accepted_codes": ",".join(codes),
                    "reason_codes": False,
                    **self._prepare_decision_values(),
                }
            )
        referrals._earn_join()
        referrals._earn_purchases()
        return True

    def action_reject(self):
        """The chosen referrals do not count; what they earned is taken back."""
        self._check_decider()
        referrals = self.sudo().filtered(lambda referral: referral.state not in FALLEN)
        for referral in referrals:
            referral._reject([*referral._get_codes(), "by_hand"])
            referral.write(self._prepare_decision_values())
        return True

    def _prepare_decision_values(self):
        return {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}

    def _check_not_own(self, user):
        """:raise UserError: the points would be the deciding person's own (never.md 20 and 23)."""
        people = (self.referrer_id | self.friend_id).partner_id.commercial_partner_id
        if user.sudo().partner_id.commercial_partner_id in people:
            raise UserError(
                self.env._(
                    "%(referral)s is about you. Nothing was decided: ask another manager to look at it.",
                    referral=self.display_name,
                )
            )

    def _check_acceptable(self):
        """:raise UserError: it can never count, or the friend counts for somebody already."""
        self.ensure_one()
        final = [code for code in self._get_codes() if code in engine.FINAL_REASONS]
        if final or not self.friend_id:
            raise UserError(
                self.env._(
                    "%(referral)s cannot be accepted. %(reason)s Adjust the member's points instead if you want to "
                    "thank somebody.",
                    referral=self.display_name,
                    reason=" ".join(self._get_reason_words()[code] for code in final)
                    or self.env._("The visitor has not joined."),
                )
            )
        other = self.search(
            [("friend_id", "=", self.friend_id.id), ("state", "not in", FALLEN), ("id", "!=", self.id)], limit=1
        )
        if other:
            raise UserError(
                self.env._(
                    "%(referral)s cannot be accepted, because this friend counts for %(member)s. Reject that first.",
                    referral=self.display_name,
                    member=other.referrer_id.display_name,
                )
            )

    # -- end -------------------------------------------------------------------------------------------

    def _expire(self):
        """Visits of known persons who did not join within the window expire, and name nobody any more; the marks of
        browsers are forgotten with them.
        """
        now = fields.Datetime.now()
        for club in self.env["club.club"].sudo().with_context(active_test=False).search([]):
            before = fields.Datetime.subtract(now, days=club.referral_window_days)
            mine = [("club_id", "=", club.id), ("visited_at", "<", before)]
            self.search([*mine, ("state", "=", "visited")]).write(
                {"state": "expired", "partner_id": False, "order_id": False}
            )
            self.search([*mine, ("device", "!=", False)]).write({"device": False})
