"""Rules that give wallet money instead of points: money back on what is really paid."""

from odoo import api, fields, models
from odoo.tools.misc import formatLang


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    gives = fields.Selection(
        [("points", "Points"), ("money", "Wallet money")],
        default="points",
        required=True,
        tracking=True,
        help="Wallet money comes when the purchase is final, is taken back with a return in proportion, and never "
        "counts what was paid with wallet money, points or gift cards. Points then mean units of money.",
    )
    formula = fields.Selection(
        selection_add=[("percent", "A percentage of what is paid")], ondelete={"percent": "set default"}
    )

    def _get_sentence_fields(self):
        return [*super()._get_sentence_fields(), "gives"]

    # -- the engine ----------------------------------------------------------

    def _get_money_digits(self):
        if self.gives != "money":
            return super()._get_money_digits()
        return self.club_id.currency_id.decimal_places

    def _get_award_worth(self):
        return 1.0 if self.gives == "money" else super()._get_award_worth()

    def _read_engine_rules(self, clubs):
        """While a wallet is switched off nothing comes into it."""
        rules = super()._read_engine_rules(clubs)
        closed = {club.id for club in clubs if not club.has_wallet}
        return {
            club: [rule for rule in found if rule.money_digits is None or club not in closed]
            for club, found in rules.items()
        }

    # -- what is wrong with it -----------------------------------------------

    @api.constrains("gives", "expiry_months")
    def _check_gives(self):
        self._check_conflicts()

    def _get_formula_conflicts(self):
        _, called = self.env._, self._called
        conflicts = super()._get_formula_conflicts()
        if self.formula == "percent" and self.gives != "money":
            conflicts.append(
                _(
                    "The rule %(rule)s gives a percentage, which is money. Choose wallet money, or points for each "
                    "full amount.",
                    rule=called,
                )
            )
        if self.formula == "percent" and self.points > 100:
            conflicts.append(_("The rule %(rule)s gives back more than is paid. Set 100 percent or less.", rule=called))
        if self.gives == "money" and self.expiry_months:
            conflicts.append(
                _("The rule %(rule)s gives money, which does not expire. Clear its own expiry.", rule=called)
            )
        return conflicts

    def _get_club_conflicts(self):
        conflicts = super()._get_club_conflicts()
        if self.gives == "money" and self.club_id and not self.club_id.has_wallet:
            conflicts.append(
                self.env._(
                    "The rule %(rule)s gives wallet money, but %(club)s has no wallet. Switch it on under Ways to "
                    "Spend first.",
                    rule=self._called,
                    club=self.club_id.name,
                )
            )
        if self.gives == "money" and self._origin and self.club_id:
            gave_points = [("rule_id", "=", self._origin.id), ("club_id", "=", self.club_id._origin.id)]
            if self.env["club.point.entry"].sudo().search_count(gave_points, limit=1):
                conflicts.append(self._say_gave_before())
        elif self._origin and self.club_id.sudo().wallet_club_id:
            gave_money = [("rule_id", "=", self._origin.id), ("club_id", "=", self.club_id.sudo().wallet_club_id.id)]
            if self.env["club.point.entry"].sudo().search_count(gave_money, limit=1):
                conflicts.append(self._say_gave_before())
        return conflicts

    def _say_gave_before(self):
        return self.env._(
            "The rule %(rule)s has given before, so what it gives stays the same. Archive it and make another one.",
            rule=self._called,
        )

    # -- words ---------------------------------------------------------------

    def _get_own_point_name(self, number=None):
        if self.gives == "money":
            return self.env._("wallet money")
        return super()._get_own_point_name(number)

    def _points(self, number):
        if self.gives == "money":
            return self.env._("%(amount)s of wallet money", amount=self._money(number))
        return super()._points(number)

    def _get_formula_words(self):
        if self.formula == "percent":
            return self.env._("%(percent)s %% back as wallet money", percent=self._number(self.points))
        return super()._get_formula_words()

    def _get_limit_clauses(self):
        if self.gives != "money":
            return super()._get_limit_clauses()
        return super(ClubEarnRule, self.with_context(club_rule_money=True))._get_limit_clauses()

    def _number(self, number):
        if self.env.context.get("club_rule_money") and self:
            currency = self.currency_id or self.env.company.currency_id
            return formatLang(self.env, float(number), currency_obj=currency)
        return super()._number(number)
