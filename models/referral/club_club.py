"""A club's policy for members who bring friends."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_referral, referral
from odoo.exceptions import ValidationError


class ClubClub(models.Model):
    _inherit = "club.club"

    referral_window_days = fields.Integer(
        string="Days From Visit to Joining",
        default=30,
        help="A visitor who joins within so many days after the visit through a member's link was brought by that "
        "member.",
    )
    referral_touch = fields.Selection(
        [("first", "The member whose link was used first"), ("last", "The member whose link was used last")],
        string="Who Has Brought a Friend",
        default="last",
        required=True,
    )
    referral_join_when = fields.Selection(
        [("joined", "At once"), ("bought", "With the first purchase that is paid and past its return period")],
        string="A Joining Counts",
        default="joined",
        required=True,
    )
    referral_purchase_days = fields.Integer(
        string="Days From Joining to a Purchase",
        default=365,
        help="Purchases of a friend count for so many days after joining. 0: for ever.",
    )
    referral_return_days = fields.Integer(
        string="Return Period (Days)",
        default=14,
        help="A friend's purchase counts so many days after it was paid, or after the club's own hold if that is "
        "longer.",
    )
    referral_landing = fields.Char(
        string="Landing Page",
        help="The page of your own site to which the invitation leads, for example /shop. Empty: the page to join.",
    )
    referral_visits_day = fields.Integer(
        string="Most Visits a Day", default=20, help="Visits through one member's link that count a day. 0: no limit."
    )
    referral_joins_day = fields.Integer(
        string="Most Friends a Day",
        default=5,
        help="Further friends of a member within 24 hours wait for a manager's decision. 0: no limit.",
    )
    referral_joins_week = fields.Integer(
        string="Most Friends a Week",
        default=15,
        help="Further friends of a member within 7 days wait for a manager's decision. 0: no limit.",
    )

    _referral_range = models.Constraint(
        "CHECK(referral_window_days >= 1 AND referral_purchase_days >= 0 AND referral_return_days >= 0 AND"
        " referral_visits_day >= 0 AND referral_joins_day >= 0 AND referral_joins_week >= 0)",
        "Friends have at least one day to join, and limits cannot be negative. Write 0 where you want no limit.",
    )

    @api.constrains("referral_landing")
    def _check_referral_landing(self):
        for club in self:
            if club.referral_landing and not referral.local_path(club.referral_landing):
                raise ValidationError(
                    self.env._(
                        'The landing page "%(page)s" of %(club)s is not a page of your own site. Write only what '
                        "follows your domain, for example /shop, or leave it empty.",
                        page=club.referral_landing[:60],
                        club=club.name,
                    )
                )

    # -- what is open ----------------------------------------------------------------------------------

    def _get_referral_rules(self, event_type=None, side=None):
        """The club's switched-on rules about friends, as values of the engine. Costs no query.

        :param str event_type: only about this type; :param str side: only for this side.
        :rtype: list
        """
        self.ensure_one()
        policy = self.env["club.club"]._get_policies().get(self.id)
        types = (event_type,) if event_type else earning_referral.TYPES
        return [
            rule
            for rule in (policy.rules if policy else ())
            if rule.event_type in types
            and (not side or rule.conditions.get("referral_side", "referrer") in (side, "both"))
        ]

    def _is_referral_open(self):
        """Whether members may bring friends: at least one rule about it is switched on."""
        return bool(self._get_referral_rules())

    def _get_referral_landing(self):
        """The page of the own site where an invitation leads (abuse.md 20): the server's choice, never a visitor's."""
        self.ensure_one()
        return referral.local_path(self.referral_landing or "") or f"/club/join/{self.id}"

    def _get_referral_sentences(self, side):
        """What a side gets, in words: ``referrer`` or ``friend``; a friend gets what everybody gets for joining, too.

        :rtype: list[str]
        """
        self.ensure_one()
        ids = [rule.id for rule in self._get_referral_rules(side=side)]
        policy = self.env["club.club"]._get_policies().get(self.id)
        if side == "friend":
            ids += [rule.id for rule in (policy.rules if policy else ()) if rule.event_type == "join"]
        rules = self.env["club.earn.rule"].sudo().browse(ids)[:10]
        return [rule._get_invitation_words() if side == "friend" else rule._get_member_sentence() for rule in rules]

    # -- joining ----------------------------------------------------------------------------------------

    def _join(self, partner, *args, referral=None, **kwargs):
        """Remember who brought the new member.

        :param dict referral: what the visitor's browser carries, see ``club.referral._find_touch``.
        """
        club = self.sudo()
        partner = partner.sudo()
        Referral = self.env["club.referral"].sudo()
        found = Referral
        if referral is not None and not club._get_member(partner):
            # Before joining, for afterwards everybody has been here.
            found = Referral._find_touch(club, partner, referral)
        member_before = bool(found) and club._was_member_before(partner)
        member = super()._join(partner, *args, **kwargs)
        if found:
            Referral._bring(member, partner, found, referral, member_before)
        if club._is_referral_open():
            member._make_referral_links()
        return member

    def _was_member_before(self, partner):
        """Whether this person, under this contact or the same e-mail or phone, was a member of the club once."""
        self.ensure_one()
        earner = self._get_earners(partner)
        known = self.env["club.member"].sudo().with_context(active_test=False)
        if known.search_count([("club_id", "=", self.id), ("partner_id", "in", earner.ids)], limit=1):
            return True
        Identity = self.env["club.identity"].sudo()
        digests = Identity._get_digests(earner)
        return bool(digests and Identity.search_count([("club_id", "=", self.id), ("digest", "in", digests)], limit=1))
