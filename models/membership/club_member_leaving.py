"""Leaving a club, coming back, and having one's data erased."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from .club_occasion import OURS

# Payloads of these facts may hold what a person wrote or who they are; those of purchases hold amounts and products.
PERSONAL_EVENT_TYPES = (
    "profile",
    "survey",
    "feedback",
    "review",
    "occasion",
    "custom",
    "referral_join",
    "referral_click",
    "join",
)


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- leaving -------------------------------------------------------------------------------------

    def _get_leave_terms(self):
        """What leaving now would mean for one member's points.

        :return: ``points`` and ``pending`` lost or kept, ``keep_until`` (the first day without them) or False
        :rtype: dict
        """
        self.ensure_one()
        club = self.sudo().club_id
        keep = club.leave_policy == "keep" and club.leave_keep_days
        return {
            "points": self.points,
            "pending": self.points_pending,
            "keep_until": fields.Date.add(club._get_today(), days=club.leave_keep_days) if keep else False,
        }

    def _leave(self, note=None):
        """These members leave: their tier and benefits end, the card rests, and their points go as the club's rule
        says.

        Points kept are found again by who comes back in time. Idempotent.

        :param str note: why, for the history
        """
        members = self.sudo().filtered(lambda member: member.state == "active")
        if not members:
            return
        now = fields.Datetime.now()
        members._end_tier("leave", note)
        members.write({"state": "left", "active": False, "left_at": now})
        for member in members.filtered("consent_marketing"):
            member._record_consent("marketing", False, "manual")
        members.card_id.active = False
        members.filtered(
            lambda member: member.club_id.leave_policy == "expire" or not member.club_id.leave_keep_days
        )._expire_everything()

    def _end_tier(self, reason, note=None):
        """Take the tier away, with a row in the history."""
        self.env["club.tier.history"].sudo().create(
            [
                {"member_id": member.id, "from_tier_id": member.tier_id.id, "reason": reason, "note": note}
                for member in self
                if member.tier_id
            ]
        )
        self.with_context(tracking_disable=True).write(
            {"tier_id": False, "tier_since": False, "tier_grace_until": False}
        )
        self._after_tier_change()

    def _expire_everything(self):
        """Let all points of these members expire, pending ones too; a constant number of statements. Idempotent.

        What they owe (arrears) stays: it is settled by what they earn if they come back.
        """
        stamp = fields.Datetime.now().strftime("%Y%m%d%H%M%S")
        lots = self.env["club.point.lot"].sudo().search([("member_id", "in", self.ids), ("state", "!=", "closed")])
        self.env["club.point.entry"].sudo()._post(
            [
                {
                    "member_id": member.id,
                    "kind": "expire",
                    "key": f"member,{member.id}:leave:{stamp}:{max(of_member.ids)}",
                    "points": -sum((to_decimal(lot.remaining) for lot in of_member), Decimal(0)),
                    "lots": of_member.ids,
                    "only": True,
                    "note": self.env._("Left the club"),
                }
                for member, of_member in lots.grouped("member_id").items()
            ]
        )

    @api.model
    def _cron_expire_left(self):
        """Nightly: points kept for those who left expire when their days are over; so do points that came late.

        :return: number of members whose points expired
        """
        done, _failed = self.env["club.job"]._work_off(
            "expire points of members who left",
            find=self._lock_left_members,
            work=lambda ids: self.browse(ids)._expire_everything(),
        )
        return done

    @api.model
    def _lock_left_members(self, limit, skip):
        self.env["club.club"].flush_model(["leave_policy", "leave_keep_days"])
        self.flush_model(["state", "left_at", "card_id", "club_id"])
        return [
            member_id
            for (member_id,) in self.env.execute_query(
                SQL(
                    # Each club keeps points for its own number of days, and the cards are locked in order.
                    """SELECT member.id FROM club_member member
                         JOIN club_club club ON club.id = member.club_id
                         JOIN loyalty_card card ON card.id = member.card_id
                        WHERE member.state IN ('left', 'erased') AND NOT member.id = ANY(%s)
                          AND member.left_at <= %s - interval '1 day' * CASE
                              WHEN club.leave_policy = 'keep' AND member.state = 'left'
                              THEN club.leave_keep_days ELSE 0 END
                          AND EXISTS (
                              SELECT FROM club_point_lot lot WHERE lot.member_id = member.id AND lot.state <> 'closed'
                          )
                     ORDER BY card.id LIMIT %s FOR NO KEY UPDATE OF card""",
                    list(skip),
                    fields.Datetime.now(),
                    limit,
                )
            )
        ]

    # -- coming back ---------------------------------------------------------------------------------

    def _rejoin(self, source="manual"):
        """These members, who had left, are active again: same person, number, card and history, no second join
        bonus.
        """
        members = self.sudo().filtered(lambda member: member.state == "left")
        members.card_id.with_context(loyalty_no_mail=True).active = True
        members.write(
            {
                "state": "active",
                "active": True,
                "left_at": False,
                "source": source,
                "consent_terms_at": False,
                "consent_terms_id": False,
            }
        )
        members._review_tiers("rejoin")

    # -- erasure -------------------------------------------------------------------------------------

    def _erase(self, reason=None):
        """Erase these members' personal data; entries stay, under a number without a person. Cannot be undone.

        A contact that exists for the club only is emptied itself; one with orders, invoices, a login or another
        membership belongs to the shop's books, so the member is taken off it instead. Only a manager, or the system on
        a member's own request.

        :param str reason: kept in the log of erasures (no personal data)
        :raise AccessError: for who is not a club manager
        """
        if not (self.env.su or self.env.user.has_group("customer_club.group_club_manager")):
            raise AccessError(self.env._("Only a manager of the club may erase personal data. Ask one of them."))
        self.check_access("write")
        members = self.sudo().filtered(lambda member: member.state != "erased")
        merged = members.with_context(active_test=False).merged_ids
        members |= merged.filtered(lambda member: member.state != "erased")
        if not members:
            return
        members.filtered(lambda member: member.state == "active")._leave()
        members._expire_everything()
        self.env["club.identity"]._remember(members)
        for member in members:
            member._erase_one(reason)
        self._scrub_events(members)

    def _erase_one(self, reason):
        """Take one member's person away; see :meth:`_erase`."""
        partner = self.partner_id
        self._drop_letters()
        if self._is_partner_ours():
            self._anonymise_partner(partner)
            method = "anonymised"
        else:
            partner = (
                self.env["res.partner"]
                .sudo()
                .with_context(mail_create_nolog=True, tracking_disable=True)
                .create(
                    {
                        "name": self._get_anonymous_name(),
                        "active": False,
                        "company_id": self.company_id.id,
                    }
                )
            )
            method = "detached"
        self.with_context(tracking_disable=True).write(
            {
                "state": "erased",
                "active": False,
                "left_at": self.left_at or fields.Datetime.now(),
                "partner_id": partner.id,
                "nickname": False,
                "note": False,
            }
        )
        self.card_id.with_context(tracking_disable=True).write({"partner_id": partner.id, "active": False})
        self.env["club.occasion"].sudo().with_context(active_test=False, club_occasion=OURS).search(
            [
                ("member_id", "=", self.id),
            ]
        ).unlink()
        for record in (self, self.card_id):
            record.message_ids.sudo().unlink()
            record.message_follower_ids.sudo().unlink()
        self.env["club.erasure"].sudo().create({"member_id": self.id, "method": method, "reason": reason})

    def _drop_letters(self):
        """What the club wrote to this member and still keeps: it says who that is, and what waits must not arrive."""
        partner = self.partner_id
        of_club = [("model", "=like", "club.%")]
        for found in (
            self.env["mail.mail"].sudo().search([*of_club, ("recipient_ids", "in", partner.ids)]),
            self.env["mail.message"].sudo().search([*of_club, ("partner_ids", "in", partner.ids)]),
        ):
            found.exists().filtered(self._is_letter_to_me).unlink()
        addresses = [address for address in {partner.email, partner.email_normalized} if address]
        # Whoever else has the link must not get in, now that it names nobody.
        invitations = (
            self.env["club.invitation"]
            .sudo()
            .search(
                Domain("club_id", "=", self.club_id.id)
                & (
                    Domain("member_id", "=", self.id)
                    | Domain("partner_id", "=", partner.id)
                    | Domain.OR([("email", "=ilike", escape_psql(address))] for address in addresses)
                )
            )
        )
        invitations.write({"email": False, "partner_id": False, "cancelled": True})
        self.env["mail.mail"].sudo().search(
            [("model", "=", invitations._name), ("res_id", "in", invitations.ids)]
        ).unlink()
        self.env["sms.sms"].sudo().search([("club_member_id", "=", self.id)]).unlink()

    def _is_letter_to_me(self, letter):
        """Whether a letter is about this membership, not about another one of the same contact."""
        record = self.env[letter.model].sudo().browse(letter.res_id) if letter.model in self.env else self.browse()
        if record._name == self._name:
            return record == self
        return "member_id" in record._fields and (not record.exists() or record["member_id"] == self)

    def _get_erased_together(self):
        """This member, and accounts of the same person that an override erases with it."""
        self.ensure_one()
        return self

    def _get_anonymous_name(self):
        return self.env._("Erased member %(number)s", number=self.number)

    def _is_partner_ours(self):
        """Whether the member's contact has no other purpose than this membership."""
        self.ensure_one()
        partner = self.partner_id.with_context(active_test=False)
        if partner.user_ids or partner.child_ids or partner.parent_id or partner.is_company or partner.ref_company_ids:
            return False
        others = (
            (
                "club.member",
                [
                    ("partner_id", "=", partner.id),
                    ("id", "not in", self._get_erased_together().ids),
                    ("state", "!=", "erased"),
                ],
            ),
            *((model, [(field, "=", partner.id)]) for model, field in self._get_partner_uses()),
        )
        return not any(
            self.env[model].sudo().with_context(active_test=False).search_count(domain, limit=1)
            for model, domain in others
        )

    @api.model
    def _get_partner_uses(self):
        """Documents that keep a contact alive after an erasure, as (model, field)."""
        uses = [
            ("sale.order", "partner_id"),
            ("sale.order", "partner_invoice_id"),
            ("sale.order", "partner_shipping_id"),
            ("account.move.line", "partner_id"),
            ("account.move", "partner_id"),
            ("payment.transaction", "partner_id"),
            ("crm.lead", "partner_id"),
            ("pos.order", "partner_id"),
            ("stock.picking", "partner_id"),
            ("purchase.order", "partner_id"),
            ("hr.employee", "work_contact_id"),
            ("project.task", "partner_id"),
        ]
        return [(model, field) for model, field in uses if model in self.env and field in self.env[model]._fields]

    @api.model
    def _prepare_anonymous_values(self, partner):
        """Values that empty a contact: every stored text, date, image and address, whatever module added it."""
        keep = {
            "lang",
            "tz",
            "type",
            "company_id",
            "active",
            "create_uid",
            "write_uid",
            "create_date",
            "write_date",
            "color",
        }
        values = {}
        for name, field in partner._fields.items():
            if name in keep or not field.store or field.compute and field.readonly or field.related:
                continue
            if field.type in ("char", "text", "html", "date", "datetime", "binary", "image") and not field.required:
                values[name] = False
            elif name in ("state_id", "country_id", "title", "category_id", "bank_ids"):
                values[name] = [fields.Command.clear()] if field.type.endswith("many") else False
        return values

    def _anonymise_partner(self, partner):
        """Empty the member's contact and archive it."""
        partner = partner.with_context(tracking_disable=True, mail_notrack=True, no_vat_validation=True)
        partner.bank_ids.unlink()
        partner.write({**self._prepare_anonymous_values(partner), "name": self._get_anonymous_name(), "active": False})
        partner.message_ids.sudo().unlink()
        partner.message_follower_ids.sudo().unlink()
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "res.partner"), ("res_id", "=", partner.id)]
        ).unlink()

    @api.model
    def _scrub_events(self, members):
        """Empty the payloads that may hold personal data. The one change that a recorded event may see: the law asks
        it.
        """
        self.env["club.event"].flush_model()
        # Plain SQL: the ORM rightly refuses to change an event.
        self.env.execute_query(
            SQL(
                "UPDATE club_event SET payload = NULL WHERE member_id IN %s AND type IN %s RETURNING id",
                tuple(members.ids),
                PERSONAL_EVENT_TYPES,
            )
        )
        self.env["club.event"].invalidate_model(["payload"])
