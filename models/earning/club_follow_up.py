"""What staff should do when members do something: "a Gold member complained: call within a day"."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from lxml import etree
from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import ValidationError

#: A fact that is processed later than so many days after it happened calls nobody: it is history.
FRESH_DAYS = 7
#: So many tasks at once are not announced by e-mail one by one.
ANNOUNCED = 20
#: Fields of the rule behind that a follow-up words, sets or leaves alone itself.
OWN_VALUES = {"purpose": "follow_up", "active": False, "formula": "fixed", "points": 1, "use_multiplier": False}


class ClubFollowUp(models.Model):
    """An activity for staff that follows a fact, under the same conditions as an earning rule has.

    Its conditions are those of an earning rule that gives no points (``condition_id``, never switched on), so that
    whatever a room lets rules ask, follow-ups can ask too. Facts are looked at where rules look at them, in batches,
    once; imported and old facts call nobody.
    """

    _name = "club.follow.up"
    _description = "Club Follow-Up by Staff"
    _inherit = ["club.bounded", "club.copied"]
    _inherits = {"club.earn.rule": "condition_id"}
    _order = "id"

    condition_id = fields.Many2one("club.earn.rule", required=True, ondelete="restrict", index=True)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Task",
        required=True,
        ondelete="restrict",
        domain="[('res_model', 'in', (False, 'club.member'))]",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    summary = fields.Char(translate=True, help="What the task says, for example: apologise and offer a bouquet.")
    deadline_days = fields.Integer(
        string="Within Days", default=1, help="After the day on which it happened. 0: the same day."
    )
    assign = fields.Selection(
        [
            ("user", "One person"),
            ("salesperson", "The member's salesperson"),
            ("team", "A team, in turn"),
        ],
        string="Who",
        default="user",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
        help="Also for members without a salesperson.",
    )
    team_user_ids = fields.Many2many("res.users", string="Team", domain="[('share', '=', False)]")
    summary_sentence = fields.Char(string="What It Does", compute="_compute_summary_sentence")

    _deadline_positive = models.Constraint(
        "CHECK(deadline_days >= 0)", "A follow-up's days cannot be negative. Use 0 for the same day."
    )

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show the conditions that rooms add to the rule's page here too, so that no room has to add them twice."""
        arch, view = super()._get_view(view_id, view_type, **options)
        target = arch.find(".//group[@name='event_details']") if view_type == "form" else None
        if target is not None:
            rule_arch, _view = self.env["club.earn.rule"]._get_view(
                self.env.ref("customer_club.club_earn_rule_view_form").id, "form"
            )
            for node in rule_arch.findall(".//group[@name='event_details']/*"):
                target.append(etree.fromstring(etree.tostring(node)))
        return arch, view

    @api.depends(
        lambda self: [
            *self._get_condition_fields(),
            "activity_type_id",
            "summary",
            "deadline_days",
            "assign",
            "user_id",
            "team_user_ids",
        ]
    )
    @api.depends_context("lang")
    def _compute_summary_sentence(self):
        for follow_up in self:
            follow_up.summary_sentence = follow_up._sentence()

    @api.constrains("assign", "user_id", "team_user_ids")
    def _check_assignees(self):
        for follow_up in self:
            if follow_up.assign == "team" and not follow_up.team_user_ids:
                raise ValidationError(
                    self.env._("The follow-up %(name)s names a team without people. Add some.", name=follow_up.name)
                )
            if follow_up.assign != "team" and not follow_up.user_id:
                raise ValidationError(
                    self.env._("The follow-up %(name)s names nobody. Choose a person.", name=follow_up.name)
                )

    @api.onchange("event_type")
    def _onchange_event_type(self):
        """What cannot be asked of the event is cleared."""
        if self.event_type not in self.env["club.earn.rule"]._get_amount_types():
            self.update({"product_ids": False, "categ_ids": False, "tag_ids": False, "min_amount": 0})

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("condition_id"):
                names = [
                    name for name in vals if name in self.env["club.earn.rule"]._fields and self._is_inherited(name)
                ]
                rule = {name: vals.pop(name) for name in names}
                vals["condition_id"] = (
                    self.env["club.earn.rule"].create({**rule, **OWN_VALUES, "name": vals["name"]}).id
                )
        follow_ups = super().create(vals_list)
        self.env["club.club"]._clear_earning_cache()
        return follow_ups

    def write(self, vals):
        result = super().write(
            {name: value for name, value in vals.items() if name not in OWN_VALUES or name == "active"}
        )
        if "name" in vals:
            self.condition_id.name = vals["name"]
        self.env["club.club"]._clear_earning_cache()
        return result

    def unlink(self):
        rules = self.condition_id
        result = super().unlink()
        rules.unlink()
        self.env["club.club"]._clear_earning_cache()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for follow_up, vals in zip(self, vals_list, strict=True):
            vals["condition_id"] = follow_up.condition_id.copy(OWN_VALUES).id
        return vals_list

    @api.model
    def _get_condition_fields(self):
        """Fields of the rule behind that its words are made of."""
        Rule = self.env["club.earn.rule"]
        return [
            name
            for name in Rule._get_sentence_fields()
            if not (Rule._fields[name].compute or Rule._fields[name].related or Rule._fields[name].type == "one2many")
        ]

    def _is_inherited(self, name):
        return bool(self._fields[name].inherited) if name in self._fields else False

    # -- words ---------------------------------------------------------------

    def _sentence(self):
        """The follow-up as one sentence: "Call within 2 days after every visit, Gold and above: by Anna".

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        task = self.summary or self.activity_type_id.name or ""
        # While it is being made there is no rule behind it yet.
        rule = self.env["club.earn.rule"].new({name: self[name] for name in self._get_condition_fields()})
        after, who = rule._get_condition_words(), self._get_who_words()
        if not self.deadline_days:
            return _("%(task)s on the same day after %(after)s (by %(who)s)", task=task, after=after, who=who)
        if self.deadline_days == 1:
            return _("%(task)s within a day after %(after)s (by %(who)s)", task=task, after=after, who=who)
        return _(
            "%(task)s within %(days)s days after %(after)s (by %(who)s)",
            task=task,
            days=rule._number(self.deadline_days),
            after=after,
            who=who,
        )

    def _get_who_words(self):
        if self.assign == "salesperson":
            return self.env._("the member's salesperson")
        if self.assign == "team":
            return self.env["club.earn.rule"]._names(self.team_user_ids)
        return self.user_id.name or ""

    # -- scheduling ----------------------------------------------------------

    def _to_engine(self):
        """The conditions as a rule of the engine that bears this follow-up's id."""
        self.ensure_one()
        nothing = Decimal(0)
        return replace(
            self.condition_id._to_engine(),
            id=self.id,
            limit_event=nothing,
            limit_member=nothing,
            limit_club=nothing,
            group=None,
        )

    @api.model
    def _read_engine_follow_ups(self, clubs):
        """Engine values of the active follow-ups, by club id."""
        found = {}
        for follow_up in self.sudo().search([("club_id", "in", clubs.ids)]):
            found.setdefault(follow_up.club_id.id, []).append(follow_up._to_engine())
        return found

    @api.model
    def _schedule(self, found):
        """Make the activities that facts call for; a constant number of queries however many there are.

        :param found: (:class:`EventRow`, id of the follow-up) for facts that have just been processed the first time.
        :return: the activities.
        """
        since = fields.Datetime.now() - timedelta(days=FRESH_DAYS)
        found = [(row, follow_up_id) for row, follow_up_id in found if row.occurred_at >= since]
        if not found:
            return self.env["mail.activity"]
        follow_ups = {record.id: record for record in self.sudo().browse({pair[1] for pair in found}).exists()}
        members = {
            member.id: member for member in self.env["club.member"].sudo().browse({pair[0].member_id for pair in found})
        }
        model_id = self.env["ir.model"]._get_id("club.member")
        values = [
            {"res_model_id": model_id, **follow_ups[number]._prepare_activity_values(row, members[row.member_id])}
            for row, number in found
            if number in follow_ups and row.member_id in members
        ]
        # Tasks are for colleagues: they come whoever caused the fact, a customer included.
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=len(values) > ANNOUNCED)
        return Activity.create(values)

    def _prepare_activity_values(self, row, member):
        """Values of the activity for one fact, without its model."""
        day = periods.local_date(row.occurred_at, self.club_id.tz) + timedelta(days=self.deadline_days)
        today = periods.local_date(fields.Datetime.now(), self.club_id.tz)
        return {
            "res_id": member.id,
            "activity_type_id": self.activity_type_id.id,
            "summary": self.summary or self.name,
            "note": self.env._(
                "%(event)s, %(date)s. By the follow-up %(name)s.",
                event=dict(self.env["club.event"]._fields["type"]._description_selection(self.env)).get(row.type, ""),
                date=self.club_id._show_day(row.occurred_at),
                name=self.name,
            ),
            "date_deadline": max(day, today),
            "user_id": self._get_assignee(row, member).id,
        }

    def _get_assignee(self, row, member):
        """Who gets the task. A team takes turns by the number of the fact; who may not see members gets none."""
        if self.assign == "team":
            team = self.team_user_ids.sorted("id")
            return team[row.id % len(team)]
        salesperson = member.partner_id.user_id
        if (
            self.assign == "salesperson"
            and salesperson.active
            and salesperson.has_group("customer_club.group_club_user")
        ):
            return salesperson
        return self.user_id
