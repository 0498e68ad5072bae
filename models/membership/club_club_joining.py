"""How people come into a club: enrolment, terms and consent, criteria of a closed club."""

import secrets
from collections import defaultdict
from decimal import ROUND_DOWN, Decimal

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.text import member_number
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, format_amount


class JoinRefused(UserError):
    """The person may not join, or has not agreed to the terms; the message says what is missing."""


class ClubClub(models.Model):
    _inherit = "club.club"

    # -- who is who ----------------------------------------------------------------------------------

    def _get_earners(self, partners):
        """The partners who hold the membership: the persons, or their companies if the club says so."""
        self.ensure_one()
        return partners.commercial_partner_id if self.earner == "company" else partners

    def _get_member(self, partner):
        """The active member that ``partner`` is, or belongs to where the company is the member.

        :return: a sudo record (its owner was in the domain), empty if there is none
        """
        self.ensure_one()
        earner = self.sudo()._get_earners(partner.sudo())
        return (
            self.env["club.member"]
            .sudo()
            .search(
                [("club_id", "=", self.id), ("partner_id", "in", earner.ids), ("state", "=", "active")],
                limit=1,
            )
            if earner
            else self.env["club.member"].sudo()
        )

    # -- enrolment -----------------------------------------------------------------------------------

    def _enrol(self, partners, source="manual"):
        """Make ``partners`` members of this club; who is one already stays as it is, who had left comes back.

        Costs the same number of queries for one partner as for thousands. Asks nothing: the caller has checked that
        they may and want to join (see :meth:`_join`).

        :param partners: ``res.partner`` records.
        :param str source: how they came: manual, portal, signup, checkout, import, adopt, api.
        :return: the active ``club.member`` records, one per partner (or per company, as the club's ``earner`` says).
        :rtype: recordset of ``club.member``
        :raise ConcurrencyError: somebody else enrolled one of them at this moment; Odoo repeats the request
        """
        self.ensure_one()
        partners = self.sudo()._get_earners(partners.sudo())
        if not partners:
            return self.env["club.member"]
        Member = self.env["club.member"].sudo().with_context(active_test=False)
        known = Member.search(
            [
                ("club_id", "=", self.id),
                ("partner_id", "in", partners.ids),
                ("state", "in", ("active", "left")),
            ]
        )
        active = known.filtered(lambda member: member.state == "active")
        back = known.filtered(lambda member: member.state == "left" and member.partner_id not in active.partner_id)
        back = Member.union(*(members[:1] for members in back.grouped("partner_id").values()))
        if back:
            back._rejoin(source)
        missing = partners - active.partner_id - back.partner_id
        members = active | back
        if missing:
            try:
                with self.env.cr.savepoint():
                    members |= Member.create(
                        [{"club_id": self.id, "partner_id": partner.id, "source": source} for partner in missing]
                    )
            except psycopg2.errors.UniqueViolation as error:
                # The twin of ON CONFLICT at REPEATABLE READ: their row is invisible to us until Odoo repeats the
                # request.
                raise ConcurrencyError(self.env._("Somebody else enrolled the same contact at this moment.")) from error
        return self.env["club.member"].browse(members.ids)

    def _get_inert_cards(self, partners):
        """Cards that Odoo made for ``partners`` without a member (the till does): one per partner, with points first.

        :rtype: dict of partner id to ``loyalty.card``
        """
        self.ensure_one()
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [("program_id", "=", self.program_id.id), ("partner_id", "in", partners.ids)],
                order="points desc, id",
            )
        )
        taken = (
            self.env["club.member"]
            .sudo()
            .with_context(active_test=False)
            .search([("card_id", "in", cards.ids)])
            .card_id
        )
        found = {}
        for card in cards - taken:
            found.setdefault(card.partner_id.id, card)
        return found

    def _prepare_card_values(self, partner):
        """Values of a member's card. Odoo's own codes have 32 random bits and collide in a mass enrolment."""
        self.ensure_one()
        return {
            "program_id": self.program_id.id,
            "partner_id": partner.id,
            "points": 0,
            "code": f"044{secrets.token_hex(12)}",
        }

    @api.model
    def _empty_cards(self, cards):
        """Take the balances off cards that have no member yet: the ledger puts them back as opening entries.

        Plain SQL: Odoo's own write would be taken for a movement of a member's points.
        """
        if cards:
            cards.flush_recordset(["points"])
            self.env.cr.execute(SQL("UPDATE loyalty_card SET points = 0 WHERE id IN %s", tuple(cards.ids)))
            cards.invalidate_recordset(["points"])

    def _round_down(self, balance):
        """A card's float as the points that could really be spent, in this club's decimals.

        :rtype: Decimal
        """
        self.ensure_one()
        return Decimal(str(round(balance, 6))).quantize(Decimal(1).scaleb(-self.points_digits), ROUND_DOWN)

    def _next_numbers(self, count):
        """Draw ``count`` member numbers with their check digits, in one statement.

        :rtype: list[str]
        """
        self.ensure_one()
        club = self.sudo()
        if not club.number_sequence_id:
            club._make_number_sequences()
        rows = self.env.execute_query(
            SQL(
                # ir.sequence draws one number per query; its PostgreSQL sequence gives a batch at once, without a lock.
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{club.number_sequence_id.id:03d}",
                count,
            )
        )
        return [member_number(number, club.member_number_prefix or "") for (number,) in rows]

    # -- joining by oneself --------------------------------------------------------------------------

    def _join(self, partner, consent_terms=False, consent_marketing=False, source="portal", token=None):
        """``partner`` joins by own will: checks that the club lets it, records the consents, enrols. Idempotent.

        :param bool consent_terms: the person ticked that the terms are accepted (asked only if the club has terms)
        :param bool consent_marketing: the separate tick for marketing messages
        :param str source: portal, signup, checkout or manual
        :param str token: an invitation's secret, if the person came with one
        :return: the member (sudo)
        :raise JoinRefused: what is missing, in a sentence for the person
        """
        self.ensure_one()
        club = self.sudo()
        partner = partner.sudo()
        member = club._get_member(partner)
        if member:
            return member
        if not club.active:
            raise JoinRefused(self.env._("%(club)s does not take new members at the moment.", club=club.name))
        if club.terms_id and not consent_terms:
            raise JoinRefused(self.env._("To join %(club)s, please accept its terms.", club=club.name))
        invitation = club._find_invitation(partner, token)
        status = club._get_join_status(partner, invitation=invitation)
        if not status["can_join"]:
            raise JoinRefused(
                self.env._(
                    "You cannot join %(club)s yet. %(missing)s",
                    club=club.name,
                    missing=" ".join(status["missing"]),
                )
            )
        member = club._enrol(partner, source)
        if club.terms_id:
            member._record_consent("terms", True, source)
        if consent_marketing != member.consent_marketing:
            member._record_consent("marketing", consent_marketing, source)
        if invitation:
            invitation._use(member)
        return member

    def _get_join_status(self, partner, token=None, invitation=None):
        """Whether ``partner`` may join, and if not, what is missing.

        :return: ``can_join``, ``is_member`` and ``missing``: sentences for the person, empty when they may join
        :rtype: dict
        """
        self.ensure_one()
        club = self.sudo()
        partner = partner.sudo()
        if club._get_member(partner):
            return {"can_join": False, "is_member": True, "missing": []}
        missing = []
        if not club.active:
            missing = [self.env._("The club does not take new members at the moment.")]
        elif club.join_policy == "closed" and not (invitation or club._find_invitation(partner, token)):
            missing = club._get_missing_criteria(partner)
        return {"can_join": not missing, "is_member": False, "missing": missing}

    def _get_missing_criteria(self, partner):
        """What ``partner`` still lacks to join this closed club without an invitation, a sentence each.

        :rtype: list[str]
        """
        self.ensure_one()
        if not (self.criteria_orders or self.criteria_amount):
            return [self.env._("This club is by invitation only.")]
        orders, amount = self._get_criteria_measure(partner)
        missing = []
        if orders < self.criteria_orders:
            missing.append(
                self.env._(
                    "%(missing)s more orders within %(months)s months are needed (%(have)s of %(needed)s so far).",
                    missing=self.criteria_orders - orders,
                    months=self.criteria_months,
                    have=orders,
                    needed=self.criteria_orders,
                )
            )
        if self.currency_id.compare_amounts(amount, self.criteria_amount) < 0:
            missing.append(
                self.env._(
                    "Purchases of %(missing)s more within %(months)s months are needed (%(have)s of %(needed)s so "
                    "far).",
                    missing=format_amount(self.env, self.criteria_amount - amount, self.currency_id),
                    months=self.criteria_months,
                    have=format_amount(self.env, amount, self.currency_id),
                    needed=format_amount(self.env, self.criteria_amount, self.currency_id),
                )
            )
        return missing

    def _get_criteria_measure(self, partner):
        """Confirmed orders of ``partner`` (or its company) within the criteria period, and their amount.

        :return: number of orders, amount in the company's currency
        :rtype: tuple(int, float)
        """
        self.ensure_one()
        first, last = periods.rolling_window(self._get_today(), self.criteria_months or 1, self.calendar)
        start, end = periods.range_bounds(first, last, self.tz)
        earner = self._get_earners(partner)
        owner = SQL("commercial_partner_id") if self.earner == "company" else SQL("id")
        amount = SQL("amount_total") if self.earn_tax == "included" else SQL("amount_untaxed")
        self.env["sale.order"].flush_model(
            ["partner_id", "state", "date_order", "amount_total", "amount_untaxed", "currency_rate"]
        )
        [(orders, total)] = self.env.execute_query(
            SQL(
                # Orders in several currencies: the sum divides by each order's own rate, which _read_group cannot.
                """SELECT COUNT(*), COALESCE(SUM(so.%(amount)s / COALESCE(NULLIF(so.currency_rate, 0), 1)), 0)
                 FROM sale_order so JOIN res_partner p ON p.id = so.partner_id
                WHERE p.%(owner)s IN %(partners)s AND so.company_id = %(company)s AND so.state = 'sale'
                  AND so.date_order >= %(start)s AND so.date_order < %(end)s""",
                amount=amount,
                owner=owner,
                partners=tuple(earner.ids) or (0,),
                company=self.company_id.id,
                start=start,
                end=end,
            )
        )
        return orders, self.currency_id.round(float(total))

    def _get_today(self):
        """Today in the club's time zone."""
        self.ensure_one()
        return periods.local_date(fields.Datetime.now(), self.tz)

    def _find_invitation(self, partner, token=None):
        """The open invitation of this club that ``partner`` holds: by its secret, or made out to the contact.

        Wrong, foreign, used and expired secrets get the same answer: nothing.

        :return: a sudo record, maybe empty
        """
        self.ensure_one()
        Invitation = self.env["club.invitation"].sudo()
        open_domain = [("club_id", "=", self.id), ("state", "in", ["open"])]
        found = Invitation
        if token:
            found = Invitation.search([*open_domain, ("token_hash", "=", Invitation._hash(token))], limit=1)
        if not found and partner:
            found = Invitation.search([*open_domain, ("partner_id", "in", partner.ids)], limit=1)
        return found.filtered(lambda invitation: invitation._fits(partner))

    # -- terms ---------------------------------------------------------------------------------------

    def _publish_terms(self):
        """Keep the present text of the terms, in every language, as a new version."""
        Terms = self.env["club.terms"].sudo()
        last = dict(Terms._read_group([("club_id", "in", self.ids)], ["club_id"], ["version:max"]))
        versions = Terms.create(
            [{"club_id": club.id, "version": last.get(club, 0) + 1, "body": club.terms} for club in self]
        )
        by_lang = defaultdict(list)
        for club, version in zip(self, versions, strict=True):
            for code, _name in self.env["res.lang"].get_installed():
                by_lang[code].append((version, club.with_context(lang=code).terms))
        for code, pairs in by_lang.items():
            for version, body in pairs:
                version.with_context(lang=code).body = body
        self.invalidate_recordset(["terms_id"])
