"""A segment: members who meet saved conditions, or a list of members that was frozen."""

import ast
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class ClubSegment(models.Model):
    """Conditions on members, built without code; whoever meets them now belongs to it.

    Whoever uses a segment asks it **now**: an earning rule when the fact is processed (not as of the fact's date), a
    prize when it is shown and again when it is taken, a campaign when it chooses its members. ``_filter_members``
    answers for some members, ``_get_members`` for all, each in one query. The rows of ``club.segment.membership`` are
    for people: since when, how many, who is new. A live segment never asks them; a frozen one is nothing else.
    """

    _name = "club.segment"
    _description = "Club Segment"
    _inherit = ["mail.thread", "club.owned"]
    _order = "club_id, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("live", "Live: whoever meets the conditions now"), ("static", "List: chosen members, until you change it")],
        string="Who Belongs",
        default="live",
        required=True,
        tracking=True,
        copy=False,
    )
    match = fields.Selection(
        [("all", "All of the conditions"), ("any", "Any of the conditions")],
        default="all",
        required=True,
        tracking=True,
    )
    condition_ids = fields.One2many("club.segment.condition", "segment_id", string="Conditions", copy=True)
    domain = fields.Char(
        string="Further Conditions",
        default="[]",
        required=True,
        tracking=True,
        help="For experts: must be true besides the conditions above. Empty: asks nothing.",
    )
    sentence = fields.Char(compute="_compute_sentence", string="In Words")
    membership_ids = fields.One2many("club.segment.membership", "segment_id", string="Entries and Exits")

    # -- computes ------------------------------------------------------------

    @api.depends("kind", "match", "domain", "condition_ids.sentence", "condition_ids.excludes")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for segment in self:
            segment.sentence = segment._get_sentence()

    def _get_sentence(self):
        """Who belongs to it, as one sentence."""
        _ = self.env._
        if self.kind == "static":
            return _("Members on a list that changes by hand only.")
        wanted = [line.sentence for line in self.condition_ids if line.sentence and not line.excludes]
        unwanted = [line.sentence for line in self.condition_ids if line.sentence and line.excludes]
        link = _(", and ") if self.match == "all" else _(", or ")
        who = _("Members who %(conditions)s", conditions=link.join(wanted)) if wanted else _("Every member of the club")
        if (self.domain or "").replace(" ", "") not in ("", "[]"):
            who = _("%(who)s, as far as the further conditions are true", who=who)
        if unwanted:
            return _("%(who)s; but none who %(excluded)s.", who=who, excluded=_(", or ").join(unwanted))
        return _("%(who)s.", who=who)

    # -- constraints ---------------------------------------------------------

    @api.constrains("domain", "club_id", "match")
    def _check_domain(self):
        self._check_conditions()

    @api.constrains("club_id")
    def _check_club_fits(self):
        """Conditions and list belong to the club."""
        for segment in self:
            if any(row.member_id.club_id != segment.club_id for row in segment.sudo().membership_ids[:1]):
                raise ValidationError(
                    self.env._(
                        "%(segment)s has members of another club already. Make a new segment for %(club)s.",
                        segment=segment.name,
                        club=segment.club_id.name,
                    )
                )
            segment.condition_ids._check_condition()

    def _check_conditions(self):
        """Conditions must be readable. (Odoo checks constraints above all rights: see :meth:`_check_author`.)"""
        for segment in self:
            segment._check_circle()
            try:
                # Asked of nobody: whether the database understands them does not depend on the size of the club.
                nobody = self.env["club.member"].browse(-1)
                self.env["club.member"].search(Domain("id", "=", -1) & segment._get_conditions_domain(nobody))
            except (ValueError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The conditions of %(segment)s cannot be read: %(error)s. Build them with the editor.",
                        segment=segment.name,
                        error=error,
                    )
                ) from error

    def _check_author(self):
        """Typed conditions must be on what their author may read: once saved they are asked for every reader alike.

        :raises UserError: with the name of what they may not.
        """
        for segment in self:
            segment._get_typed_domain()

    def _check_circle(self):
        """Segments that ask each other would never answer."""
        seen, asked = self.browse(), self.sudo().condition_ids.other_id
        while asked:
            if self in asked:
                raise ValidationError(
                    self.env._(
                        "%(segment)s asks for a segment that asks for it. Take one of the two conditions out.",
                        segment=self.name,
                    )
                )
            seen |= asked
            asked = asked.condition_ids.other_id - seen

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._check_author()
        segments._note_conditions()
        return segments

    def write(self, vals):
        """Who belongs to a segment that becomes a list is who belonged to it just before."""
        frozen = (
            self.filtered(lambda segment: segment.kind == "live") if vals.get("kind") == "static" else self.browse()
        )
        for segment in frozen:
            segment._keep_memberships()
        res = super().write(vals)
        if {"domain", "club_id"} & vals.keys():
            self._check_author()
        if {"domain", "match", "kind", "club_id", "active"} & vals.keys():
            self._note_conditions()
        return res

    # -- who belongs to it ---------------------------------------------------

    def _get_typed_domain(self, members=None):
        """Whom the expert's conditions mean, in the club's company: see :meth:`_bind`.

        They are asked in that company and of active records, whoever reads the answer and whatever they look at.

        :rtype: Domain
        :raises ValueError: they cannot be read; :raises UserError: they reach what they must not.
        """
        try:
            conditions = ast.literal_eval(self.domain or "[]")
        except SyntaxError as error:
            raise ValueError(self.domain) from error
        if not isinstance(conditions, list):
            raise ValueError(self.domain)
        met = self._bind("club.member", conditions)
        if met.is_true():
            return met
        company = self.sudo().club_id.company_id
        Member = self.env["club.member"].with_context(active_test=True, allowed_company_ids=company.ids)
        if members is not None:
            met &= Domain("id", "in", members.ids)
        return Domain("id", "in", Member._search(Domain("club_id", "=", self.club_id._origin.id) & met))

    def _get_conditions_domain(self, members=None):
        """Who meets the conditions, whatever the kind of the segment.

        :param members: where only these are asked about.
        :rtype: Domain
        :raises ValueError: the expert's conditions cannot be read.
        """
        self.ensure_one()
        wanted = [line._get_domain(members) for line in self.condition_ids if not line.excludes]
        unwanted = [line._get_domain(members) for line in self.condition_ids if line.excludes]
        met = Domain("club_id", "=", self.club_id._origin.id) & self._get_typed_domain(members)
        if self.match == "any" and len(wanted) > 1:
            met &= Domain("id", "in", self._unite(wanted, members))
        else:
            met &= Domain.AND(wanted)
        return met & self.condition_ids._not_in(self._unite(unwanted, members)) if unwanted else met

    def _unite(self, domains, members):
        """Who is meant by any of ``domains``, as a select in brackets: a union of queries, each of which PostgreSQL can
        join, where conditions linked by OR would be tried member by member.
        """
        mine = Domain("club_id", "=", self.club_id._origin.id)
        if members is not None:
            mine &= Domain("id", "in", members.ids)
        queries = [self.env["club.member"]._search(mine & domain).select() for domain in domains]
        return SQL("(%s)", SQL(" UNION ALL ").join(queries))

    def _get_domain(self, members=None):
        """Who belongs to it, as a domain on ``club.member``.

        :param members: where only these are asked about; the domain then says nothing about others.
        :rtype: Domain
        :raises ValueError: the conditions cannot be read.
        """
        self.ensure_one()
        if self.kind == "live":
            return self._get_conditions_domain(members)
        self.env["club.segment.membership"].flush_model()
        listed = SQL(
            "(SELECT member_id FROM club_segment_membership WHERE segment_id = %s AND left_on IS NULL)",
            self._origin.id or 0,
        )
        return Domain("club_id", "=", self.club_id._origin.id) & Domain("id", "in", listed)

    def _filter_members(self, members):
        """Those of ``members`` (sudo) who belong to it now; one query, whatever the size of the club.

        Nobody belongs to a segment whose typed conditions must not be asked any more (they were saved by an earlier
        version): a customer's purchase must not fail because of them. The log names the segment and the remedy.
        """
        self.ensure_one()
        if not members:
            return members.sudo()
        try:
            domain = self.sudo()._get_domain(members)
        except (UserError, ValueError) as error:
            _logger.error(
                "Segment %s (%s) has no members until its conditions are changed: %s", self.id, self.name, error
            )
            return members.sudo().browse()
        return self.env["club.member"].sudo().search(Domain("id", "in", members.ids) & domain)

    def _get_members(self):
        """Everybody who belongs to it now, without reading them: a query for a million members.

        ``browse(query)`` gives records, ``("id", "in", query)`` a part of a domain, ``query.select()`` SQL,
        ``len(query)`` a number.

        :rtype: odoo.tools.Query on ``club.member``, active members only, also where a list shows archived records.
        """
        segment = self.sudo().with_context(active_test=True)
        segment.ensure_one()
        return segment.env["club.member"]._search(segment._get_domain())

    # -- actions -------------------------------------------------------------

    def action_open_members(self):
        """Open the members who belong to it now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "club.member",
            "views": [(False, "list"), (False, "form")],
            "domain": [("segment_ids", "in", self.ids)],
        }
