"""What members use their points for: points, uses and cost of each channel, by period."""

from odoo import api, fields, models
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.tools import SQL

#: Where points were used by no document of the club: Odoo's own documents, and other systems.
FOREIGN = ("sale.order", "pos.order", "club.integration")
OTHER = "other"


class ClubSpendingReport(models.Model):
    """A line per movement of the ledger that took points or gave them back, and one per thing that was provided.

    Every sum is a plain sum. Points count on the day on which they were taken or given back, cost on the day on which
    the member got what it was for. A model that inherits ``club.spending`` is a channel of its own.
    """

    _name = "club.spending.report"
    _description = "Points Spent by Channel"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "channel"

    date = fields.Datetime(readonly=True)
    club_id = fields.Many2one("club.club", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    member_id = fields.Many2one("club.member", readonly=True)
    channel = fields.Selection(selection="_select_channel", readonly=True)
    nature = fields.Selection(
        [("hard", "Hard: worth money"), ("soft", "Soft: recognition, access, service")],
        string="Kind of Reward",
        readonly=True,
    )
    points = fields.Float(readonly=True, digits=(16, 2), help="Taken, less what was given back.")
    uses = fields.Integer(readonly=True, help="How often points were taken.")
    provided = fields.Integer(readonly=True, help="How often the member got what the points were for.")
    cost = fields.Monetary(
        string="Cost for the Shop",
        readonly=True,
        help="Of an order: the discount, without taxes; of the rest: its cost as it was known at the time.",
    )

    @api.model
    def _get_spending_models(self):
        """Names of the stored models by which members get something for points (``club.spending``), in order."""
        return sorted(
            name
            for name in self.env.registry.descendants(["club.spending"], "_inherit")
            if not self.env[name]._abstract
        )

    @api.model
    def _select_channel(self):
        names = {name: self.env["ir.model"]._get(name).name for name in self._get_spending_models()}
        foreign = {
            "sale.order": self.env._("Orders"),
            "pos.order": self.env._("Orders at the till"),
            "club.integration": self.env._("Other systems"),
            OTHER: self.env._("Other"),
        }
        return [*foreign.items(), *names.items()]

    @property
    def _table_query(self):
        """SQL, because it sums over documents of many models; made anew, so that an addon's channels are in it too."""
        return SQL(
            """
            SELECT e.id::bigint * 16 AS id, e.date, e.club_id, e.company_id, company.currency_id, e.member_id,
                   CASE WHEN COALESCE(reversed.origin_model, e.origin_model) = ANY(%(known)s)
                        THEN COALESCE(reversed.origin_model, e.origin_model) ELSE %(other)s END AS channel,
                   NULL AS nature, -e.points AS points, (e.kind = 'spend')::int AS uses, 0 AS provided, 0.0 AS cost
              FROM club_point_entry e
              JOIN res_company company ON company.id = e.company_id
              %(reverses)s
             WHERE (e.kind = 'spend' OR (e.kind = 'reverse' AND reversed.kind = 'spend'))
               AND e.club_id <> ALL(%(wallets)s)
            UNION ALL
            SELECT line.id::bigint * 16 + 1, o.date_order, club.id, o.company_id, company.currency_id, member.id,
                   'sale.order', %(nature)s, 0, 0, 1,
                   -line.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1)
              FROM sale_order_line line
              JOIN sale_order o ON o.id = line.order_id AND o.state = 'sale'
              JOIN res_company company ON company.id = o.company_id
              JOIN loyalty_reward reward ON reward.id = line.reward_id
              JOIN club_club club ON club.program_id = reward.program_id
              JOIN club_member member ON member.card_id = line.coupon_id
             WHERE line.price_subtotal < 0 AND club.kind = 'points'
            %(documents)s
            """,
            known=[*FOREIGN, *self._get_spending_models()],
            wallets=list(self.env["club.club"]._get_wallet_club_ids()),  # money is no points
            other=OTHER,
            reverses=REVERSED,
            nature=SQL("reward.nature") if "nature" in self.env["loyalty.reward"]._fields else SQL("NULL"),
            documents=SQL("").join(
                self._get_document_query(name, number) for number, name in enumerate(self._get_spending_models(), 2)
            ),
        )

    @api.model
    def _get_document_query(self, name, number):
        """What was provided by the documents of one model.

        :param int number: tells this model's rows from the others' in the view, below 16.
        """
        return SQL(
            """
            UNION ALL
            SELECT doc.id::bigint * 16 + %(number)s, doc.satisfied_at, doc.club_id, doc.company_id, company.currency_id,
                   doc.member_id, %(name)s, doc.nature, 0, 0, 1, COALESCE(%(cost)s, 0)
              FROM %(table)s doc JOIN res_company company ON company.id = doc.company_id
             WHERE doc.satisfied_at IS NOT NULL
            """,
            number=number,
            name=name,
            cost=self.env[name]._get_reported_cost(),
            table=SQL.identifier(self.env[name]._table),
        )
