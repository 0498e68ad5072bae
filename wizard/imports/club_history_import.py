"""Purchases of the past: from this Odoo's sales orders, or from a CSV."""

from datetime import datetime, time

from odoo import api, fields, models
from odoo.addons.customer_club.engine import imports, periods
from odoo.exceptions import ValidationError


class ClubHistoryImport(models.Model):
    """Makes members of past customers and gives them what their purchases would have earned, dated as they were.

    A customer of a file is the contact with the same reference. Each purchase is an event named by club, customer, day,
    amount, quantity and its place among equal ones. The club's rules evaluate it as of its day, so points expire as
    they would have; what has expired by now is taken at the end.
    """

    _name = "club.history.import"
    _description = "Import of Past Purchases"
    _inherit = ["club.import"]

    source = fields.Selection(
        [("file", "A file (CSV or XLSX)"), ("orders", "The sales orders of this Odoo")],
        string="Purchases From",
        default="file",
        required=True,
    )
    date_from = fields.Date(string="From", help="First day, in the club's time zone.")
    date_to = fields.Date(string="To", help="Last day, in the club's time zone.")
    column_ids = fields.One2many(
        "club.history.import.column",
        "import_id",
        string="Columns",
        compute="_compute_column_ids",
        store=True,
        readonly=False,
    )

    @api.depends("file", "source")
    def _compute_column_ids(self):
        for record in self:
            record.column_ids = (
                record._prepare_column_commands() if record.source == "file" else [fields.Command.clear()]
            )

    @api.depends("club_id.name", "source", "filename")
    def _compute_display_name(self):
        for record in self:
            what = record.filename if record.source == "file" else self.env._("sales orders")
            record.display_name = self.env._(
                "%(club)s: %(what)s", club=record.club_id.name or "", what=what or self.env._("purchases")
            )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for record in self:
            if record.date_from and record.date_to and record.date_from > record.date_to:
                raise ValidationError(self.env._("The period ends before it begins. Change one of its days."))

    # -- what this import is -------------------------------------------------------------------------

    @api.model
    def _get_column_names(self):
        return imports.PURCHASE_COLUMNS

    @api.model
    def _get_required_fields(self):
        return [("customer",), ("date",), ("amount",)]

    def _get_figure_labels(self):
        would = self.state in ("draft", "checked")
        return {
            "purchases": self.env._("Purchases read"),
            "amount": self.env._("Their amount"),
            "members_new": self.env._("Customers who would become members")
            if would
            else self.env._("Customers who became members"),
            "contacts_new": self.env._("Of them, new contacts"),
            "orders_left": self.env._("Purchases of people who have left the club (left out)"),
            "events_new": self.env._("Purchases that would be recorded") if would else self.env._("Purchases recorded"),
            "events_known": self.env._("Purchases that were recorded before (nothing happens)"),
            "points": self.env._("Points earned by them"),
            "tiers_risen": self.env._("Members who reach a higher tier"),
            "points_other": self.env._("Points for joining and for tiers reached"),
            "points_expired": self.env._("Points that have expired since"),
        }

    def _read_items(self):
        if self.source == "orders":
            return self.env["sale.order"].search(self._get_order_domain(), order="date_order, id").ids, []
        table = self._read_table()
        return imports.read_purchases(table, self._get_mapping(), self.club_id._get_today(), self.calendar)

    def _get_order_domain(self):
        """Confirmed orders of the club's company in the period, without those of the shop's anonymous visitor."""
        self.ensure_one()
        nobody = self.env["website"].sudo().search([]).user_id.partner_id | self.env.ref("base.public_partner")
        domain = [("state", "=", "sale"), ("company_id", "=", self.company_id.id), ("partner_id", "not in", nobody.ids)]
        if self.date_from:
            domain.append(("date_order", ">=", periods.day_bounds(self.date_from, self.club_id.tz)[0]))
        if self.date_to:
            domain.append(("date_order", "<", periods.day_bounds(self.date_to, self.club_id.tz)[1]))
        return domain

    def _import_batch(self, items):
        return self._import_orders(items) if self.source == "orders" else self._import_purchases(items)

    # -- sales orders of this Odoo -------------------------------------------------------------------

    def _import_orders(self, order_ids):
        """Let orders earn that were made before their customers were members, as if they had been."""
        club = self.club_id
        orders = self.env["sale.order"].sudo().browse(order_ids)
        buyers = {order: self._get_buyer(order.partner_id) for order in orders}
        members, members_new, _left = self._enrol_partners(buyers.values())
        settled = orders.filtered(lambda order: club._get_earners(buyers[order]).id in members)
        known = self._count_order_events(settled)
        mark = self._get_mark()
        self.env["club.purchase"]._settle(settled, before_joining=True, clubs=club)
        _risen, points = self._count_since(mark)
        figures = {
            "purchases": len(orders),
            "amount": float(sum(order.amount_total / (order.currency_rate or 1) for order in orders)),
            "members_new": members_new,
            "orders_left": len(orders - settled),
            "events_new": self._count_order_events(settled) - known,
            "events_known": known,
            "points": points,
        }
        return figures, []

    @api.model
    def _get_buyer(self, partner):
        """Who becomes a member for what ``partner`` bought: an address stands for the one whose address it is."""
        return partner.parent_id if partner.type != "contact" and partner.parent_id else partner

    def _count_order_events(self, orders):
        return (
            self.env["club.event"]
            .sudo()
            .search_count(
                [
                    ("club_id", "=", self.club_id.id),
                    ("origin_model", "=", "sale.order"),
                    ("origin_id", "in", orders.ids),
                    ("revises_id", "=", False),
                ]
            )
        )

    # -- purchases of a file -------------------------------------------------------------------------

    def _import_purchases(self, purchases):
        """Record purchases of a file: a constant number of queries, whatever their number."""
        club = self.club_id
        partners, contacts_new, ambiguous = self._get_customers(purchases)
        members, members_new, _left = self._enrol_partners(partners.values())
        problems, values = [], []
        for purchase in purchases:
            partner = partners.get(purchase.customer)
            member = partner and members.get(club._get_earners(partner).id)
            if member:
                values.append(self._prepare_event_values(purchase, member))
            else:
                reason = "ambiguous" if purchase.customer in ambiguous else "left"
                problems.append(imports.Problem(purchase.row, "customer", purchase.customer, reason))
        figures = self._record_events(values)
        figures.update(
            {
                "purchases": len(purchases),
                "amount": float(sum(purchase.amount for purchase in purchases)),
                "members_new": members_new,
                "contacts_new": contacts_new,
            }
        )
        return figures, problems

    def _get_customers(self, purchases):
        """The contacts with the customers' references; those that are missing are created.

        :return: contact by reference, how many were created, and the references that several contacts have
        :rtype: tuple(dict, int, set)
        """
        names = {}
        for purchase in purchases:
            names[purchase.customer] = names.get(purchase.customer) or purchase.name
        Partner = (
            self.env["res.partner"]
            .sudo()
            .with_company(self.company_id)
            .with_context(
                tracking_disable=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
            )
        )
        found = Partner.search([("ref", "in", list(names)), ("company_id", "in", (False, self.company_id.id))]).grouped(
            "ref"
        )
        ambiguous = {ref for ref, partners in found.items() if len(partners) > 1}
        missing = [ref for ref in names if ref not in found]
        created = Partner.create([self._prepare_partner_values(ref, names[ref]) for ref in missing])
        partners = {ref: partners for ref, partners in found.items() if ref not in ambiguous}
        partners.update(zip(missing, created, strict=True))
        return partners, len(created), ambiguous

    def _prepare_partner_values(self, ref, name):
        """Values of the contact of a customer who is not known yet."""
        return {"name": name or self._get_placeholder_name(ref), "ref": ref}

    def _prepare_event_values(self, purchase, member):
        """Values of the event that a purchase is: at noon of its day, in the club's time zone."""
        club = self.club_id
        noon = periods.utc_instant(datetime.combine(purchase.day, time(12)), club.tz)
        return {
            "member_id": member.id,
            "type": "purchase",
            "occurred_at": min(noon, fields.Datetime.now()) if purchase.day == club._get_today() else noon,
            "key": f"import,{club.id}:{purchase.key()}",
            "amount": float(purchase.amount),
            "payload": {"channel": "import", "quantity": imports.plain(purchase.quantity)},
        }

    def _record_events(self, values):
        """Record events once and let the rules evaluate them.

        :return: the figures ``events_new``, ``events_known`` and ``points``
        :rtype: dict
        """
        Event = self.env["club.event"].sudo()
        known = set(Event.search([("key", "in", [vals["key"] for vals in values])]).mapped("key"))
        events = Event._record([vals for vals in values if vals["key"] not in known])
        mark = self._get_mark()
        events._process()
        _risen, points = self._count_since(mark)
        return {"events_new": len(events), "events_known": len(known), "points": points}
