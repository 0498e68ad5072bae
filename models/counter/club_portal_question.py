"""The question that the customer's account asks."""

from odoo import fields, models

#: Days for which an order is fresh enough to be asked about.
FRESH_DAYS = 14


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_question(self):
        """The question that is due on the member's pages, and the order that it is about.

        :rtype: tuple(club.question, sale.order) (sudo), both maybe empty
        """
        self.ensure_one()
        Order = self.env["sale.order"].sudo()
        Question = self.env["club.question"].sudo()
        if not Question.search_count([("club_id", "=", self.club_id.id), ("by_portal", "=", True)], limit=1):
            return Question, Order
        order = Order.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "sale"),
                ("date_order", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=FRESH_DAYS)),
            ],
            order="date_order desc, id desc",
            limit=1,
        )
        question = Question._get_due(self, "portal", "sale" if order else "", order or None)
        return question, order if question.moment == "sale" else Order

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        question, _order = self._get_portal_question()
        if question:
            steps.append(
                {
                    "rank": 35,
                    "text": question.name,
                    "url": f"/my/club/{self.id}/question/{question.id}",
                    "label": self.env._("Answer"),
                }
            )
        return steps
