"""What a member does: one derived row per member, rebuilt from facts every night."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

STAGES = [
    ("prospect", "Prospect"),
    ("new", "New"),
    ("active", "Active"),
    ("at_risk", "At Risk"),
    ("lapsed", "Lapsed"),
    ("won_back", "Won Back"),
]
LADDER = [
    ("none", "Nothing Yet"),
    ("single", "Single Purchase"),
    ("repeat", "Repeat"),
    ("loyal", "Loyal"),
    ("fan", "Fan"),
]
CELLS = [
    ("champions", "Champions"),
    ("loyal", "Loyal"),
    ("promising", "Promising"),
    ("new", "New"),
    ("needs_attention", "Needs Attention"),
    ("at_risk", "At Risk"),
    ("cannot_lose", "Cannot Lose Them"),
    ("hibernating", "Hibernating"),
    ("lost", "Lost"),
    ("none", "Never Bought"),
]


class ClubBehaviour(models.Model):
    """Figures about one member. Nobody writes them: they follow from recorded facts and can be rebuilt at any time.

    Days are those of the club's time zone. Money is in the company's currency, untaxed, less what came back; a purchase
    that came back whole does not count. Only active members have a row: the club does not profile who has left.
    """

    _name = "club.behaviour"
    _description = "Member Behaviour"
    _order = "sales desc, id"
    _rec_name = "member_id"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="cascade")  # unique: its index
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Purchases
    order_count = fields.Integer(string="Purchases", readonly=True)
    purchase_days = fields.Integer(
        string="Days with a Purchase", readonly=True, help="Purchases of one day count once: the models count days."
    )
    sales = fields.Monetary(readonly=True, help="Bought so far: untaxed, less what came back.")
    first_sales = fields.Monetary(string="Bought on the First Day", readonly=True)
    margin = fields.Monetary(
        readonly=True,
        help="Sales less the cost of the goods, where their cost is known: the cost kept on the order's line if Odoo "
        "keeps it, otherwise the product's cost of today. Sales without known cost are left out.",
    )
    costed_sales = fields.Monetary(
        string="Sales of Known Cost",
        readonly=True,
        help="What of the sales the margin is of: goods whose cost is known.",
    )
    average_basket = fields.Monetary(readonly=True, aggregator="avg")
    first_purchase_on = fields.Date(string="First Purchase", readonly=True)
    last_purchase_on = fields.Date(string="Last Purchase", readonly=True)
    recency_days = fields.Integer(string="Days Silent", readonly=True, aggregator="avg")
    interval_days = fields.Float(
        string="Days Between Purchases",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="The member's own rhythm; 0: not known before the second purchase.",
    )
    gap_days = fields.Integer(
        string="Days Before the Last Purchase", readonly=True, aggregator="avg", help="Silence that it ended."
    )
    days_to_pay = fields.Float(
        readonly=True, digits=(16, 1), aggregator="avg", help="From invoice to last payment, of invoices paid in full."
    )
    paid_count = fields.Integer(string="Invoices Paid", readonly=True)
    favourite_product_id = fields.Many2one(
        "product.product", readonly=True, ondelete="set null", index="btree_not_null"
    )
    favourite_categ_id = fields.Many2one(
        "product.category", string="Favourite Category", readonly=True, ondelete="set null", index="btree_not_null"
    )

    # Quintiles within the club: 5 is best, 0 never bought
    recency_score = fields.Integer(readonly=True, aggregator="avg")
    frequency_score = fields.Integer(readonly=True, aggregator="avg")
    monetary_score = fields.Integer(readonly=True, aggregator="avg")
    rfm = fields.Char(string="RFM", readonly=True, help="Recency, frequency and money, each 1 (least) to 5 (best).")
    rfm_cell = fields.Selection(CELLS, string="RFM Group", readonly=True, default="none")

    # Contacts
    call_count = fields.Integer(string="Calls", readonly=True)
    meeting_count = fields.Integer(string="Meetings", readonly=True)
    mail_count = fields.Integer(string="Mails", readonly=True)
    contact_minutes = fields.Integer(string="Minutes in Meetings", readonly=True)
    call_recent = fields.Integer(string="Calls in 90 Days", readonly=True)
    call_before = fields.Integer(string="Calls in the 90 Days Before", readonly=True)
    contact_recent = fields.Integer(string="Contacts in 90 Days", readonly=True)
    contact_before = fields.Integer(string="Contacts in the 90 Days Before", readonly=True)
    visit_recent = fields.Integer(string="Visits in 90 Days", readonly=True)
    visit_before = fields.Integer(string="Visits in the 90 Days Before", readonly=True)

    # Shop
    view_count = fields.Integer(string="Products Viewed", readonly=True)
    wishlist_count = fields.Integer(string="Wishes", readonly=True)
    cart_count = fields.Integer(string="Abandoned Carts", readonly=True)
    cart_amount = fields.Monetary(string="Left in Carts", readonly=True, help="Untaxed.")

    # Points
    points = fields.Float(string="Unused Points", readonly=True, digits=(16, 2))
    points_before = fields.Float(string="Unused Points 90 Days Ago", readonly=True, digits=(16, 2))

    # Life cycle
    stage = fields.Selection(STAGES, readonly=True, default="prospect")
    stage_since = fields.Date(readonly=True)
    ladder = fields.Selection(LADDER, readonly=True, default="none")
    fading = fields.Boolean(
        readonly=True, help="Contacts, visits and points fall: the member counts as at risk earlier."
    )

    # Expectation of the club's fitted model
    p_alive = fields.Float(string="Still a Customer", readonly=True, aggregator="avg", help="Probability, 0 to 1.")
    expected_purchases = fields.Float(readonly=True, digits=(16, 2), help="Days with a purchase in the next 12 months.")
    expected_value = fields.Monetary(readonly=True, help="Sales in the next 12 months.")

    refreshed_at = fields.Datetime(
        string="Last Changed", readonly=True, help="When the nightly job last found figures other than this row's."
    )
    words = fields.Text(string="In Words", compute="_compute_words")

    _member_unique = models.Constraint("UNIQUE(member_id)", "A member has one row of behaviour.")
    _club_stage_idx = models.Index("(club_id, stage)")

    def init(self):
        # Nearly every row changes every night (days silent, what is expected): with room on its page for the next
        # version, and no indexed column among what changed, no index is touched.
        self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = 50)", SQL.identifier(self._table)))

    # -- CRUD: derived, never typed -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._("Behaviour follows from what members do; it is not typed in. The nightly job keeps it.")
        )

    def write(self, vals):
        raise UserError(
            self.env._("Behaviour follows from what members do; it is not typed in. The nightly job keeps it.")
        )

    # -- words ------------------------------------------------------------------------------------------

    def _compute_words(self):
        for row in self:
            row.words = row._explain()

    def _explain(self):
        """What the figures say, in the reader's language: rhythm and stage, contacts, what is expected.

        :rtype: str
        """
        self.ensure_one()
        return " ".join(filter(None, (self._explain_rhythm(), self._explain_contacts(), self._explain_expectation())))

    def _explain_rhythm(self):
        """The stage and why it is that, in one sentence."""
        self.ensure_one()
        _ = self.env._
        stage = dict(self._fields["stage"]._description_selection(self.env)).get(self.stage, "")
        if self.stage == "prospect" or not self.last_purchase_on:
            return _("Has not bought anything yet.")
        every, ago = round(self.interval_days), self._say_days_ago(self.recency_days)
        if self.stage == "won_back":
            return _(
                "%(stage)s: bought %(ago)s, for the first time after %(gap)s.",
                stage=stage,
                ago=ago,
                gap=self._say_days(self.gap_days),
            )
        if not every:
            return _("%(stage)s: bought once so far, %(ago)s.", stage=stage, ago=ago)
        rhythm = _("buys every day") if every == 1 else _("buys every %(days)s", days=self._say_days(every))
        if self.stage in ("at_risk", "lapsed"):
            return _(
                "%(stage)s: %(rhythm)s, silent for %(silent)s.",
                stage=stage,
                rhythm=rhythm,
                silent=self._say_days(self.recency_days),
            )
        return _("%(stage)s: %(rhythm)s, the last time %(ago)s.", stage=stage, rhythm=rhythm, ago=ago)

    def _say_days(self, days):
        """So many days, as they stand within a sentence."""
        _ = self.env._
        return _("1 day") if days == 1 else _("%(days)s days", days=formatLang(self.env, days, digits=0))

    def _say_days_ago(self, days):
        _ = self.env._
        if days <= 1:
            return _("yesterday") if days == 1 else _("today")
        return _("%(days)s days ago", days=formatLang(self.env, days, digits=0))

    def _explain_contacts(self):
        """Whether contacts and visits fall."""
        self.ensure_one()
        _ = self.env._
        words = []
        if self.call_before or self.call_recent:
            words.append(
                _(
                    "Calls in the last 90 days: %(recent)s; in the 90 before: %(before)s.",
                    recent=formatLang(self.env, self.call_recent, digits=0),
                    before=formatLang(self.env, self.call_before, digits=0),
                )
            )
        elif self.contact_before or self.contact_recent:
            words.append(
                _(
                    "Contacts in the last 90 days: %(recent)s; in the 90 before: %(before)s.",
                    recent=formatLang(self.env, self.contact_recent, digits=0),
                    before=formatLang(self.env, self.contact_before, digits=0),
                )
            )
        if self.fading:
            words.append(_("Contacts, visits or points are falling."))
        return " ".join(words)

    def _explain_expectation(self):
        """What the fitted model expects of the next 12 months."""
        self.ensure_one()
        if not self.last_purchase_on or not (self.p_alive or self.expected_purchases):
            return ""
        return self.env._(
            "Still a customer with a probability of %(alive)s %%; purchases expected in the next 12 months: "
            "%(number)s, worth %(value)s in all.",
            alive=formatLang(self.env, 100 * self.p_alive, digits=0),
            number=formatLang(self.env, self.expected_purchases, digits=1),
            value=formatLang(self.env, self.expected_value, currency_obj=self.currency_id),
        )
