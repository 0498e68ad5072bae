"""Adopt an existing Odoo loyalty program: its cards become members, their points opening entries."""

from decimal import ROUND_DOWN, Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

LISTED = 50
FORMULAS = {"money": "per_amount", "order": "fixed", "unit": "per_unit"}


class ClubAdoptWizard(models.TransientModel):
    _name = "club.adopt.wizard"
    _description = "Adopt a Loyalty Program"
    _inherit = "club.bounded"

    program_id = fields.Many2one(
        "loyalty.program",
        string="Loyalty Program",
        required=True,
        domain="[('program_type', '=', 'loyalty'), ('club_ids', '=', False)]",
    )
    name = fields.Char(string="Name of the Club", compute="_compute_name", store=True, readonly=False)
    earner = fields.Selection(
        selection=lambda self: self.env["club.club"]._fields["earner"].selection, default="person", required=True
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("program_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.program_id.name

    @api.depends("program_id", "earner")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard._render_preview() if wizard.program_id else False

    # -- what will happen ----------------------------------------------------------------------------

    def _get_cards(self):
        """The program's cards, archived ones with points too, by who would be the member.

        :return: cards by partner, and cards without a partner
        :rtype: tuple(dict, ``loyalty.card``)
        """
        self.ensure_one()
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [("program_id", "=", self.program_id.id), "|", ("active", "=", True), ("points", "!=", 0)],
                order="id",
            )
        )
        anonymous = cards.filtered(lambda card: not card.partner_id)
        company = self.earner == "company"
        return (cards - anonymous).grouped(
            lambda card: card.partner_id.commercial_partner_id if company else card.partner_id
        ), anonymous

    def _render_preview(self):
        """What adopting will do, with the cards that need a look."""
        _ = self.env._
        by_partner, anonymous = self._get_cards()
        doubles = {partner: cards for partner, cards in by_partner.items() if len(cards) > 1}
        digits = self._get_digits()
        total = sum(self._quantize(card.points, digits) for cards in by_partner.values() for card in cards)
        lines = [
            _(
                "%(count)s members, with %(points)s points together, each as an opening entry in the ledger.",
                count=len(by_partner),
                points=f"{total:f}",
            ),
            _("Rewards stay as they are, and members can go on spending."),
            _(
                "The program's own rules stop giving points. They are kept below as proposals for the club's earning "
                "rules, switched off until you have looked at them."
            ),
        ]
        html = Markup("<ul>%s</ul>") % self._items(lines)
        if doubles:
            html += Markup("<h5>%s</h5><ul>%s</ul>") % (
                _("Contacts with several cards, which become one (%(count)s)", count=len(doubles)),
                self._items(
                    _("%(name)s: %(cards)s cards", name=partner.display_name, cards=len(cards))
                    for partner, cards in doubles.items()
                ),
            )
        if anonymous:
            html += Markup("<h5>%s</h5><ul>%s</ul>") % (
                _(
                    "%(count)s cards belong to nobody: they stay as they are and cannot be spent before you name "
                    "their owner and enrol them",
                    count=len(anonymous),
                ),
                self._items(
                    _(
                        "%(code)s: %(points)s points",
                        code=card.code,
                        points=self.env["club.club"]._show_number(card.points),
                    )
                    for card in anonymous
                ),
            )
        html += Markup("<h5>%s</h5><ul>%s</ul>") % (
            _("Proposals for earning rules"),
            self._items(
                [values["name"] for values in self._prepare_rules()]
                or [_("None: the program has no rule that can be kept.")]
            ),
        )
        return html

    @api.model
    def _items(self, texts):
        texts = list(texts)
        more = [self.env._("and %(count)s more", count=len(texts) - LISTED)] if len(texts) > LISTED else []
        return Markup("").join(Markup("<li>%s</li>") % text for text in [*texts[:LISTED], *more])

    def _get_digits(self):
        """0 if every card has whole points, else 2.

        :rtype: int
        """
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(active_test=False)
            .search([("program_id", "=", self.program_id.id)])
        )
        return 0 if all(float(points).is_integer() for points in cards.mapped("points")) else 2

    @api.model
    def _quantize(self, points, digits):
        """A card's float as the points that a member can really spend: rounded down.

        :rtype: Decimal
        """
        number = Decimal(str(round(points, 6)))
        return number.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)

    def _prepare_rules(self):
        """Values of earning rules that do what the program's own rules did, as near as can be; switched off."""
        currency = self.program_id.currency_id
        words = {
            "money": self.env._("%(points)s for each %(amount)s", points="%(points)s", amount=f"1 {currency.name}"),
            "order": self.env._("%(points)s for each order", points="%(points)s"),
            "unit": self.env._("%(points)s for each unit", points="%(points)s"),
        }
        prepared = []
        for rule in self.program_id.sudo().rule_ids.filtered(lambda rule: not rule._is_club_anchor()):
            name = words[rule.reward_point_mode] % {"points": f"{rule.reward_point_amount:g}"}
            if rule.mode == "with_code":
                name = self.env._(
                    "%(rule)s (needed the code %(code)s, which rules of a club do not have)", rule=name, code=rule.code
                )
            products = rule.product_ids
            if rule.product_domain and rule.product_domain != "[]":
                products = rule._get_valid_products()
                name = self.env._("%(rule)s (check the products)", rule=name)
            prepared.append(
                {
                    "name": name,
                    "event_type": "purchase",
                    "active": False,
                    "formula": FORMULAS[rule.reward_point_mode],
                    "points": rule.reward_point_amount,
                    "min_amount": rule.minimum_amount,
                    "min_quantity": rule.minimum_qty if rule.minimum_qty > 1 else 0,
                    "product_ids": [Command.set(products.ids)],
                    "categ_ids": [Command.set(rule.product_category_id.ids)],
                    "tag_ids": [Command.set(rule.product_tag_id.ids)],
                    **({"per_amount": 1.0} if rule.reward_point_mode == "money" else {}),
                }
            )
        return prepared

    # -- doing it ------------------------------------------------------------------------------------

    def action_adopt(self):
        """Make a club of the program, and open it.

        :raise UserError: the program is not a loyalty program, or is a club's already
        """
        self.ensure_one()
        club = self._adopt()
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.club",
            "res_id": club.id,
            "view_mode": "form",
            "target": "current",
        }

    def _adopt(self):
        """Make a club on the program. All or nothing; a second time is refused, so nothing counts twice.

        :rtype: ``club.club``
        """
        self.env["club.club"].check_access("create")
        program = self.program_id.sudo()
        # Locked first: two managers who adopt at once get one club (the second repeats and is refused below).
        self.env.execute_query(SQL("SELECT id FROM loyalty_program WHERE id = %s FOR UPDATE", program.id))
        if program.program_type != "loyalty":
            raise UserError(
                self.env._(
                    "%(program)s is not a loyalty program. Choose one whose points stay on cards.", program=program.name
                )
            )
        if program._filter_club_programs():
            raise UserError(
                self.env._(
                    "%(program)s is the points program of a club already. Nothing was changed.", program=program.name
                )
            )
        company = program.company_id or self.env.company
        if company not in self.env.companies:
            raise UserError(
                self.env._(
                    "%(program)s belongs to %(company)s. Switch to that company first.",
                    program=program.name,
                    company=company.name,
                )
            )
        digits, proposals = self._get_digits(), self._prepare_rules()
        by_partner, _anonymous = self._get_cards()
        balances = {card: self._quantize(card.points, digits) for cards in by_partner.values() for card in cards}
        self.env["club.club"]._empty_cards(self.env["loyalty.card"].sudo().union(*balances))
        club = self._create_club(program, company, digits)
        partners = self.env["res.partner"].union(*by_partner)
        members = club._enrol(partners, "adopt") if partners else self.env["club.member"]
        self._post_openings(program, members, by_partner, balances)
        self._keep_joining_days(members)
        if proposals:
            self.env["club.earn.rule"].create([dict(values, club_id=club.id) for values in proposals])
        return club

    def _create_club(self, program, company, digits):
        Club = self.env["club.club"]
        blank = Club.new({"name": self.name})
        program.write(
            {
                "rule_ids": [Command.clear(), Command.create(blank._prepare_anchor_rule_values())],
                "company_id": company.id,
                "date_from": False,
                "date_to": False,
                "limit_usage": False,
            }
        )
        return Club.create(
            {
                "name": self.name or program.name,
                "company_id": company.id,
                "program_id": program.id,
                "points_digits": digits,
                "point_name": program.portal_point_name or self.env._("Points"),
                "earner": self.earner,
                "expiry_policy": "never",
            }
        )

    @api.model
    def _post_openings(self, program, members, by_partner, balances):
        """One opening entry per card, so that each card's balance can be found again; debts become arrears."""
        by_holder = {member.partner_id: member for member in members.sudo()}
        movements = []
        for partner, cards in by_partner.items():
            member = by_holder[partner]
            for card in cards:
                points = balances[card]
                if points:
                    movements.append(
                        {
                            "member_id": member.id,
                            "points": points,
                            "kind": "opening" if points > 0 else "adjust",
                            "key": f"adopt,{program.id}:card,{card.id}",
                            "happened": points < 0,
                            "note": self.env._("Balance of card %(code)s", code=card.code),
                        }
                    )
            (cards - member.card_id).active = False
        self.env["club.point.entry"].sudo()._post(movements)

    @api.model
    def _keep_joining_days(self, members):
        """Members joined when they got their card: older ones keep their precedence."""
        if members:
            members.flush_recordset()
            # One statement for thousands of members: each takes its own card's day.
            self.env.cr.execute(
                SQL(
                    "UPDATE club_member SET joined_at = card.create_date FROM loyalty_card card WHERE card.id = "
                    "card_id AND club_member.id IN %s",
                    tuple(members.ids),
                )
            )
            members.invalidate_recordset(["joined_at"])
