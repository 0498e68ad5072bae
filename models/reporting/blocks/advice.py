"""Three things to do next, by the money at stake."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting

THINGS = 3


class ClubReportBlockAdvice(models.AbstractModel):
    _name = "club.report.block.advice"
    _inherit = "club.report.block"
    _description = "Block of a Report: Things to Do Next"
    _block_sequence = 2
    _block_money = True

    @api.model
    def _get_label(self):
        return self.env._("Three Things to Do Next")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        """The first three of all clubs' suggestions; clubs of several currencies each have their own three."""
        _ = self.env._
        rows, drill = [], {}
        for currency in clubs.company_id.currency_id:
            those = clubs.filtered(lambda club, currency=currency: club.currency_id == currency)
            found = [(advice, club) for club in those for advice in club._get_advice()]
            found.sort(key=lambda pair: (-pair[0].stake, pair[0].key))
            for place, (advice, club) in enumerate(found[:THINGS], 1):
                drill[len(rows)] = (advice.model, advice.domain)
                rows.append(
                    {
                        "words": advice.words,
                        "club": club.name,
                        "place": place,
                        # a thing about the club itself is not so many of something
                        "count": advice.count if advice.model != "club.club" else None,
                        "stake": advice.stake or None,
                        "_currency": currency.id,
                    }
                )
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("words", _("What to Do")),
                *([reporting.Column("club", _("Club"))] if len(clubs) > 1 else []),
                reporting.Column("count", _("How Many"), "integer"),
                reporting.Column("stake", _("At Stake"), "money"),
            ],
            rows=rows,
            drill=drill,
            empty=_("Nothing presses. Enjoy the day, or try a new campaign."),
            note=_(
                "As things stand now, whatever period is chosen: the suggestions with the most money at stake. Silent "
                "customers and unanswered members: one usual purchase of each. Points that expire, a budget that ends, "
                "prizes that run out: what the points are worth as a discount."
            ),
        )
