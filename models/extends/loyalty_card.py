"""Every contact with the balance that Odoo keeps on a card. The ledger alone decides what it is (design rule 1)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, float_round

from .settlement import DATA_KEY, current_flow, foreign_writes

# What of a club card only the club itself may change.
GUARDED = {"points", "partner_id", "program_id", "active"}


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    club_member_ids = fields.One2many(
        "club.member", "card_id", groups="customer_club.group_club_user", context={"active_test": False}
    )

    def _club_cards(self):
        """Those of these cards that hold a club's points."""
        programs = self.env["loyalty.program"]._get_club_program_ids()
        return self.filtered(lambda card: card.program_id.id in programs) if programs else self.browse()

    def _club_member(self):
        """The active member (or the account, such as a pool) whose points are on this card; empty for an inert card."""
        return self.sudo().club_member_ids.filtered(lambda member: member.state in ("active", "account"))[:1]

    def _club_owner(self):
        """The member whose card this is or was, whatever became of it: what it owes is still known by it."""
        return self._club_member() or self.sudo().club_member_ids[:1]

    def _club_lock(self, touch=False):
        """Lock these cards in id order, so that two movements between the same cards cannot block each other.

        :param touch: make whoever waits for one of them start over with a new snapshot, even where no balance changes:
            an unchanged row would let the other go on with what it read before.
        """
        self.env.execute_query(
            SQL("SELECT id FROM loyalty_card WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        if touch:
            self.env.execute_query(
                SQL("UPDATE loyalty_card SET points = points WHERE id = ANY(%s) RETURNING id", self.ids)
            )

    def _club_move_claims(self, card):
        """Let unconfirmed orders that use points of these cards use those of ``card``, where the points went."""
        orders = self.env["sale.order"].sudo().with_context(tracking_disable=True)
        orders = orders.search(
            [
                ("state", "in", ("draft", "sent")),
                "|",
                ("order_line.coupon_id", "in", self.ids),
                ("applied_coupon_ids", "in", self.ids),
            ]
        )
        orders.order_line.filtered(lambda line: line.coupon_id in self).write({"coupon_id": card.id})
        for order in orders.filtered(lambda order: order.applied_coupon_ids & self):
            order.applied_coupon_ids = order.applied_coupon_ids - self | card

    @api.model_create_multi
    def create(self, vals_list):
        """A club card starts empty, whoever makes it: points come in through the ledger only."""
        programs = self.env["loyalty.program"]._get_club_program_ids()
        context = self.env.context
        default = context.get("default_program_id", context.get("active_id"))  # as Odoo takes it
        vals_list = [
            {**vals, "points": 0} if vals.get("program_id", default) in programs else vals for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        """Let Odoo write points of club cards, and remember what the ledger has to say about it later."""
        if "program_id" in vals:
            self._check_club_arrival(vals["program_id"])
        club_cards = self.browse() if vals.keys().isdisjoint(GUARDED) else self._club_cards()
        if not club_cards:
            return super().write(vals)
        club_cards._check_club_change(vals)
        if "points" not in vals:
            return super().write(vals)
        writes, flow = foreign_writes(self.env), current_flow(self.env)
        for card in club_cards:
            writes.before.setdefault(card.id, card.points)
            if flow:
                flow.card_ids.add(card.id)
            else:
                writes.residual[card.id] += vals["points"] - card.points
                writes.trusted[card.id] = self.env.su and writes.trusted.get(card.id, True)
        # Odoo's mails and tracking would tell of a balance that the ledger has not agreed to yet.
        quiet = club_cards.with_context(loyalty_no_mail=True, tracking_disable=True)
        result = super(LoyaltyCard, quiet).write(vals)
        others = self - club_cards
        if others:
            result = super(LoyaltyCard, others).write(vals)
        return result

    def _check_club_arrival(self, program_id):
        """No card of another program comes into a club: its points would come along without the ledger."""
        if program_id not in self.env["loyalty.program"]._get_club_program_ids():
            return
        for card in self.filtered(lambda card: card.program_id.id != program_id):
            raise UserError(
                self.env._(
                    "The card %(card)s of %(program)s cannot become a card of a customer club. Enrol the customer in "
                    "the club, and bring the points in as an opening balance.",
                    card=card.code,
                    program=card.program_id.display_name,
                )
            )

    def _check_club_change(self, vals):
        """A member's card stays the member's: nobody moves it to another contact or program by hand."""
        if self.env.su or vals.keys().isdisjoint(GUARDED - {"points"}):
            return
        Member = self.env["club.member"].sudo().with_context(active_test=False)  # who has left may come back
        if Member.search_count([("card_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "The card %(card)s holds the points of a club member and cannot be given to somebody else, moved "
                    "or archived. Merge the contacts, transfer the points, or let the member leave the club instead.",
                    card=self[0].code,
                )
            )

    # -- settling -------------------------------------------------------------

    @api.model
    def _club_restore(self):
        """Put back the balances that the ledger knows, where Odoo's own code wrote others."""
        writes = foreign_writes(self.env, create=False)
        if not writes or not writes.before:
            return
        before, writes.before = writes.before, {}
        cards = self.sudo().browse(before).exists().with_context(loyalty_no_mail=True, tracking_disable=True)
        for card in cards:
            super(LoyaltyCard, card).write({"points": before[card.id]})
        cards.flush_recordset(["points"])

    @api.model
    def _club_settle(self):
        """Answer the writes that no order's flow explains: by an entry with its origin, an incident, or a refusal.

        :raises AccessError: somebody tried to write a balance by hand.
        """
        writes = foreign_writes(self.env, create=False)
        if not writes:
            return
        self._club_restore()
        residual = {card: float_round(points, precision_digits=2) for card, points in writes.residual.items()}
        residual = {card: points for card, points in residual.items() if points}
        self.env.cr.precommit.data.pop(DATA_KEY, None)
        cards = self.sudo().browse(residual).exists()
        if not cards:
            return
        # A history row proves nothing here: whoever may write a balance may write a row beside it.
        by_hand = cards.filtered(lambda card: not writes.trusted[card.id])
        if by_hand:
            raise AccessError(
                self.env._(
                    "The points of %(card)s belong to a customer club: they move by orders, prizes and approved "
                    "adjustments, not by hand. Nothing was changed. Ask for an adjustment on the member's page.",
                    card=by_hand[0].display_name,
                )
            )
        Member = self.env["club.member"].sudo().with_context(active_test=False)  # accounts are archived
        members = Member.search([("card_id", "in", cards.ids), ("state", "in", ("active", "account"))])
        members = {member.card_id: member for member in members}
        self.env["club.ledger.incident"]._settle_foreign_writes(
            [
                (card, members.get(card), residual[card.id], (writes.origins[card.id] or [(None, None, None)])[-1])
                for card in cards
            ]
        )
