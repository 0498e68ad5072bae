"""A set-up that a simulation runs: the club as it is, or a copy whose numbers may be changed, and made real."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import simulation, tiering
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .club_kept import OURS
from .values import Expiry, Setting

#: Fields of the club that a copy may change.
EXPIRY = ("expiry_policy", "expiry_months", "expiry_month", "expiry_day", "expiry_grace_months")


class ClubSimulationSetup(models.Model):
    """Rules, tiers and expiry. A copy's rules are never switched on, so they never fire, until it is made real."""

    _name = "club.simulation.setup"
    _description = "Set-up of a Simulation"
    _inherit = ["club.kept", "club.bounded"]
    _kept_fields = frozenset({"result", "applied_at", "applied_by_id"})
    _order = "simulation_id, sequence, id"

    simulation_id = fields.Many2one("club.simulation", required=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="simulation_id.club_id", store=True)
    company_id = fields.Many2one(related="simulation_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("live", "The club as it is when it runs"), ("draft", "A copy that I may change")],
        required=True,
        default="draft",
    )
    rule_ids = fields.One2many("club.simulation.rule", "setup_id", string="Rules", copy=True)
    tier_ids = fields.One2many("club.simulation.tier", "setup_id", string="Tiers", copy=True)
    expiry_policy = fields.Selection(
        selection=lambda self: self.env["club.club"]._fields["expiry_policy"].selection,
        string="Points Expire",
        default="never",
        required=True,
    )
    expiry_months = fields.Integer()
    expiry_month = fields.Integer(default=1)
    expiry_day = fields.Integer(default=1)
    expiry_grace_months = fields.Integer(string="Least Life (Months)")
    result = fields.Json(readonly=True, copy=False)
    customer_ids = fields.One2many("club.simulation.customer", "setup_id", string="Customers", readonly=True)
    changes = fields.Text(compute="_compute_changes", help="What making it real would change in the club.")
    applied_at = fields.Datetime(string="Made Real On", readonly=True, copy=False)
    applied_by_id = fields.Many2one("res.users", string="Made Real By", readonly=True, copy=False, ondelete="set null")

    # -- computes ------------------------------------------------------------

    @api.depends("kind", "rule_ids.rule_id", "rule_ids.counts", "tier_ids.multiplier", "tier_ids.threshold", *EXPIRY)
    @api.depends_context("lang")
    def _compute_changes(self):
        for setup in self:
            setup.changes = "\n".join(setup._get_changes()) or False

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        setups = super().create(vals_list)
        setups.filtered(lambda setup: setup.kind == "draft" and not setup.rule_ids)._take_over()
        return setups

    def write(self, vals):
        terms = {*EXPIRY, "kind", "rule_ids", "tier_ids", "simulation_id"} & vals.keys()
        if terms:
            self._check_not_applied()
        result = super().write(vals)
        if terms:
            self._forget()
        return result

    def _check_not_applied(self):
        """What was made real is the record of it.

        :raises UserError: with the set-up's name.
        """
        applied = self.filtered("applied_at")
        if applied and not self._is_ours:
            raise UserError(
                self.env._(
                    "%(setup)s was made real and stays as it was. Make another set-up to try something else.",
                    setup=applied[0].name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        """Copies of rules that were never made real go with their set-up."""
        self.rule_ids.with_context(club_kept=OURS).unlink()

    def _take_over(self):
        """Make the copies what their club is now: rules, tiers, expiry."""
        for setup in self.filtered(lambda setup: setup.kind == "draft"):
            club = setup.club_id
            rules = self.env["club.earn.rule"].search([("club_id", "=", club.id), ("purpose", "=", "points")])
            setup.rule_ids.unlink()
            setup.write(
                {
                    "rule_ids": [fields.Command.create({"rule_id": rule.id}) for rule in rules],
                    "tier_ids": [
                        fields.Command.clear(),
                        *(
                            fields.Command.create(
                                {"tier_id": tier.id, "threshold": tier.threshold, "multiplier": tier.multiplier}
                            )
                            for tier in club.tier_ids
                        ),
                    ],
                    **{name: club[name] for name in EXPIRY},
                }
            )

    # -- actions -------------------------------------------------------------

    def action_open(self):
        """The set-up's own page."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_view_customers(self):
        """Each customer with what the set-up would give."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers under %(setup)s", setup=self.name),
            "res_model": "club.simulation.customer",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("setup_id", "=", self.id)],
        }

    def action_apply(self):
        """Make the set-up real: its rules are switched on, those it replaces or leaves out are switched off.

        :raises UserError: it is the club itself, or was made real already.
        """
        self.ensure_one()
        self.check_access("write")
        self.club_id.check_access("write")
        if self.kind != "draft":
            raise UserError(self.env._("%(setup)s is the club as it is: there is nothing to change.", setup=self.name))
        # Two managers at once: the second waits here, and then finds it done. SQL because the ORM only skips locks.
        self.env.execute_query(SQL("SELECT id FROM club_simulation_setup WHERE id = %s FOR NO KEY UPDATE", self.id))
        self.invalidate_recordset(["applied_at"])
        if self.applied_at:
            raise UserError(
                self.env._(
                    "%(setup)s was made real already. Copy what the club is now, and change that.", setup=self.name
                )
            )
        changes = self._get_changes()
        self._switch_rules()
        for line in self.tier_ids.filtered("tier_id"):
            values = {name: line[name] for name in ("threshold", "multiplier") if line[name] != line.tier_id[name]}
            if values:
                line.tier_id.write(values)
        values = {name: self[name] for name in EXPIRY if self[name] != self.club_id[name]}
        if values:
            self.club_id.write(values)
        self._keep({"applied_at": fields.Datetime.now(), "applied_by_id": self.env.uid})
        self.club_id.message_post(
            body=self.env._(
                "The set-up %(setup)s of the simulation %(simulation)s was made real. %(changes)s",
                setup=self.name,
                simulation=self.simulation_id.name,
                changes=" ".join(changes),
            )
        )

    def _switch_rules(self):
        on, off = self._get_switches()
        off.write({"active": False})
        drafts = on.filtered(lambda rule: rule.purpose == "simulation")
        drafts.write({"purpose": "points"})
        on.write({"active": True})

    def _get_switches(self):
        """Rules to switch on, and rules to switch off."""
        lines = self.rule_ids.filtered("counts")
        on = lines.rule_id
        live = self.env["club.earn.rule"].search([("club_id", "=", self.club_id.id), ("purpose", "=", "points")])
        return on - live, live - on

    def _get_changes(self):
        """What making it real would change, as sentences.

        :rtype: list[str]
        """
        self.ensure_one()
        if self.kind != "draft" or not self.club_id:
            return []
        _ = self.env._
        on, off = self._get_switches()
        changes = [_("Switched on: %(rule)s.", rule=rule.sentence or rule.name) for rule in on]
        changes += [_("Switched off: %(rule)s.", rule=rule.sentence or rule.name) for rule in off]
        for line in self.tier_ids.filtered("tier_id"):
            tier = line.tier_id
            if line.multiplier != tier.multiplier or line.threshold != tier.threshold:
                changes.append(
                    _(
                        "Tier %(tier)s: from %(threshold)s, times %(multiplier)s (now from %(before)s, times %(was)s).",
                        tier=tier.name,
                        threshold=self._number(line.threshold),
                        multiplier=self._number(line.multiplier),
                        before=self._number(tier.threshold),
                        was=self._number(tier.multiplier),
                    )
                )
        if any(self[name] != self.club_id[name] for name in EXPIRY):
            names = dict(self._fields["expiry_policy"]._description_selection(self.env))
            changes.append(
                _("Points given from then on expire: %(policy)s.", policy=names[self.expiry_policy])
                if self.expiry_policy not in ("months", "inactivity")
                else _(
                    "Points given from then on expire: %(policy)s (%(months)s).",
                    policy=names[self.expiry_policy],
                    months=self.expiry_months,
                )
            )
        return changes

    def _number(self, value):
        return self.env["club.club"]._show_number(value)

    # -- the engine's values ---------------------------------------------------

    def _to_setting(self):
        """This set-up as values of the simulator.

        :rtype: Setting
        :raises UserError: the club is archived.
        """
        self.ensure_one()
        club = self.club_id
        policy = self.env["club.club"]._get_policies().get(club.id)
        if not policy:
            raise UserError(
                self.env._("The club %(club)s is archived. Activate it to simulate its rules.", club=club.name)
            )
        if not self.simulation_id.use_budget:
            policy = policy._replace(budget=Decimal(0), budget_share=Decimal(0))
        source, tiers = club, self._get_tier_terms()
        if self.kind == "draft":
            source = self
            rules = self.rule_ids.filtered("counts").rule_id.sorted(lambda rule: (rule.sequence, rule.id))
            found = [rule._to_engine() for rule in rules]
            policy = policy._replace(
                rules=tuple(rule for rule in found if rule.money_digits is None or club.has_wallet), follow_ups=()
            )
        return Setting(
            policy=policy._replace(follow_ups=()),
            expiry=Expiry(*(source[name] or 0 for name in EXPIRY)),
            tiers=simulation.TierRules(
                tuple(
                    tiering.Tier(tier, rank, Decimal(str(threshold)).quantize(Decimal("0.01")))
                    for rank, (tier, threshold, _multiplier) in enumerate(tiers, start=1)
                ),
                club._get_tier_policy(),
                club.tier_window,
                club.tier_window_months,
                club.calendar,
            ),
            basis=club.tier_basis,
            multipliers={tier: Decimal(str(multiplier)) for tier, _threshold, multiplier in tiers},
            point_cost=Decimal(str(self.simulation_id.point_worth))
            * Decimal(str(self.simulation_id.redemption_rate))
            / 100,
            cent=Decimal(1).scaleb(-club.currency_id.decimal_places),
            by_history=self._has_history(),
        )

    def _get_tier_terms(self):
        """(tier, threshold, multiplier), the lowest tier first."""
        if self.kind == "live":
            tiers = self.club_id.tier_ids.filtered("active")
            terms = [(tier.id, tier.threshold, tier.multiplier) for tier in tiers]
        else:
            terms = [(line.tier_id.id, line.threshold, line.multiplier) for line in self.tier_ids]
        return sorted(terms, key=lambda term: (term[1], term[0]))

    def _has_history(self):
        """Whether members would have had the tiers that they had: nothing changes that decides about tiers."""
        if self.simulation_id.source != "facts":
            return False
        if self.kind == "live":
            return True
        if any(line.threshold != line.tier_id.threshold for line in self.tier_ids):
            return False
        on, off = self._get_switches()
        same = not on and not off and all(line.multiplier == line.tier_id.multiplier for line in self.tier_ids)
        return self.club_id.tier_basis != "points" or same

    # -- results -------------------------------------------------------------

    def _forget(self):
        """The figures no longer belong to the set-up."""
        done = self.filtered("result")
        done.sudo().customer_ids.unlink()
        done._keep({"result": False})

    def _keep_summary(self, summary):
        """Keep the figures, and a row for each customer."""
        self.ensure_one()
        self.sudo().customer_ids.unlink()
        self._keep({"result": summary.values})
        self.env["club.simulation.customer"]._keep_summary(self, summary)

    def _warn(self):
        """Sentences on what a manager should know before trusting the result; nothing where there is nothing."""
        self.ensure_one()
        return "\n".join(filter(None, (self._warn_budget(), self._warn_reach())))

    def _warn_budget(self):
        """That the club's budget, and not these rules, decided what was given."""
        stopped = self.result.get("stopped")
        if not stopped:
            return ""
        return self.env._(
            "%(setup)s: the club's budget was used up; purchases and other facts that got less than these rules say: "
            "%(count)s. Switch off “Keep to the Club's Budget” to see what they would give.",
            setup=self.name,
            count=formatLang(self.env, stopped, digits=0),
        )

    def _warn_reach(self):
        """Where too few could ever afford anything."""
        record, result = self.simulation_id, self.result
        if not (record.reward_points and result and result["customers"]):
            return ""
        share = 100 * result["reach"] / result["customers"]
        if share >= record.least_reach:
            return ""
        return self.env._(
            "%(setup)s: of all customers (%(customers)s), only %(count)s (%(share)s %%) would ever have the %(points)s "
            "that the cheapest reward costs. Give more, or offer something smaller.",
            setup=self.name,
            count=formatLang(self.env, result["reach"], digits=0),
            customers=formatLang(self.env, result["customers"], digits=0),
            share=formatLang(self.env, share, digits=1),
            points=self.club_id._show_points(record.reward_points),
        )

    def _say_result(self):
        """The result in a sentence."""
        self.ensure_one()
        result = self.result
        values = {
            "setup": self.name,
            "points": self.club_id._show_points(result["points"]),
            "customers": formatLang(self.env, result["customers"], digits=0),
        }
        if result["share"] is None:
            return self.env._("%(setup)s: %(points)s; customers: %(customers)s", **values)
        return self.env._(
            "%(setup)s: %(points)s; customers: %(customers)s; cost: %(cost)s, which is %(share)s %% of sales",
            cost=formatLang(self.env, result["cost"], currency_obj=self.currency_id),
            share=formatLang(self.env, 100 * result["share"], digits=2),
            **values,
        )
