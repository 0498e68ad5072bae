"""Accounts: members that are nobody, such as a pool, or what was given and has not arrived yet."""

from odoo import models


class ClubMember(models.Model):
    _inherit = "club.member"

    def _complete_create_values(self, club, vals_list):
        """An account has a card and nothing else of a member: no number, no tier."""
        accounts = [vals for vals in vals_list if vals.get("state") == "account"]
        people = [vals for vals in vals_list if vals.get("state") != "account"]
        without = [vals for vals in accounts if not vals.get("card_id")]
        partners = self.env["res.partner"].browse([vals["partner_id"] for vals in without])
        Card = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True, tracking_disable=True)
        cards = Card.create([club._prepare_card_values(partner) for partner in partners])
        for vals, card in zip(without, cards, strict=True):
            vals["card_id"] = card.id
        for vals in accounts:
            vals.update(active=False, number=False)
        return super()._complete_create_values(club, people) if people else {}

    def _after_create(self, balances):
        """An account has not joined: nothing is told, counted or given."""
        people = self.filtered(lambda member: member.state != "account")
        return super(ClubMember, people)._after_create(balances) if people else None


class ClubClub(models.Model):
    _inherit = "club.club"

    def _create_account(self, name=None):
        """An account of this club, with a card of its own.

        :param str name: of the archived contact that stands for it; default: one contact for all of the club's.
        :return: the ``club.member`` (sudo).
        """
        self.ensure_one()
        club = self.sudo()
        partner = self.env["res.partner"].sudo() if name else club.account_partner_id
        if not partner:
            partner = (
                self.env["res.partner"]
                .sudo()
                .with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
                .create(
                    {
                        "name": name or self.env._("Accounts of %(club)s", club=club.name),
                        "active": False,
                        "company_id": club.company_id.id,
                    }
                )
            )
            if not name:
                club.account_partner_id = partner
        return (
            self.env["club.member"]
            .sudo()
            .create({"club_id": club.id, "partner_id": partner.id, "state": "account", "active": False})
        )
