"""A member's short-lived code: "it is me, here, now", and how many points may be used."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import vouchers
from odoo.exceptions import UserError
from odoo.tools import SQL

LIFE = timedelta(minutes=5)
#: An unused one says nothing any more.
KEPT = timedelta(days=1)


class ClubMemberToken(models.Model):
    """Made by the member, shown at a partner, used once within five minutes (abuse 12).

    It lets a merchant's phone report a purchase, and take points up to ``most_points``; the member's number lets
    nobody do anything. Used ones are kept: they are the proof of what a merchant reported.
    """

    _name = "club.member.token"
    _description = "Code That a Member Shows at a Partner"
    _order = "id desc"
    _rec_name = "member_id"

    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True)
    company_id = fields.Many2one(related="member_id.company_id", store=True)
    most_points = fields.Float(digits=(16, 2), readonly=True, help="What the member lets the merchant take at most.")
    expires_at = fields.Datetime(required=True, readonly=True)
    used_at = fields.Datetime(readonly=True)
    used_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    merchant_id = fields.Many2one("club.merchant", readonly=True, index="btree_not_null", ondelete="restrict")
    voucher_id = fields.Many2one("club.voucher", readonly=True, index="btree_not_null", ondelete="restrict")
    purchase_id = fields.Many2one("club.merchant.purchase", readonly=True, index="btree_not_null", ondelete="restrict")
    use_key = fields.Char(readonly=True, help="The same use told twice is one.")
    nonce = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    digest = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)

    _digest_unique = models.Constraint("UNIQUE(digest)", "Another member has this code.")
    _use_key_unique = models.UniqueIndex("(use_key) WHERE use_key IS NOT NULL", "This code was used already.")
    _open_idx = models.Index("(member_id) WHERE used_at IS NULL")

    @api.model
    def _make_for(self, member, most_points=0):
        """A new code for ``member``; the one before is worth nothing from then on.

        :param Decimal most_points: what a merchant may take with it, at most what the member can spend
        :return: ``club.member.token`` in sudo
        :raises UserError: the member has left, or has not so many points
        """
        member.ensure_one()
        member._check_spender()
        if most_points < 0 or most_points > max(member.balance, 0):
            raise UserError(
                self.env._(
                    "You can use at most %(points)s. Type a number from 0 to that; no code was made.",
                    points=member.club_id._show_points(max(member.balance, 0)),
                )
            )
        nonce, digest = self.env["club.code"]._make("token")
        vals = {
            "nonce": nonce,
            "digest": digest,
            "most_points": float(most_points),
            "expires_at": fields.Datetime.now() + LIFE,
        }
        unused = self.sudo().search([("member_id", "=", member.id), ("used_at", "=", False)])
        if not unused:
            return self.sudo().create({"member_id": member.id, **vals})
        unused[1:].write({"expires_at": fields.Datetime.now()})
        unused[:1].write(vals)
        return unused[:1]

    @api.model
    def _find_live(self, member):
        """The code that ``member`` can show now, perhaps none."""
        return self.sudo().search(
            [("member_id", "=", member.id), ("used_at", "=", False), ("expires_at", ">", fields.Datetime.now())],
            limit=1,
        )

    def _get_code(self):
        """The code, for the member's own eyes."""
        self.ensure_one()
        return self.env["club.code"]._read("token", self.sudo().nonce)

    def _get_seconds_left(self):
        """How long it is good for."""
        self.ensure_one()
        return max(int((self.expires_at - fields.Datetime.now()).total_seconds()), 0)

    def _show_most(self, offer):
        """The most money that points pay with this code, by what ``offer`` says they are worth."""
        self.ensure_one()
        most = engine_lots.to_decimal(round(self.most_points, 2))
        limit = engine_lots.to_decimal(round(offer.most_points, 2))
        points = min(most, limit) if limit else most
        return offer.club_id._show_money(
            float(vouchers.amount_for(points, offer._get_per_point(), offer.currency_id.decimal_places))
        )

    def _lock_rows(self):
        """Lock these codes: of two uses at one moment the second starts over and sees the first.

        SQL, as ``lock_for_update`` skips rows that are locked.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_member_token WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )

    @api.autovacuum
    def _gc_tokens(self):
        """Forget codes that nobody used, some at a time.

        :return: (codes forgotten, whether there is more)
        """
        old = self.sudo().search(
            [("used_at", "=", False), ("expires_at", "<", fields.Datetime.now() - KEPT)], limit=10_000
        )
        old.unlink()
        return len(old), len(old) == 10_000
