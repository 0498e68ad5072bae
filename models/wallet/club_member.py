"""The wallet of a member: an account in the club that keeps the money."""

import psycopg2
from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import ConcurrencyError, ValidationError
from odoo.tools import SQL


class ClubMember(models.Model):
    _inherit = "club.member"

    is_wallet = fields.Boolean(
        string="Holds Wallet Money", readonly=True, copy=False, help="The account that holds a customer's wallet money."
    )
    wallet_balance = fields.Monetary(
        string="Wallet Money", compute="_compute_wallet_balance", help="What the member can spend of it now."
    )
    has_wallet = fields.Boolean(related="club_id.has_wallet")
    wallet_of_former = fields.Boolean(
        compute="_compute_wallet_of_former",
        search="_search_wallet_of_former",
        help="Money that is owed to somebody who is no longer a member.",
    )
    conversion_ids = fields.One2many("club.wallet.conversion", "member_id")

    _wallet_unique = models.UniqueIndex(
        "(club_id, partner_id) WHERE is_wallet AND state = 'account'", "This customer has a wallet of the club already."
    )

    def _compute_wallet_balance(self):
        accounts = self._get_wallets()
        for member in self:
            account = accounts.get(member)
            member.wallet_balance = account.sudo().card_id.points if account else 0.0

    def _compute_wallet_of_former(self):
        former = self.filtered_domain([("id", "in", self._find_wallets_of_former())])
        for account in self:
            account.wallet_of_former = account in former

    def _search_wallet_of_former(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._find_wallets_of_former())]

    @api.model
    def _find_wallets_of_former(self):
        """Ids of accounts with money whose customer is no active member of the club. SQL: no field leads there."""
        return [
            account
            for (account,) in self.env.execute_query(
                SQL(
                    """
                SELECT account.id FROM club_member account
                  JOIN loyalty_card card ON card.id = account.card_id AND card.points <> 0
                  JOIN club_club club ON club.wallet_club_id = account.club_id
                 WHERE account.is_wallet AND account.state = 'account' AND NOT EXISTS (
                       SELECT FROM club_member m
                        WHERE m.club_id = club.id AND m.partner_id = account.partner_id AND m.active)
                """
                )
            )
        ]

    @api.depends("is_wallet")
    def _compute_display_name(self):
        super()._compute_display_name()
        for member in self.filtered("is_wallet"):
            member.display_name = self.env._("Wallet of %(name)s", name=member.sudo().partner_id.display_name)

    @api.constrains("club_id", "state", "is_wallet")
    def _check_wallet_account(self):
        for member in self.sudo():
            if member.is_wallet != (member.club_id.kind == "wallet") or (
                member.is_wallet and member.state not in ("account", "merged")
            ):
                raise ValidationError(
                    self.env._(
                        "%(club)s keeps wallet money: nobody joins it. Enrol the customer in the club itself.",
                        club=member.club_id.name,
                    )
                )

    def _after_create(self, balances):
        """A wallet joins nothing: it has neither tier nor welcome gift."""
        wallets = self.filtered("is_wallet")
        if wallets:
            wallets._post_inert_balances(balances)
        if self - wallets:
            super(ClubMember, self - wallets)._after_create(balances)

    # -- accounts ------------------------------------------------------------

    def _get_wallets(self, create=False):
        """The accounts that hold the money of these members, by member; members without one are left out.

        :param bool create: make those that are missing, where the club has a wallet.
        :rtype: dict
        """
        found = {}
        for club, members in self.sudo().grouped("club_id").items():
            accounts = club._get_wallet_accounts(members.partner_id, create=create)
            found.update(
                {member: accounts[member.partner_id.id] for member in members if member.partner_id.id in accounts}
            )
        return {member.with_env(self.env): account for member, account in found.items()}

    def _get_wallet(self, create=False):
        """The account that holds this member's money, in sudo; empty if there is none."""
        self.ensure_one()
        return self._get_wallets(create=create).get(self, self.env["club.member"]).sudo()

    # -- merging contacts ----------------------------------------------------

    @api.model
    def _merge_partners(self, src_partners, dst_partner):
        """Where several of the contacts have a wallet of the same club, one remains with all the money."""
        super()._merge_partners(src_partners, dst_partner)
        wallets = (
            self.sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", (src_partners | dst_partner).ids), ("is_wallet", "=", True)])
            .filtered(lambda account: account.state == "account")
        )
        for accounts in wallets.grouped("club_id").values():
            heir = accounts.sorted(lambda account: (account.partner_id != dst_partner, account.id))[0]
            for source in (accounts - heir).sorted("id"):
                source._merge_into(heir, f"member,{source.id}:merge:{heir.id}")
                source.state = "merged"
                source.card_id.active = False

    # -- erasing -------------------------------------------------------------

    def _get_erased_together(self):
        return super()._get_erased_together() | self._find_empty_wallet()

    def _find_empty_wallet(self):
        """The member's wallet if nothing is owed to either side: neither money, nor arrears, nor money that waits."""
        wallet = self._get_wallet()
        waits = wallet and wallet.lot_ids.filtered(lambda lot: lot.state == "pending")
        return wallet.filtered(lambda account: not account.card_id.points and not waits)

    def _erase_one(self, reason):
        """An empty wallet goes with its person. Money is owed, so with money in it the contact stays known."""
        wallet = self._find_empty_wallet()
        result = super()._erase_one(reason)
        if wallet and wallet.partner_id != self.partner_id:
            wallet.with_context(tracking_disable=True).partner_id = self.partner_id
            wallet.card_id.with_context(tracking_disable=True).partner_id = self.partner_id
        return result

    # -- lists ---------------------------------------------------------------

    def action_open_wallet(self):
        """Open what happened to the member's money."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Wallet of %(member)s", member=self.partner_id.display_name),
            "res_model": "club.point.entry",
            "views": [(self.env.ref("customer_club.club_wallet_entry_view_list").id, "list"), (False, "form")],
            "domain": [("member_id", "=", self._get_wallet().id)],
        }

    def action_adjust_wallet(self):
        """Ask for a correction of the member's money; a second person decides."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Wallet"),
            "res_model": "club.point.adjustment",
            "views": [(False, "form")],
            "context": {"default_member_id": self._get_wallet(create=True).id, "default_expiry": "never"},
        }

    # -- for pages -----------------------------------------------------------

    def _get_wallet_spendable(self):
        """Money that no unfinished payment holds, as a Decimal."""
        account = self._get_wallet()
        if not account:
            return engine_lots.to_decimal(0)
        card = account.card_id
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        return max(engine_lots.to_decimal(card.points) - sum(held.values()), engine_lots.to_decimal(0))


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_wallet_accounts(self, partners, create=False):
        """The accounts of this club's wallet by partner id; a query, and few more where some have to be made.

        :rtype: dict[int, models.Model]
        """
        self.ensure_one()
        wallet = self.sudo().wallet_club_id
        if not wallet or not partners:
            return {}
        Member = self.env["club.member"].sudo().with_context(active_test=False)
        accounts = Member.search(
            [("club_id", "=", wallet.id), ("partner_id", "in", partners.ids), ("state", "=", "account")]
        )
        missing = partners - accounts.partner_id
        if create and missing:
            try:
                with self.env.cr.savepoint():
                    accounts |= Member.create(
                        [
                            {
                                "club_id": wallet.id,
                                "partner_id": partner.id,
                                "state": "account",
                                "active": False,
                                "is_wallet": True,
                            }
                            for partner in missing
                        ]
                    )
            except psycopg2.errors.UniqueViolation as error:
                # As in _enrol: the row of somebody who was faster is invisible until Odoo repeats the request.
                raise ConcurrencyError(self.env._("Somebody else opened the same wallet at this moment.")) from error
        return {account.partner_id.id: account for account in accounts}
