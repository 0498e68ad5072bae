"""A member: one person or company in one club."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text, tiering
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

# What staff may write on a member; everything else follows from joining, leaving, tiers and the ledger.
WRITABLE = {"nickname", "consent_marketing", "note"}


# Marks our own writes in the context: an object that no caller from outside can name (abuse.md 5).
_RECORDED = object()


class ClubMember(models.Model):
    """A partner's membership of a club. Its card holds the points; only the ledger moves them."""

    _name = "club.member"
    _description = "Club Member"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "id desc"
    _rec_names_search = ["number", "partner_id"]

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="club_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    card_id = fields.Many2one("loyalty.card", required=True, readonly=True, ondelete="restrict", copy=False)
    number = fields.Char(readonly=True, copy=False, index=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [
            ("active", "Active"),
            ("left", "Left"),
            ("merged", "Merged"),
            ("erased", "Erased"),
            ("account", "Account, not a person"),
        ],
        default="active",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="An account holds what is nobody's own membership, such as a pool or wallet money; it is always archived.",
    )
    source = fields.Selection(
        [
            ("manual", "Staff"),
            ("portal", "Portal"),
            ("signup", "Sign-up"),
            ("checkout", "Checkout"),
            ("import", "Import"),
            ("adopt", "Adopted program"),
            ("api", "Other system"),
        ],
        default="manual",
        required=True,
        readonly=True,
    )
    joined_at = fields.Datetime(default=fields.Datetime.now, required=True, readonly=True)
    left_at = fields.Datetime(readonly=True, copy=False)
    merged_ids = fields.One2many(
        "club.member", "merged_into_id", string="Merged Members", context={"active_test": False}
    )
    nickname = fields.Char(
        help="Shown to other members, for example on a leaderboard. Never the full name without being asked."
    )
    note = fields.Text(string="Internal Note", groups="customer_club.group_club_user")

    # Tier
    tier_id = fields.Many2one("club.tier", readonly=True, index="btree_not_null", ondelete="restrict", copy=False)
    tier_since = fields.Date(readonly=True, copy=False)
    tier_review_on = fields.Date(string="Next Tier Review", readonly=True, copy=False)
    tier_grace_until = fields.Date(
        readonly=True, copy=False, help="The tier is no longer deserved and ends on this day."
    )
    tier_check = fields.Boolean(
        readonly=True, copy=False, help="Tiers changed: the next nightly run looks at this member."
    )
    tier_measure = fields.Float(compute="_compute_tier_progress", digits=(16, 2), string="Reached in the Window")
    next_tier_id = fields.Many2one("club.tier", compute="_compute_tier_progress")
    tier_missing = fields.Float(compute="_compute_tier_progress", digits=(16, 2), string="Missing for the Next Tier")
    tier_progress = fields.Float(compute="_compute_tier_progress", string="Way to the Next Tier", help="In percent.")
    tier_basis = fields.Selection(related="club_id.tier_basis")
    tier_history_ids = fields.One2many("club.tier.history", "member_id")
    priority = fields.Integer(related="tier_id.priority", string="Priority")

    # Consent
    consent_terms_at = fields.Datetime(string="Accepted Terms On", readonly=True, copy=False)
    consent_terms_id = fields.Many2one(
        "club.terms", string="Accepted Text", readonly=True, copy=False, ondelete="restrict"
    )
    consent_marketing = fields.Boolean(string="Marketing Messages")
    consent_ids = fields.One2many("club.consent", "member_id")
    occasion_ids = fields.One2many("club.occasion", "member_id")

    # Points
    point_name = fields.Char(related="club_id.point_name")
    points = fields.Float(compute="_compute_points", digits=(16, 2), help="What the member can spend now.")
    points_pending = fields.Float(compute="_compute_points", digits=(16, 2))
    points_expiring = fields.Float(compute="_compute_points", digits=(16, 2), help="Points that expire within 30 days.")
    points_expiring_on = fields.Date(compute="_compute_points", help="The next day on which points expire.")
    balance = fields.Float(related="card_id.points", string="Balance", related_sudo=True)
    entry_ids = fields.One2many("club.point.entry", "member_id")
    event_ids = fields.One2many("club.event", "member_id")
    entry_count = fields.Integer(compute="_compute_counts")
    event_count = fields.Integer(compute="_compute_counts")

    _number_unique = models.UniqueIndex("(club_id, number)", "Two members of a club cannot have the same number.")
    _card_unique = models.Constraint("UNIQUE(card_id)", "A card belongs to one member only.")
    _partner_unique = models.UniqueIndex(
        "(club_id, partner_id) WHERE active", "This contact is a member of the club already."
    )
    _state_active = models.Constraint(
        "CHECK(active = (state = 'active'))",
        "A member is archived by leaving, merging or erasing, and only so.",
    )
    _review_idx = models.Index("(tier_review_on) WHERE active")
    _grace_idx = models.Index("(tier_grace_until) WHERE active AND tier_grace_until IS NOT NULL")
    _check_idx = models.Index("(id) WHERE active AND tier_check")

    # -- computes ------------------------------------------------------------------------------------

    @api.depends("partner_id.name", "number")
    def _compute_display_name(self):
        for member in self:
            name = member.sudo().partner_id.display_name
            member.display_name = f"{name} ({member.number})" if member.number else name

    @api.depends("tier_id", "club_id")
    def _compute_tier_progress(self):
        """One query per club of the members."""
        empty = self.env["club.tier"]
        for club, members in self.grouped("club_id").items():
            tiers = club._get_tier_values() if club else ()
            measures = club.sudo()._get_tier_measures(members._origin) if club else {}
            ids = {tier.id for tier in tiers}
            for member in members:
                measure = measures.get(member._origin.id, 0)
                current = member.tier_id._origin.id if member.tier_id._origin.id in ids else None
                progress = tiering.progress(tiers, current, measure)
                member.tier_measure = measure
                member.next_tier_id = progress.next_tier.id if progress.next_tier else empty
                member.tier_missing = progress.missing
                member.tier_progress = float(progress.ratio * 100)

    @api.depends("card_id.points")
    def _compute_points(self):
        """Read card balances and open lots: two queries for any number of members."""
        lots = self.env["club.point.lot"].sudo()
        pending = dict(
            lots._read_group(
                [("member_id", "in", self.ids), ("state", "=", "pending")],
                ["member_id"],
                ["remaining:sum"],
            )
        )
        today = fields.Date.context_today(self)
        expiring = {
            member: (points, first)
            for member, points, first in lots._read_group(
                [
                    ("member_id", "in", self.ids),
                    ("state", "=", "open"),
                    ("expires_on", "!=", False),
                    ("expires_on", "<=", fields.Date.add(today, days=30)),
                ],
                ["member_id"],
                ["remaining:sum", "expires_on:min"],
            )
        }
        for member in self:
            member.points = member.sudo().card_id.points
            member.points_pending = pending.get(member, 0.0)
            member.points_expiring, member.points_expiring_on = expiring.get(member, (0.0, False))

    def _compute_counts(self):
        entries = dict(
            self.env["club.point.entry"]._read_group([("member_id", "in", self.ids)], ["member_id"], ["__count"])
        )
        events = dict(self.env["club.event"]._read_group([("member_id", "in", self.ids)], ["member_id"], ["__count"]))
        for member in self:
            member.entry_count = entries.get(member, 0)
            member.event_count = events.get(member, 0)

    @api.model
    def _search_display_name(self, operator, value):
        """Numbers are found however they are typed: other digits, blanks, hyphens."""
        domain = super()._search_display_name(operator, value)
        if operator in ("ilike", "like", "=") and isinstance(value, str) and text.check_member_number(value):
            domain = fields.Domain(domain) | fields.Domain("number", "=", text.compact_member_number(value))
        return domain

    # -- create and write ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Make members, each with number, card and starter tier, and record that they joined.

        Whoever creates names club and partner only; the same few queries serve one member and thousands.
        """
        if not self.env.su:
            allowed = WRITABLE | {"club_id", "partner_id"}
            vals_list = [{name: value for name, value in vals.items() if name in allowed} for vals in vals_list]
            self.env["club.club"].browse({vals["club_id"] for vals in vals_list}).check_access("read")
        vals_list = [dict(vals) for vals in vals_list]
        clubs = self.env["club.club"].sudo().browse([vals["club_id"] for vals in vals_list])
        balances = {}
        for club in clubs.browse(set(clubs.ids)):
            balances.update(
                self._complete_create_values(club, [vals for vals in vals_list if vals["club_id"] == club.id])
            )
        # Defaults in a caller's context would fill in the joining day, the source, the consent (abuse.md 5).
        quiet = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "tracking_disable": True}
        plain = self.with_context(clean_context(self.env.context), **quiet)
        members = super(ClubMember, plain).create(vals_list).with_env(self.env)
        members.sudo()._after_create(balances)
        return members

    def _complete_create_values(self, club, vals_list):
        """Add card, number and starter tier to the values of one club's new members, in place.

        :return: points that inert cards held, by card id
        :rtype: dict
        """
        today = club._get_today()
        tiers = club._get_tier_values()
        starter = tiering.deserved(tiers, 0)
        review_on = tiering.next_review(club.tier_review, today, club.calendar)
        numbers = club._next_numbers(len(vals_list))
        for vals, number in zip(vals_list, numbers, strict=True):
            vals.setdefault("number", number)
            vals.update(tier_id=starter or False, tier_since=starter and today, tier_review_on=review_on)
        without = [vals for vals in vals_list if not vals.get("card_id")]
        partners = self.env["res.partner"].browse([vals["partner_id"] for vals in without])
        inert = club._get_inert_cards(partners)
        Card = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(
                loyalty_no_mail=True,
                tracking_disable=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
            )
        )
        new = [partner for partner in partners if partner.id not in inert]
        cards = dict(
            zip(
                (partner.id for partner in new),
                Card.create([club._prepare_card_values(partner) for partner in new]),
                strict=True,
            )
        )
        cards.update(inert)
        for vals in without:
            vals["card_id"] = cards[vals["partner_id"]].id
        return self._wake_inert_cards(club, list(inert.values()))

    @api.model
    def _wake_inert_cards(self, club, cards):
        """Take the balances off cards that become members'; :meth:`_post_inert_balances` puts back what counts.

        :return: the balances that count, by card id
        :rtype: dict
        """
        cards = self.env["loyalty.card"].sudo().union(*cards)
        cards.filtered(lambda card: not card.active).with_context(loyalty_no_mail=True).active = True
        # Only cards that are older than the club hold points that somebody earned: those of an adopted program.
        balances = {card.id: card.points for card in cards if card.points and card.create_date <= club.create_date}
        club._empty_cards(cards.filtered("points"))
        return balances

    def _post_inert_balances(self, balances):
        """Opening entries for what the members' cards held before they had a member."""
        found = [(member, balances[member.card_id.id]) for member in self if member.card_id.id in balances]
        self.env["club.point.entry"]._post(
            [
                {
                    "member_id": member.id,
                    "points": points,
                    "kind": "opening" if points > 0 else "adjust",
                    "happened": points < 0,
                    "key": f"adopt,{member.club_id.program_id.id}:card,{member.card_id.id}",
                    "note": self.env._("Balance of card %(code)s", code=member.card_id.code),
                }
                for member, balance in found
                for points in [member.club_id._round_down(balance)]
                if points
            ]
        )

    def _after_create(self, balances):
        """Record what a new member's joining means: history of tiers, identity, the event that rules reward."""
        self.env["club.tier.history"].create(
            [
                {"member_id": member.id, "to_tier_id": member.tier_id.id, "reason": "join"}
                for member in self
                if member.tier_id
            ]
        )
        for club, members in self.grouped("club_id").items():
            returning = self.env["club.identity"]._claim(club, members.partner_id)
            members.filtered(
                lambda member, returning=returning: member.partner_id not in returning
            )._record_join_events()
        self._post_inert_balances(balances)
        self._after_tier_change()

    def _record_join_events(self):
        """The fact that somebody joined for the first time. Who was here before has none; nor has a program's old
        customer.

        It earns at once, so that the first page a member sees has the welcome gift; an import earns
        when it is complete.
        """
        joined = self.filtered(lambda member: member.source != "adopt")
        events = (
            self.env["club.event"]
            .sudo()
            ._record(
                [
                    {
                        "member_id": member.id,
                        "type": "join",
                        "occurred_at": member.joined_at,
                        "key": f"member,{member.id}:join",
                        "origin": member,
                        "payload": {"source": member.source},
                    }
                    for member in joined
                ]
            )
        )
        events.browse(
            event.id for event, member in zip(events, joined, strict=True) if member.source != "import"
        )._process()

    def write(self, vals):
        if not self.env.su and set(vals) - WRITABLE - self._get_thread_fields():
            raise UserError(
                self.env._(
                    "Of a member only nickname, note and marketing consent can be edited (not: %(fields)s). "
                    "Use the buttons to leave, to erase or to adjust points.",
                    fields=", ".join(sorted(set(vals) - WRITABLE - self._get_thread_fields())),
                )
            )
        if "consent_marketing" in vals and self.env.context.get("club_consent_recorded") is not _RECORDED:
            changed = self.filtered(lambda member: member.consent_marketing != bool(vals["consent_marketing"]))
            changed._record_consent("marketing", bool(vals["consent_marketing"]), "manual")
        return super().write(vals)

    @api.model
    def _get_thread_fields(self):
        """Fields of the chatter, which Odoo writes on behalf of whoever follows or posts."""
        return {name for name in self._fields if name.startswith(("message_", "activity_", "website_message_"))}

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A member cannot be deleted, for the ledger refers to it. Let the member leave, or erase the "
                "personal data."
            )
        )

    # -- consent -------------------------------------------------------------------------------------

    def _record_consent(self, kind, given, source):
        """Write down that these members agreed (or no longer agree) to the terms or to marketing messages.

        :param str kind: ``terms`` or ``marketing``
        :param bool given:
        :param str source: where they said so
        :raise UserError: for who agreed to it very often today, see ``club.consent``
        """
        if given:
            self.env["club.consent"]._check_pace(self, kind, source)
        now = fields.Datetime.now()
        members = self.sudo().with_context(club_consent_recorded=_RECORDED)
        self.env["club.consent"].sudo().create(
            [
                {
                    "member_id": member.id,
                    "kind": kind,
                    "given": given,
                    "source": source,
                    "given_at": now,
                    "terms_id": member.club_id.terms_id.id if kind == "terms" else False,
                }
                for member in members
            ]
        )
        if kind == "marketing":
            members.write({"consent_marketing": given})
        else:
            for club, of_club in members.grouped("club_id").items():
                of_club.write(
                    {
                        "consent_terms_at": now if given else False,
                        "consent_terms_id": club.terms_id.id if given else False,
                    }
                )
