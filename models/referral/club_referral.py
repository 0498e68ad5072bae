"""Who brought whom: from the visit through a member's link to what the friend buys."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import referral as engine
from odoo.tools import SQL, ormcache

#: A friend has one referral that stands; these do not.
FALLEN = ("rejected", "expired")
#: Referrals that earn.
STANDING = ("joined", "bought")


class ClubReferral(models.Model):
    """One person brought by one member.

    It begins as ``visited`` where the person is known but has not joined (somebody signed in, or a guest who agreed
    at checkout), and as ``joined`` or ``held`` for who joins at once. ``bought`` follows the friend's first purchase
    that is paid and past its return period. Only ``joined`` and ``bought`` earn; what a guard holds back earns when a
    manager accepts it. The decisions are made in :mod:`customer_club.engine.referral`.
    """

    _name = "club.referral"
    _description = "Club Referral"
    _order = "id desc"

    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="club_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    referrer_id = fields.Many2one(
        "club.member", string="Member", required=True, readonly=True, index=True, ondelete="restrict"
    )
    friend_id = fields.Many2one("club.member", readonly=True, index="btree_not_null", ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner",
        string="Visitor",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Who visited while signed in, until the person joins.",
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Checkout",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The order at whose checkout a guest agreed to join.",
    )
    state = fields.Selection(
        [
            ("visited", "Visited"),
            ("joined", "Joined"),
            ("bought", "Bought"),
            ("held", "Held back"),
            ("rejected", "Rejected"),
            ("expired", "Expired"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="visited",
        index=True,
    )
    visited_at = fields.Datetime(string="First Visit", required=True, readonly=True)
    joined_at = fields.Datetime(string="Joined On", readonly=True)
    bought_at = fields.Datetime(
        string="Bought On", readonly=True, help="When the first purchase was paid and past its return period."
    )
    reason_codes = fields.Char(readonly=True)
    accepted_codes = fields.Char(readonly=True)
    reasons = fields.Char(string="Why", compute="_compute_reasons")
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_at = fields.Datetime(string="Decided On", readonly=True)
    device = fields.Char(readonly=True, groups="base.group_system", help="A salted hash; forgotten after the window.")
    join_reported = fields.Boolean(readonly=True)
    generation = fields.Integer(readonly=True, default=1, help="Grows when what it earned was taken back.")
    purchase_ids = fields.One2many("club.referral.purchase", "referral_id", string="Purchases")
    amount = fields.Monetary(string="Friend's Purchases", compute="_compute_amount", help="Paid and kept so far.")
    points_referrer = fields.Float(
        string="Points of the Member", compute="_compute_points", digits=(16, 2), help="Less what was taken back."
    )
    points_friend = fields.Float(string="Points of the Friend", compute="_compute_points", digits=(16, 2))

    _friend_unique = models.UniqueIndex(
        "(friend_id) WHERE state NOT IN ('rejected', 'expired')", "A friend is brought once, by one member."
    )
    _joined_idx = models.Index("(referrer_id, joined_at) WHERE joined_at IS NOT NULL")
    _device_idx = models.Index("(club_id, device) WHERE device IS NOT NULL")
    _waiting_idx = models.Index("(visited_at) WHERE state = 'visited'")

    # -- computes ------------------------------------------------------------------------------------

    @api.depends("referrer_id", "friend_id", "partner_id")
    def _compute_display_name(self):
        _ = self.env._
        for referral in self:
            friend = referral.friend_id.display_name or referral.sudo().partner_id.display_name or _("a visitor")
            referral.display_name = _(
                "%(friend)s, brought by %(member)s", friend=friend, member=referral.referrer_id.display_name
            )

    @api.depends("reason_codes")
    @api.depends_context("lang")
    def _compute_reasons(self):
        words = self._get_reason_words()
        for referral in self:
            referral.reasons = " ".join(words.get(code, code) for code in referral._get_codes())

    @api.depends("purchase_ids.amount", "purchase_ids.state")
    def _compute_amount(self):
        amounts = dict(
            self.env["club.referral.purchase"]
            .sudo()
            ._read_group([("referral_id", "in", self.ids), ("state", "=", "counted")], ["referral_id"], ["amount:sum"])
        )
        for referral in self:
            referral.amount = amounts.get(referral._origin, 0.0)

    def _compute_points(self):
        earned = self._get_points_earned()
        for referral in self:
            referral.points_referrer = earned.get((referral.id, referral.referrer_id.id), 0.0)
            referral.points_friend = earned.get((referral.id, referral.friend_id.id), 0.0)

    def _get_points_earned(self):
        """What these referrals brought, less what was taken back, by (referral, member). One query."""
        rows = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("origin_model", "=", "club.referral"),
                    ("origin_id", "in", self.ids),
                    ("kind", "in", ("earn", "reverse")),
                ],
                ["origin_id", "member_id"],
                ["points:sum"],
            )
        )
        return {(origin, member.id): points for origin, member, points in rows}

    def _get_codes(self, name="reason_codes"):
        self.ensure_one()
        return [code for code in (self[name] or "").split(",") if code]

    # -- CRUD ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self._has_any():
            self.env.registry.clear_cache()
        return records

    @api.model
    @ormcache()
    def _has_any(self):
        """Whether anybody was ever brought; lets a sale ask nothing where nobody was. Cached."""
        return bool(self.sudo().search_count([], limit=1))

    # -- visits ----------------------------------------------------------------------------------------

    @api.model
    def _read_touches(self, club, carried):
        """The visits that a browser's signed cookie speaks of; nothing of one that is forged or of another club.

        :param dict carried: see :meth:`_find_touch`.
        :rtype: list[engine.Touch]
        """
        Member = self.env["club.member"].sudo()
        found = [Member._read_referral_touch(club, value) for value in (carried or {}).get("touches", ())]
        return [touch for touch in found if touch]

    @api.model
    def _choose_touch(self, club, touches):
        """The visit that counts now, as the club says; ``None`` if none does."""
        return engine.choose(touches, fields.Datetime.now(), club.referral_window_days, club.referral_touch)

    @api.model
    def _note_visit(self, club, touch, partner=None, order=None):
        """Remember the visit of somebody who is known: a signed-in visitor, or a guest by the order.

        One such record per person: another visit replaces it if the club counts the last one, or it is over.
        """
        who = [("partner_id", "=", partner.id)] if partner else [("order_id", "=", order.id)]
        known = self.search([("club_id", "=", club.id), ("state", "=", "visited"), *who], limit=1)
        vals = {"referrer_id": touch.referrer, "visited_at": touch.at}
        if not known:
            return self.create(
                {
                    **vals,
                    "club_id": club.id,
                    "partner_id": partner.id if partner else False,
                    "order_id": order.id if order else False,
                }
            )
        before = engine.Touch(known.referrer_id.id, known.visited_at)
        if self._choose_touch(club, [before, touch]) == touch:
            known.write(vals)
        return known

    # -- joining ---------------------------------------------------------------------------------------

    @api.model
    def _find_touch(self, club, partner, carried):
        """Who brought ``partner``, who is about to join ``club``.

        :param dict carried: what the visitor's browser brings: ``touches`` (signed visits), ``device`` (a salted hash,
            maybe empty), ``own`` (ids of members whose page of invitations was opened in this browser) and ``robot``.
        :return: the visit that counts, or ``None``.
        :rtype: engine.Touch | None
        """
        if not club._is_referral_open():
            return None
        noted = self._find_noted(club, partner)
        touches = [engine.Touch(record.referrer_id.id, record.visited_at) for record in noted]
        touch = self._choose_touch(club, [*touches, *self._read_touches(club, carried)])
        referrer = touch and self.env["club.member"].sudo().browse(touch.referrer)._get_referral_heir()
        if not referrer:
            return None
        return engine.Touch(referrer.id, touch.at)

    @api.model
    def _find_noted(self, club, partner):
        """Visits that were noted for a person who is known."""
        return self.search(
            [
                ("club_id", "=", club.id),
                ("state", "=", "visited"),
                "|",
                ("partner_id", "=", partner.id),
                ("order_id.partner_id", "=", partner.id),
            ]
        )

    @api.model
    def _bring(self, member, partner, touch, carried, member_before=False):
        """``member`` has just joined and was brought by the visit ``touch``: judge it, record it, let it earn.

        :param partner: the person who joined, who may do so for a company.
        :return: the referral
        """
        now = fields.Datetime.now()
        noted = self._find_noted(member.club_id, partner)
        referral = noted.filtered(lambda record: record.referrer_id.id == touch.referrer)[:1]
        (noted - referral).write({"state": "expired"})
        vals = {
            "club_id": member.club_id.id,
            "referrer_id": touch.referrer,
            "friend_id": member.id,
            "partner_id": False,
            "visited_at": touch.at,
            "joined_at": now,
            "device": (carried or {}).get("device") or False,
        }
        referrer = self.env["club.member"].sudo().browse(touch.referrer)
        verdict = self._judge_join(referrer, member, vals, carried or {}, member_before)
        vals.update(self._prepare_verdict_values(verdict))
        if referral:
            referral.write(vals)
        else:
            referral = self.create(vals)
        referral._earn_join()
        return referral

    @api.model
    def _prepare_verdict_values(self, verdict):
        state = {engine.COUNT: "joined", engine.HOLD: "held", engine.REJECT: "rejected"}[verdict.decision]
        return {"state": state, "reason_codes": ",".join(verdict.reasons)}

    @api.model
    def _judge_join(self, referrer, friend, vals, carried, member_before):
        """The verdict on a join; claims the friend's person, so that nobody is brought twice."""
        club = friend.club_id
        device = vals["device"]
        most = (club.referral_joins_day, club.referral_joins_week)
        if any(most):
            self._take_turns(referrer)
        joins = [self._count_joins(referrer, vals["joined_at"], days) for days in (1, 7)]
        partner = friend.partner_id
        facts = engine.Facts(
            referred_before=self._was_referred(friend),
            member_before=member_before,
            customer_before=self._was_customer(club, partner, vals["visited_at"]),
            device_again=self._is_device_known(club, device, referrer),
            robot=bool(carried.get("robot")),
            joins_day=joins[0] + 1,
            joins_week=joins[1] + 1,
            most_day=most[0],
            most_week=most[1],
        )
        own = frozenset(f"member:{member}" for member in carried.get("own", ()))
        verdict = engine.judge(
            referrer._describe_referral_person(devices={f"member:{referrer.id}", *self._get_devices(referrer)}),
            friend._describe_referral_person(devices={*own, *([device] if device else ())}),
            facts,
        )
        if verdict.decision != engine.REJECT:
            self.env["club.referral.identity"]._claim(club, partner)
        return verdict

    @api.model
    def _take_turns(self, referrer):
        """Let friends of one member who join at one moment follow one another, as their number is limited.

        In SQL, because the ORM leaves out a write that changes nothing: the row must change, so that a second
        transaction meets a serialization error, which Odoo answers by a retry that counts the first.
        """
        self.env.execute_query(
            SQL("UPDATE club_member SET referral_code = referral_code WHERE id = %s RETURNING id", referrer.id)
        )

    @api.model
    def _was_referred(self, friend):
        """Whether this person was brought before, as this member or under an e-mail or phone that came before."""
        return bool(self.search_count([("friend_id", "=", friend.id)], limit=1)) or self.env[
            "club.referral.identity"
        ]._is_known(friend.club_id, friend.partner_id)

    @api.model
    def _count_joins(self, referrer, at, days):
        return self.search_count(
            [("referrer_id", "=", referrer.id), ("joined_at", ">", fields.Datetime.subtract(at, days=days))]
        )

    @api.model
    def _get_devices(self, referrer):
        """Browsers in which the referrer was brought as a friend, as long as they are kept."""
        return set(self.search([("friend_id", "=", referrer.id), ("device", "!=", False)], limit=5).mapped("device"))

    @api.model
    def _is_device_known(self, club, device, referrer):
        """Whether somebody else joined through a link in this browser before."""
        return bool(device) and bool(
            self.search_count(
                [("club_id", "=", club.id), ("device", "=", device), ("friend_id", "!=", referrer.id)], limit=1
            )
        )

    # -- words -----------------------------------------------------------------------------------------

    @api.model
    def _get_reason_words(self):
        """Reasons for staff, by code.

        :rtype: dict[str, str]
        """
        _ = self.env._
        return {
            "oneself": _("It is the same person."),
            "twice": _("This person was brought before, and counts once."),
            "same_company": _("Both belong to the same company."),
            "same_email": _("Both have the same e-mail address, but for dots and what follows a plus."),
            "same_phone": _("Both have the same phone number."),
            "same_household": _("Both live at the same address."),
            "same_device": _("The friend joined in the member's own browser."),
            "device_again": _("Somebody else joined through a link in the same browser before."),
            "robot": _("A program joined, not a person."),
            "customer_before": _("The friend had bought here before the visit."),
            "member_before": _("The friend had been a member before."),
            "too_many_day": _("The member brought more friends within a day than usual."),
            "too_many_week": _("The member brought more friends within a week than usual."),
            "first_returned": _("The friend's first order was cancelled or returned."),
            "by_hand": _("A manager rejected it."),
        }

    @api.model
    def _get_member_words(self):
        """Reasons in plain words for the member who brought the friend; they tell nothing about the friend.

        :rtype: dict[str, str]
        """
        _ = self.env._
        close = _("Your details and your friend's look alike, so we check that you are two people.")
        many = _("You brought many friends in a short time, so we look at it first.")
        new = _("Points are for friends who are new to us; we check that.")
        return {
            "oneself": _("You cannot bring yourself."),
            "twice": _("This friend counted before; everybody counts once."),
            **dict.fromkeys(("same_company", "same_email", "same_phone", "same_household"), close),
            **dict.fromkeys(("same_device", "device_again"), _("Your friend joined on a device that is known to us.")),
            "robot": _("We check that a person joined."),
            "customer_before": new,
            "member_before": new,
            "too_many_day": many,
            "too_many_week": many,
            "first_returned": _("Your friend's first order was cancelled or returned."),
            "by_hand": _("Our team decided that it does not count."),
        }
