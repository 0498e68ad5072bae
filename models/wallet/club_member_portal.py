"""What a member sees of the wallet."""

from odoo import models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

CONVERSIONS = 5


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_links(self):
        links = super()._get_portal_links()
        wallet = self._get_wallet()
        if self._is_portal_owner(self.env.user) and (self.club_id.has_wallet or (wallet and wallet.card_id.points)):
            links.append(
                {
                    "rank": 30,
                    "url": f"/my/club/{self.id}/wallet",
                    "text": self.env._("Wallet"),
                    "icon": "fa-money",
                    "spend": True,
                }
            )
        return links

    def _get_wallet_values(self, before=0):
        """What the wallet's page shows; a constant number of queries, however long the history.

        :param int before: the id that the page of the history continues from.
        :rtype: dict
        """
        self.ensure_one()
        club, wallet = self.club_id, self._get_wallet()
        rows, following = wallet._get_history(before=before or None) if wallet else ([], None)
        for row in rows:
            row["balance"] = club._show_money(row["balance"])
        balance = wallet.card_id.points if wallet else 0.0
        spendable = float(self._get_wallet_spendable())
        return {
            "wallet": wallet,
            "balance": club._show_money(balance),
            "in_arrears": balance < 0,
            "held": club._show_money(balance - spendable) if balance - spendable > 0 else "",
            "waiting": wallet._get_portal_pending() if wallet else [],
            "offer": self._get_wallet_offer(),
            "undoable": self._get_wallet_undoable(),
            "topup_url": self._get_wallet_topup_url(),
            "rules": self._get_wallet_rules(),
            "rows": rows,
            "following": following,
        }

    def _get_wallet_offer(self):
        """What can be turned into money now; ``None`` where the club does not offer it.

        :return: ``most``, ``least``, ``step`` (numbers of points), ``have`` (text), ``worth`` (of a step, text),
            ``fee`` (text), ``value`` and ``fee_percent`` (numbers for the preview), ``digits``.
        :rtype: dict | None
        """
        club = self.club_id
        if not (club.has_wallet and club.wallet_to_money):
            return None
        terms = club._get_wallet_terms()
        allowance = self.env["club.wallet.conversion"]._get_allowance(self)
        balance = self._get_spendable_points()
        most = engine_wallet.most(balance, terms, allowance)
        least = -(-max(terms.least, terms.step) // terms.step) * terms.step
        return {
            "most": club._number(most),
            "can": most > 0,
            "limited": allowance is not None and allowance < balance,
            "least": club._number(least),
            "least_text": club._show_points(least),
            "step": club._number(terms.step),
            "step_text": club._show_points(terms.step),
            "have": club._show_points(balance),
            "most_text": club._show_points(most),
            "worth": club._show_money(float(terms.step * terms.value)),
            "fee": formatLang(self.env, float(terms.fee), digits=2).rstrip("0").rstrip(".,٫") if terms.fee else "",
        }

    def _get_spendable_points(self):
        """Points that no unfinished payment holds and that have not expired, as a Decimal."""
        card = self.sudo().card_id
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        zero = engine_lots.to_decimal(0)
        return max(engine_lots.to_decimal(card.points) - sum(held.values(), zero), zero)

    def _quote_wallet(self, points):
        """What ``points`` would bring and leave, in words for the confirmation.

        :raises UserError: they cannot be turned into money now.
        :rtype: dict
        """
        club = self.club_id
        Conversion = self.env["club.wallet.conversion"]
        quote = Conversion._quote(club, points)
        Conversion._check_allowance(self, points)
        have = self._get_spendable_points()
        if points > have:
            raise UserError(
                self.env._(
                    "You have %(have)s, not %(asked)s. Nothing was changed: choose fewer.",
                    have=club._show_points(have),
                    asked=club._show_points(points),
                )
            )
        return {
            "points": club._number(points),
            "points_text": club._show_points(points),
            "money": club._show_money(float(quote.money)),
            "fee": club._show_money(float(quote.fee)) if quote.fee else "",
            "left": club._show_points(have - points),
            "undo_days": club.wallet_back_days,
        }

    def _get_wallet_undoable(self):
        """The latest conversions that can be undone still: ``conversion``, ``text``, ``until``."""
        club = self.club_id
        conversions = (
            self.env["club.wallet.conversion"]
            .sudo()
            .search(
                [
                    ("member_id", "in", self._get_own_ids()),
                    ("state", "=", "done"),
                    ("back_until", ">=", club._get_today()),
                ],
                limit=CONVERSIONS,
            )
        )
        return [
            {
                "conversion": conversion,
                "text": conversion.display_name,
                "points": club._show_points(conversion.asked),
                "until": club._show_day(conversion.back_until),
            }
            for conversion in conversions
            if not conversion._get_undo_refusal()
        ]

    def _get_wallet_topup_url(self):
        """Where a top-up is bought; empty while it is not offered in the shop."""
        club = self.club_id.sudo()
        product = club.wallet_topup_product_id.product_tmpl_id
        offered = club.has_wallet and club.wallet_topup and product.active and product.is_published
        return product.website_url if offered else ""

    def _get_wallet_rules(self):
        """Sentences of the rules that give money."""
        club = self.club_id.sudo()
        if not club.has_wallet:
            return []
        rules = (
            self.env["club.earn.rule"]
            .sudo()
            .search([("club_id", "=", club.id), ("gives", "=", "money"), ("purpose", "=", "points")], limit=10)
        )
        return [rule._get_member_sentence() for rule in rules]
