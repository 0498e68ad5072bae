"""Who a way to spend is for, what it costs the shop, and whether it is a hard or a soft reward."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import audience as engine_audience
from odoo.exceptions import UserError, ValidationError


class ClubAudience(models.AbstractModel):
    """To be inherited by whatever members get for their points.

    The model that inherits has ``club_id`` (``club.club``), or overrides :meth:`_get_audience_club`. Ask
    :meth:`_get_audience_refusals` for many offers at once, and :meth:`_check_audience` before anything is charged.
    """

    _name = "club.audience"
    _description = "Audience of a Way to Spend"

    audience_from_tier_id = fields.Many2one(
        "club.tier",
        string="From Tier",
        ondelete="restrict",
        help="This tier and all above it, also tiers that come later. Empty: every member.",
    )
    audience_tier_ids = fields.Many2many(
        "club.tier", string="Only Tiers", help="Exactly these tiers. Empty: every member."
    )
    audience_group_ids = fields.Many2many(
        "res.partner.category", string="Groups", help="Members whose contact has one of these tags. Empty: everybody."
    )
    audience_segment_ids = fields.Many2many(
        "club.segment", string="Segments", help="Members of one of these segments. Empty: everybody."
    )
    date_from = fields.Date(string="From", help="First day, in the club's time zone. Empty: at once.")
    date_to = fields.Date(string="Until", help="Last day, included. Empty: without end.")
    nature = fields.Selection(
        [("hard", "Hard: worth money"), ("soft", "Soft: recognition, access, service")],
        string="Kind of Reward",
        default="hard",
        required=True,
        help="Hard rewards cost money and can be compared with a discount; soft rewards tie members by being theirs.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    cost = fields.Monetary(
        string="Cost for the Shop", help="What one costs you, without taxes, for the reports and the budget."
    )

    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record._get_audience_club().currency_id

    @api.constrains(
        "audience_from_tier_id", "audience_tier_ids", "audience_segment_ids", "date_from", "date_to", "cost"
    )
    def _check_audience_club(self):
        for record in self:
            club = record._get_audience_club()
            foreign = (record.audience_from_tier_id | record.audience_tier_ids).filtered(
                lambda tier, club=club: tier.club_id != club
            )
            segments = record.audience_segment_ids.filtered(lambda segment, club=club: segment.club_id != club)
            if foreign or segments:
                raise ValidationError(
                    self.env._(
                        "%(record)s belongs to %(club)s, but %(other)s does not. Choose one of the same club.",
                        record=record.display_name,
                        club=club.name or "",
                        other=(foreign[:1] or segments[:1]).display_name,
                    )
                )
            if record.date_from and record.date_to and record.date_from > record.date_to:
                raise ValidationError(
                    self.env._(
                        "%(record)s would end before it begins. Set the last day on or after the first.",
                        record=record.display_name,
                    )
                )
            if record.cost < 0:
                raise ValidationError(
                    self.env._(
                        "%(record)s cannot cost less than nothing. Write 0 where it costs you nothing.",
                        record=record.display_name,
                    )
                )

    def _get_audience_club(self):
        """The club whose members this is for."""
        self.ensure_one()
        return self.club_id

    def _get_audience(self):
        """The conditions as the engine knows them.

        :rtype: engine.audience.Audience
        """
        self.ensure_one()
        return engine_audience.Audience(
            least_threshold=self.audience_from_tier_id.threshold if self.audience_from_tier_id else None,
            tiers=frozenset(self.audience_tier_ids.ids),
            groups=frozenset(self.audience_group_ids.ids),
            segments=frozenset(self.audience_segment_ids.ids),
            days=(self.date_from or None, self.date_to or None),
        )

    def _get_audience_refusals(self, member):
        """Why each of these is not for ``member`` today; a constant number of queries, and one per segment asked.

        :param member: one ``club.member``.
        :return: dict of record id → ``early``, ``over``, ``tier``, ``group``, ``segment``, or empty if it is for them.
        :rtype: dict[int, str]
        """
        member.ensure_one()
        records = self.sudo()
        person = member.sudo()._get_audience_person(records.audience_segment_ids)
        today = member.sudo().club_id._get_today()
        return {record.id: engine_audience.refusal(record._get_audience(), person, today) for record in records}

    def _filter_for_member(self, member, also=()):
        """Those of these that are for ``member`` today.

        :param also: refusals that are let pass, e.g. ``("tier",)`` to show what a higher tier could have.
        """
        refusals = self._get_audience_refusals(member)
        return self.filtered(lambda record: not refusals[record.id] or refusals[record.id] in also)

    def _check_audience(self, member):
        """Refuse a member whom this is not for, in words that tell why.

        :raises UserError: with the record, the reason and what to do.
        """
        self.ensure_one()
        if self.sudo()._get_audience_club() != member.sudo().club_id:
            raise UserError(
                self.env._(
                    "%(record)s is not offered in this club. Nothing was taken.", record=self.sudo().display_name
                )
            )
        reason = self._get_audience_refusals(member)[self.id]
        if reason:
            raise UserError(self._say_audience_refusal(reason, member))

    def _say_audience_refusal(self, reason, member):
        """A refusal of :meth:`_get_audience_refusals` in words for the member."""
        self.ensure_one()
        _ = self.env._
        record, club = self.sudo(), member.sudo().club_id
        name = record.display_name
        if reason == "early":
            return _(
                "%(record)s begins on %(day)s. Nothing was taken: come back then.",
                record=name,
                day=club._show_day(record.date_from),
            )
        if reason == "over":
            return _("%(record)s has ended. Nothing was taken: choose something else.", record=name)
        tiers = record.audience_from_tier_id or record.audience_tier_ids
        if reason == "tier" and tiers:
            return _(
                "%(record)s is for members from the tier %(tier)s. Nothing was taken.",
                record=name,
                tier=min(tiers, key=lambda tier: tier.threshold).name,
            )
        return _("%(record)s is not meant for your membership. Nothing was taken: choose something else.", record=name)
