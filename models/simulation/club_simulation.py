"""A simulation: what one or two set-ups of a club would have done over the same purchases. It touches nothing."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, simulation
from odoo.exceptions import UserError, ValidationError

from . import sources
from .simulator import Simulator
from .summary import Summary

#: What a result rests on: a change of it makes the result void.
INPUTS = frozenset(
    {
        "club_id",
        "source",
        "date_from",
        "date_to",
        "file",
        "customers",
        "per_year",
        "basket",
        "frequency_spread",
        "basket_spread",
        "seed",
        "point_worth",
        "redemption_rate",
        "reward_points",
        "use_budget",
    }
)


class ClubSimulation(models.Model):
    """Runs set-ups over what happened, or might happen, and keeps the figures.

    The computation runs in a transaction that PostgreSQL has been told only reads; then the figures are stored here.
    """

    _name = "club.simulation"
    _description = "Simulation"
    _inherit = ["club.kept", "club.owned"]
    _order = "id desc"
    _kept_fields = frozenset({"ran_at", "ran_by_id", "left_out"})

    name = fields.Char(required=True, default=lambda self: self.env._("What if …"))
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [
            ("facts", "What members did in this club"),
            ("orders", "All orders and invoices, as if every customer had been a member"),
            ("file", "A file of purchases (CSV or XLSX)"),
            ("assumed", "Assumptions about a shop without a history"),
        ],
        string="Look At",
        required=True,
        default="facts",
    )
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date(string="Until", required=True, default=lambda self: self._default_date_to())
    file = fields.Binary(attachment=True)
    filename = fields.Char()
    customers = fields.Integer(string="Customers Assumed", default=500)
    per_year = fields.Float(string="Purchases per Customer and Year", default=6.0)
    basket = fields.Monetary(string="Mean Basket", default=40.0)
    frequency_spread = fields.Float(
        string="Spread of the Frequency",
        default=0.8,
        help="Standard deviation as a share of the mean. 0: all buy equally often; 1: a few buy much more.",
    )
    basket_spread = fields.Float(string="Spread of the Basket", default=0.5, help="0: all baskets are alike.")
    seed = fields.Integer(default=1, help="The same number makes the same customers again.")
    point_worth = fields.Float(
        string="Worth of a Point",
        digits=(16, 6),
        compute="_compute_point_worth",
        store=True,
        readonly=False,
        help="In the company's currency. From the club's discount, unless you write another.",
    )
    redemption_rate = fields.Float(
        string="Share of Points That Is Spent (%)",
        digits=(16, 2),
        compute="_compute_redemption_rate",
        store=True,
        readonly=False,
        help="From the approved estimate, else all of them: the careful way.",
    )
    reward_points = fields.Float(
        string="Cheapest Reward (Points)",
        digits=(16, 2),
        compute="_compute_reward_points",
        store=True,
        readonly=False,
        help="What members have to reach at least to get something. 0: not asked.",
    )
    use_budget = fields.Boolean(
        string="Keep to the Club's Budget",
        default=True,
        help="Off: what rules would give if the club's budget never stopped them.",
    )
    least_reach = fields.Float(
        string="Warn Below (%)",
        digits=(16, 1),
        default=30.0,
        help="Warn if a smaller share of the customers could ever afford the cheapest reward.",
    )
    setup_ids = fields.One2many("club.simulation.setup", "simulation_id", string="Set-ups", copy=False)
    ran_at = fields.Datetime(string="Run On", readonly=True, copy=False)
    ran_by_id = fields.Many2one("res.users", string="Run By", readonly=True, copy=False, ondelete="set null")
    warning = fields.Text(compute="_compute_warning")
    sentence = fields.Char(compute="_compute_sentence")

    _period_valid = models.Constraint("CHECK(date_from <= date_to)", "A period ends on or after the day it begins.")

    # -- defaults ------------------------------------------------------------

    @api.model
    def _default_club(self):
        return self.env["club.club"].browse(self.env.context.get("default_club_id")) or self.env["club.club"].search(
            [("company_id", "in", self.env.companies.ids)], limit=1
        )

    @api.model
    def _default_date_to(self):
        club = self._default_club()
        return fields.Date.subtract(club._get_today() if club else fields.Date.context_today(self), days=1)

    @api.model
    def _default_date_from(self):
        """A year of the club's calendar."""
        last = fields.Date.add(self._default_date_to(), days=1)
        return periods.add_months(last, -12, self._default_club().calendar or periods.GREGORIAN)

    # -- computes ------------------------------------------------------------

    # One method each: a value that is written would else keep the others from being computed.
    @api.depends("club_id")
    def _compute_point_worth(self):
        for record in self.filtered("club_id"):
            record.point_worth = record.club_id._point_worth()

    @api.depends("club_id")
    def _compute_redemption_rate(self):
        for club, records in self.filtered("club_id").grouped("club_id").items():
            estimate = club.sudo()._get_estimate(club._get_today())
            records.redemption_rate = 100 * estimate.rate if estimate else 100.0

    @api.depends("club_id")
    def _compute_reward_points(self):
        for record in self.filtered("club_id"):
            record.reward_points = record.club_id._get_cheapest_reward()

    @api.depends("setup_ids.result", "least_reach", "reward_points")
    def _compute_warning(self):
        for record in self:
            found = [setup._warn() for setup in record.setup_ids if setup.result]
            record.warning = "\n".join(filter(None, found)) or False

    @api.depends("setup_ids.result", "setup_ids.name")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for record in self:
            done = record.setup_ids.filtered("result")
            record.sentence = self.env._("; ").join(setup._say_result() for setup in done) or False

    # -- constrains ----------------------------------------------------------

    @api.constrains("customers", "per_year", "basket", "frequency_spread", "basket_spread", "source")
    def _check_assumptions(self):
        for record in self.filtered(lambda record: record.source == "assumed"):
            if record.customers < 1 or record.per_year <= 0 or record.basket <= 0:
                raise ValidationError(
                    self.env._(
                        "%(simulation)s: customers, purchases a year and the basket must be more than 0.",
                        simulation=record.name,
                    )
                )
            if record.frequency_spread < 0 or record.basket_spread < 0:
                raise ValidationError(
                    self.env._(
                        "%(simulation)s: a spread is 0 or more. Write 0 if all are alike.", simulation=record.name
                    )
                )

    @api.constrains("redemption_rate", "least_reach", "point_worth", "reward_points")
    def _check_shares(self):
        for record in self:
            if not (0 <= record.redemption_rate <= 100 and 0 <= record.least_reach <= 100):
                raise ValidationError(
                    self.env._("%(simulation)s: shares are between 0 and 100 %%.", simulation=record.name)
                )
            if record.point_worth < 0 or record.reward_points < 0:
                raise ValidationError(
                    self.env._("%(simulation)s: a worth and a price cannot be negative.", simulation=record.name)
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        simulations = super().create(vals_list)
        for record in simulations.filtered(lambda record: not record.setup_ids):
            record.setup_ids = [
                fields.Command.create({"name": self.env._("As it is now"), "kind": "live", "sequence": 1}),
                fields.Command.create({"name": self.env._("Try-out"), "kind": "draft", "sequence": 2}),
            ]
        return simulations

    def write(self, vals):
        if "club_id" in vals:
            self.setup_ids._check_not_applied()
        result = super().write(vals)
        if INPUTS & vals.keys() and not self._is_ours:
            self.setup_ids._forget()
        if "club_id" in vals:
            self.setup_ids._take_over()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_set_ups(self):
        """The database would remove set-ups without their copies of rules."""
        self.setup_ids.unlink()

    # -- actions -------------------------------------------------------------

    def action_run(self):
        """Run every set-up over the purchases and keep the figures."""
        self.ensure_one()
        self.check_access("write")
        self.club_id.check_access("read")
        reader = self._with_file()
        left_out = reader._count_left_out()
        found = {setup: reader._measure(setup) for setup in self.setup_ids}
        for setup, summary in found.items():
            setup._keep_summary(summary)
        self._keep({"ran_at": fields.Datetime.now(), "ran_by_id": self.env.uid, "left_out": left_out})

    def action_export(self):
        """The figures as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/customer_club/simulation/{self.id}/xlsx", "target": "self"}

    # -- running -------------------------------------------------------------

    def _measure(self, setup):
        """The figures of a set-up. The database is told that this only reads, so it can write nothing.

        :rtype: Summary
        """
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False):
            # No API of the ORM makes a part of a transaction read-only; at the end of the savepoint it ends.
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            simulator, names = self._simulate(setup)
            return Summary(self, simulator, names)

    def _simulate(self, setup):
        """Run a set-up.

        :return: the simulator with its entries, and names of customers who are no contact, by number
        """
        self.ensure_one()
        setting = setup._to_setting()
        simulator = Simulator(self.env, setting, self.date_from, self._read_goods(setting))
        chunks, names, tiers = getattr(self, f"_open_{self.source}")(setting)
        for chunk in chunks:
            simulator.feed(chunk.rows, chunk.times, tiers, chunk.settled, chunk.untaxed)
        simulator.finish(self.date_to)
        return simulator, names

    def _read_goods(self, setting):
        """Rewards that a share budget pays for: as members got them, where the simulation looks at what they did."""
        if self.source != "facts" or not setting.policy.budget_share:
            return ()
        worth = Decimal(str(self.point_worth))
        rows = self.club_id.sudo()._read_goods_by_day(self.date_from, self._end)
        return [(name, day, cost - points * worth) for name, day, points, cost in rows]

    @property
    def _end(self):
        return fields.Date.add(self.date_to, days=1)

    def _open_facts(self, setting):
        tiers = {} if setting.by_history else sources.read_tiers(self.env, self.club_id, self.date_from)
        return sources.read_facts(self.env, setting, self.date_from, self._end), {}, tiers

    def _open_orders(self, setting):
        """What the user's own rights show of the orders and invoices of the club's company."""
        first, end = periods.range_bounds(self.date_from, self._end, self.club_id.tz)
        nobody = self.env["website"].sudo().search([]).user_id.partner_id | self.env.ref("base.public_partner")
        company = [("company_id", "=", self.company_id.id), ("partner_id", "not in", nobody.ids)]
        Order, Move = self.env["sale.order"], self.env["account.move"]
        orders = Order.search(
            [*company, ("state", "=", "sale"), ("date_order", ">=", first), ("date_order", "<", end)],
            order="date_order, id",
        )
        moves = Move
        if setting.policy.from_invoices and Move.has_access("read"):
            moves = Move.search(
                [
                    *company,
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("invoice_date", ">=", self.date_from),
                    ("invoice_date", "<=", self.date_to),
                ],
                order="invoice_date, id",
            )
            moves &= self.env["club.purchase"]._resolve(Order, moves)[1]  # those without an order
        return sources.Orders(self.env, setting, orders, moves).read(), {}, {}

    def _open_assumed(self, setting):
        assumptions = simulation.Assumptions(
            self.customers,
            Decimal(str(self.per_year)),
            Decimal(str(self.basket)),
            Decimal(str(self.frequency_spread)),
            Decimal(str(self.basket_spread)),
        )
        digits = self.currency_id.decimal_places
        try:
            made_up = simulation.make_up(assumptions, self.date_from, self._end, self.seed, digits)
        except simulation.SimulationError as error:
            raise UserError(
                self.env._(
                    "%(simulation)s: these assumptions make more than %(most)s purchases. Assume fewer customers.",
                    simulation=self.name,
                    most=simulation.MOST_PURCHASES,
                )
            ) from error
        return sources.make_up(setting.policy, made_up), {}, {}
