"""Getting tickets: for points, for what a member did, or for nothing."""

from odoo import api, fields, models, tools
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError

#: One step buys so many tickets at most, whatever the raffle's own limit.
MOST_AT_ONCE = 1000


class ClubRaffle(models.Model):
    _inherit = "club.raffle"

    # -- opening -------------------------------------------------------------------------------------

    def action_open(self):
        """Publish the rules and their hash, and let members in from the opening time on."""
        self.check_access("write")
        for raffle in self:
            raffle._open()

    def _open(self):
        self._lock()
        self._check_state("draft")
        self._check_allowed()
        self._check_ready()
        text = self._get_rules_text()
        digest = self._hash(text.encode())
        self._set({"state": "open", "opened_at": fields.Datetime.now(), "rules_text": text, "rules_hash": digest})
        self._log_step("open", {"rules_sha256": digest, "round_source": self._get_source_name()})
        self.env.registry.clear_cache()

    def _check_ready(self):
        _ = self.env._
        problem = ""
        if not self.prize_ids:
            problem = _("it has no prize. Add what can be won.")
        elif self.closes_at <= fields.Datetime.now():
            problem = _("its closing time has passed. Set a later one.")
        elif not (self.ticket_price or self.free_each or self.earn_type):
            problem = _("nobody could get a ticket. Set points, free entries or what earns one.")
        elif self.randomness_kind == "beacon" and not self.beacon_id:
            problem = _("it has no source of randomness. Choose a beacon.")
        elif self.randomness_kind == "parties" and len(self.party_ids) < 2:
            problem = _("two parties at least make its randomness. Add them.")
        if problem:
            raise UserError(_("%(raffle)s cannot be opened: %(problem)s", raffle=self.name, problem=problem))

    # -- who may enter -------------------------------------------------------------------------------

    def _check_entering(self, member):
        """Refuse a member who cannot get a ticket now, in words.

        :raises UserError: with the raffle, the reason and what to do.
        """
        self.ensure_one()
        _ = self.env._
        self._check_allowed()
        now = fields.Datetime.now()
        name, club = self.name, self.club_id
        if self.state == "draft" or now < self.opens_at:
            raise UserError(
                _(
                    "%(raffle)s opens on %(when)s. Nothing was taken: come back then.",
                    raffle=name,
                    when=club._say_moment(self.opens_at),
                )
            )
        if self.state != "open" or now >= self.closes_at:
            raise UserError(
                _(
                    "%(raffle)s closed on %(when)s. Nothing was taken: look for the next one.",
                    raffle=name,
                    when=club._say_moment(self.closes_at),
                )
            )
        member._check_spender()
        self._check_audience(member)
        if member.partner_id.id in self._get_excluded_partners():
            raise UserError(
                _(
                    "Who works for the shop or its partners, or watches the draw, takes no part in %(raffle)s. "
                    "Nothing was taken.",
                    raffle=name,
                )
            )

    def _get_excluded_partners(self):
        """Who takes no part, by the rules: dict of partner id → reason."""
        self.ensure_one()
        raffle = self.sudo()
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        staff = self.env["res.users"].sudo().search([("share", "=", False)]).partner_id
        merchants = Partner.search([("commercial_partner_id", "in", raffle.merchant_ids.partner_id.ids)])
        helpers = raffle.observer_id | raffle.party_ids.partner_id
        found = {}
        for reason, partners in (
            (
                "named",
                raffle.excluded_partner_ids | Partner.search([("parent_id", "in", raffle.excluded_partner_ids.ids)]),
            ),
            ("observer", helpers | Partner.search([("parent_id", "in", helpers.ids)])),
            ("merchant", merchants | raffle.merchant_ids.staff_ids),
            ("staff", staff),
        ):
            found.update(dict.fromkeys(partners.ids, reason))
        return found

    def _count_own(self, member):
        """Tickets that a member, and who was merged into it, has: dict of ``points``, ``earned``, ``free``."""
        self.ensure_one()
        [(bought, earned, free)] = (
            self.env["club.raffle.entrant"]
            .sudo()
            ._read_group(
                [("raffle_id", "=", self.id), ("member_id", "in", member._get_own_ids())],
                [],
                ["bought:sum", "earned:sum", "free:sum"],
            )
        )
        return {"points": bought or 0, "earned": earned or 0, "free": free or 0}

    def _get_left(self, member):
        """How many tickets a member may still buy, and how many free entries it has: (number, number)."""
        self.ensure_one()
        raffle, own = self.sudo(), self._count_own(member)
        bounds = [MOST_AT_ONCE]
        if raffle.max_bought:
            bounds.append(raffle.max_bought - raffle.bought_number)
        if raffle.max_bought_each:
            bounds.append(raffle.max_bought_each - own["points"])
        free = raffle.free_each - own["free"]
        if raffle.max_free:
            free = min(free, raffle.max_free - raffle.free_number)
        return (max(min(bounds), 0) if raffle.ticket_price else 0), max(free, 0)

    # -- for points ----------------------------------------------------------------------------------

    def _buy(self, member, quantity, key):
        """Sell tickets to a member; the same ``key`` again returns the first purchase and takes nothing.

        Lock, check, charge, issue: in this order, so that of many at once only as many buy as there are tickets.

        :param int quantity: 1 to 1,000; :param str key: of the form that was sent
        :return: the ``club.raffle.purchase``
        :raises UserError: with the reason; nothing was taken then
        """
        self.ensure_one()
        raffle, member = self.sudo(), member.sudo()
        key = f"member,{member.id}:{key}"
        known = self._find_purchase(member, quantity, key)
        if known:
            return known
        raffle._lock()
        raffle._check_entering(member)
        raffle._check_quantity(member, quantity)
        price = engine_lots.to_decimal(raffle.ticket_price)
        purchase = (
            self.env["club.raffle.purchase"]
            .sudo()
            .create(
                {
                    "raffle_id": raffle.id,
                    "member_id": member.id,
                    "quantity": quantity,
                    "price": raffle.ticket_price,
                    "nature": raffle.nature,
                    "key": key,
                }
            )
        )
        purchase._settle_points({purchase.id: price * quantity})
        self.env["club.raffle.ticket"].sudo()._issue(
            raffle, [{"member_id": member.id, "source": "points", "count": quantity, "purchase_id": purchase.id}]
        )
        return purchase

    def _find_purchase(self, member, quantity, key):
        known = self.env["club.raffle.purchase"].sudo().search([("key", "=", key)])
        if known and (known.raffle_id != self or known.quantity != quantity):
            raise UserError(
                self.env._("This form was sent before for something else. Nothing was taken: open the page anew.")
            )
        return known

    def _check_quantity(self, member, quantity):
        _ = self.env._
        if not self.ticket_price:
            raise UserError(_("Tickets of %(raffle)s are not sold for points. Nothing was taken.", raffle=self.name))
        left, _free = self._get_left(member)
        if not 1 <= quantity <= MOST_AT_ONCE:
            raise UserError(
                _("Choose 1 to %(most)s tickets of %(raffle)s. Nothing was taken.", most=MOST_AT_ONCE, raffle=self.name)
            )
        if quantity > left:
            raise UserError(
                _(
                    "You can get %(left)s more tickets of %(raffle)s, not %(asked)s. Nothing was taken: choose fewer.",
                    left=left,
                    raffle=self.name,
                    asked=quantity,
                )
                if left
                else _("There are no more tickets of %(raffle)s for you. Nothing was taken.", raffle=self.name)
            )

    # -- for nothing ---------------------------------------------------------------------------------

    def _enter_free(self, member, key, by_staff=False):
        """One ticket without points or purchase, of the same weight; the same ``key`` again gives none.

        :param bool by_staff: entered for the member, for example from a letter
        :return: the ticket
        :raises UserError: with the reason
        """
        self.ensure_one()
        raffle, member = self.sudo(), member.sudo()
        key = f"free,{member.id}:{key}"
        Ticket = self.env["club.raffle.ticket"].sudo()
        domain = [("raffle_id", "=", raffle.id), ("key", "=", key)]
        known = Ticket.search(domain)
        if known:
            return known
        raffle._lock()
        raffle._check_entering(member)
        if not raffle._get_left(member)[1]:
            raise UserError(
                self.env._(
                    "%(member)s has no free entry left in %(raffle)s. Nothing was changed.",
                    member=member.display_name,
                    raffle=raffle.name,
                )
            )
        user = self.env.uid if by_staff else 0
        Ticket._issue(raffle, [{"member_id": member.id, "source": "free", "key": key, "user_id": user}])
        return Ticket.search(domain)

    # -- for what was done ---------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_earning_clubs(self):
        """Clubs with an open raffle whose tickets are earned, and by which facts: so that a sale costs no query more.

        :rtype: frozenset[tuple[int, str]]
        """
        raffles = self.sudo().search([("state", "=", "open"), ("earn_type", "!=", False)])
        return frozenset((raffle.club_id.id, raffle.earn_type) for raffle in raffles)

    @api.model
    def _earn_tickets(self, roots):
        """Issue the tickets that these facts earn; each fact earns one in a raffle, however often this is called.

        :param roots: ``club.event`` records, each the first of its revisions.
        """
        raffles = self.sudo().search(
            [
                ("state", "=", "open"),
                ("club_id", "in", roots.club_id.ids),
                ("earn_type", "in", roots.mapped("type")),
                ("closes_at", ">", fields.Datetime.now()),
                ("company_id.club_raffles", "=", True),
            ],
            order="id",
        )
        for raffle in raffles:
            raffle._earn(roots)

    def _earn(self, roots):
        self.ensure_one()
        facts = roots.filtered(
            lambda fact: (
                fact.club_id == self.club_id
                and fact.type == self.earn_type
                and self.opens_at <= fact.occurred_at < self.closes_at
            )
        )
        if not facts:
            return
        self._lock()
        if self.state != "open":
            return
        known = (
            self.env["club.raffle.ticket"].sudo().search([("raffle_id", "=", self.id), ("event_id", "in", facts.ids)])
        )
        facts = (facts - known.event_id).filtered(lambda fact: self._is_worth_a_ticket(fact))
        excluded = self._get_excluded_partners() if facts else {}
        rows, left = [], {}
        for fact in facts.sorted("id"):
            member = fact.member_id.merged_into_id or fact.member_id
            if member not in left:
                left[member] = self._count_earnable(member, excluded)
            if left[member] > 0:
                left[member] -= 1
                rows.append(
                    {"member_id": member.id, "source": "earned", "event_id": fact.id, "key": f"event,{fact.id}"}
                )
        if rows:
            self.env["club.raffle.ticket"].sudo()._issue(self, rows)

    def _is_worth_a_ticket(self, fact):
        """Whether a fact still holds, and a purchase still amounts to enough."""
        revisions = self.env["club.event"].sudo().search([("revises_id", "=", fact.id)])
        if any((revision.payload or {}).get("void") for revision in revisions):
            return False
        if fact.type not in ("purchase", "merchant_purchase"):
            return True
        return fact.amount + sum(revisions.mapped("amount")) >= max(self.earn_amount, 0.01)

    def _count_earnable(self, member, excluded):
        if member.state != "active" or member.partner_id.id in excluded or self._get_audience_refusals(member)[self.id]:
            return 0
        if not self.max_earned_each:
            return MOST_AT_ONCE
        return self.max_earned_each - self._count_own(member)["earned"]
