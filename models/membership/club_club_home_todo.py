"""What needs the manager today, and the records behind every line and figure of the home page."""

from odoo import fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from .club_club_home import DAYS, PASSIVE_EVENTS

ENDING_DAYS = 14
LATE_HOURS = 26


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_todos(self, figures):
        """What waits for somebody, by club id: sentences by the key that :meth:`action_open_home` opens.

        An addon adds lines of its own here, and a button to the view.

        :param dict figures: what :meth:`_get_home_figures` returned.
        :rtype: dict[int, dict[str, str]]
        """
        shared = self._get_home_shared_todos()
        ending, rules = self._count_home_rules()
        adjustments = self._count_home_adjustments()
        rewards = dict(
            self.env["loyalty.reward"]
            .sudo()
            ._read_group([("program_id", "in", self.sudo().program_id.ids)], ["program_id"], ["__count"])
        )
        todos = {}
        for club in self:
            todo = todos[club.id] = dict(shared)
            values = figures[club.id]
            counts = {
                "adjust": adjustments.get(club, 0),
                "ending": ending.get(club, 0),
                "no_tier": values["no_tier"] if club.tier_ids else 0,
                "arrears": values["arrears"],
                "expiring": values["expiring"],
                "setup_rules": not rules.get(club),
                "setup_tiers": not club.tier_ids,
                "setup_rewards": not rewards.get(club.sudo().program_id),
                "setup_members": not values["members"],
            }
            todo.update({key: club._say_home_todo(key, count, values) for key, count in counts.items() if count})
        return todos

    def _say_home_todo(self, key, count, values):
        """One line of what needs the manager."""
        _ = self.env._
        number = formatLang(self.env, count, digits=0)
        if key == "adjust":
            return _("Adjustments that wait for approval: %(count)s", count=number)
        if key == "ending":
            return _("Rules that end within two weeks: %(count)s", count=number)
        if key == "no_tier":
            return _("Members without a tier: %(count)s", count=number)
        if key == "arrears":
            return _("Members who owe points: %(count)s", count=number)
        if key == "expiring":
            return _(
                "%(points)s of %(count)s members expire within 30 days",
                points=self._show_points(count),
                count=formatLang(self.env, values["expiring_members"], digits=0),
            )
        return {
            "setup_rules": _("No earning rule yet: members earn nothing. Make the first one."),
            "setup_tiers": _("No tiers yet. Add them, or leave it at one level for all."),
            "setup_rewards": _("No reward yet: points buy nothing. Add one."),
            "setup_members": _("No member yet. Invite customers or enrol contacts."),
        }[key]

    def _get_home_shared_todos(self):
        """What concerns the ledger and the nightly jobs of all clubs."""
        _ = self.env._
        todo = {}
        checks = self.env["club.ledger.check"].search([], limit=5)
        broken = checks.filtered(lambda check: check.state == "broken")
        if broken:
            todo["broken"] = _("The ledger's checks found something broken. Stop and look at it first.")
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=LATE_HOURS)
        late = self._get_home_crons().filtered(lambda cron: cron.nextcall and cron.nextcall < since)
        if late:
            todo["late"] = _("Nightly jobs that are late: %(jobs)s", jobs=self.env._(", ").join(late.mapped("name")))
        incidents = self.env["club.ledger.incident"].search_count(self._get_home_incident_domain())
        if incidents:
            todo["incidents"] = _(
                "Changes of points by other programs in the last 30 days: %(count)s",
                count=formatLang(self.env, incidents, digits=0),
            )
        return todo

    def _get_home_incident_domain(self):
        return [
            ("create_date", ">=", self._get_home_times()[0]),
            ("company_id", "in", [*self.env.companies.ids, False]),
        ]

    def _get_home_crons(self):
        """The scheduled jobs of this addon that are switched on."""
        data = self.env["ir.model.data"].sudo().search([("module", "=", "customer_club"), ("model", "=", "ir.cron")])
        return self.env["ir.cron"].sudo().search([("id", "in", data.mapped("res_id")), ("active", "=", True)])

    def _count_home_rules(self):
        """Rules about to end and rules in force, by club."""
        Rule = self.env["club.earn.rule"]
        rules = dict(Rule._read_group([("club_id", "in", self.ids)], ["club_id"], ["__count"]))
        ending = dict(
            Rule._read_group([("club_id", "in", self.ids), *self._get_home_ending_domain()], ["club_id"], ["__count"])
        )
        return ending, rules

    def _get_home_ending_domain(self):
        today = fields.Date.context_today(self)
        return [("date_to", ">=", today), ("date_to", "<=", fields.Date.add(today, days=ENDING_DAYS))]

    def _count_home_adjustments(self):
        """Adjustments of points that wait for a second person, by club."""
        Adjustment = self.env["club.point.adjustment"]
        return dict(
            Adjustment._read_group(
                [("club_id", "in", self.ids), ("state", "=", "to_approve")], ["club_id"], ["__count"]
            )
        )

    # -- what is behind --------------------------------------------------------

    def action_open_home(self):
        """Open the records behind the figure or line that the context names as ``club_home``."""
        self.ensure_one()
        action = self._get_home_action(self.env.context.get("club_home"))
        if not action:
            raise UserError(
                self.env._("There is nothing to open here for %(club)s. Reload the page and try again.", club=self.name)
            )
        return action

    def _get_home_action(self, key):
        """The action that shows what is behind a figure or line; an addon adds its own keys."""
        self.ensure_one()
        for read in (self._get_home_member_action, self._get_home_point_action, self._get_home_setup_action):
            action = read(key)
            if action:
                return action
        return None

    def _get_home_member_action(self, key):
        since = self._get_home_times()[0]
        domains = {
            "active": [
                (
                    "event_ids",
                    "any",
                    [
                        ("occurred_at", ">=", since),
                        ("type", "not in", PASSIVE_EVENTS),
                        ("revises_id", "=", False),
                        ("revoked_at", "=", False),
                    ],
                ),
            ],
            "new": [("joined_at", ">=", since)],
            "no_tier": [("tier_id", "=", False)],
            "arrears": [("card_id.points", "<", 0)],
        }
        if key not in domains:
            return None
        names = {
            "active": self.env._("Active Members"),
            "new": self.env._("New Members"),
            "no_tier": self.env._("Members Without a Tier"),
            "arrears": self.env._("Members Who Owe Points"),
        }
        domain = [("club_id", "=", self.id), ("state", "=", "active"), *domains[key]]
        return self._prepare_home_action(names[key], "club.member", domain)

    def _get_home_point_action(self, key):
        club, since = ("club_id", "=", self.id), self._get_home_times()[0]
        recent = [club, ("date", ">=", since)]
        soon = fields.Date.add(periods.local_date(fields.Datetime.now(), self.tz), days=DAYS)
        entries, lots = "club.point.entry", "club.point.lot"
        kinds = {"given": "earn", "cost": "earn", "spent": "spend", "expired": "expire"}
        if key in kinds:
            kind = kinds[key]
            names = {
                "earn": self.env._("Points Given in 30 Days"),
                "spend": self.env._("Points Spent in 30 Days"),
                "expire": self.env._("Points Expired in 30 Days"),
            }
            domain = [*recent, "|", ("kind", "=", kind), ("reverses_id.kind", "=", kind)]
            return self._prepare_home_action(names[kind], entries, domain, "list,graph,pivot,form")
        if key == "outstanding":
            return self._prepare_home_action(
                self.env._("Points Outstanding"), lots, [club, ("state", "!=", "closed")], group="state"
            )
        if key == "expiring":
            domain = [club, ("state", "=", "open"), ("expires_on", "<=", soon)]
            return self._prepare_home_action(
                self.env._("Points That Expire Soon"), lots, domain, group="expires_on:week"
            )
        if key == "adjust":
            domain = [club, ("state", "=", "to_approve")]
            return self._prepare_home_action(self.env._("Adjustments to Approve"), "club.point.adjustment", domain)
        return self._get_home_health_action(key)

    def _get_home_health_action(self, key):
        if key in ("broken", "late"):
            return self.env["club.health"].action_open_page()
        if key == "incidents":
            return self._prepare_home_action(
                self.env._("Changes by Other Programs"), "club.ledger.incident", self._get_home_incident_domain()
            )
        return None

    def _get_home_setup_action(self, key):
        club = ("club_id", "=", self.id)
        if key in ("setup_rules", "ending"):
            domain = [club, *(self._get_home_ending_domain() if key == "ending" else [])]
            name = self.env._("Rules That End Soon") if key == "ending" else self.env._("Earning Rules")
            return self._prepare_home_action(name, "club.earn.rule", domain, context={"default_club_id": self.id})
        if key == "setup_tiers":
            return self._prepare_home_action(
                self.env._("Tiers"), "club.tier", [club], context={"default_club_id": self.id}
            )
        if key == "setup_rewards":
            return self.action_open_rewards()
        if key == "setup_members":
            return self._prepare_home_action(
                self.env._("Members"), "club.member", [club], context={"default_club_id": self.id}
            )
        if key == "repeat":
            return self._get_home_buyers_action()
        return None

    def _get_home_buyers_action(self):
        """Orders of members within a year, by customer; for who may not read orders, the members themselves."""
        if not self.env["sale.order"].has_access("read"):
            return self._prepare_home_action(self.env._("Members"), "club.member", [("club_id", "=", self.id)])
        partner = "partner_id.commercial_partner_id" if self.earner == "company" else "partner_id"
        year = fields.Datetime.subtract(fields.Datetime.now(), years=1)
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
            ("date_order", ">=", year),
            (f"{partner}.club_member_ids.club_id", "=", self.id),
        ]
        return self._prepare_home_action(
            self.env._("Members' Orders Within a Year"), "sale.order", domain, group="partner_id"
        )

    def _prepare_home_action(self, name, model, domain, views="list,form", group=None, context=None):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": views,
            "views": [(False, view) for view in views.split(",")],
            "domain": domain,
            "context": {**(context or {}), **({"group_by": [group]} if group else {})},
        }
