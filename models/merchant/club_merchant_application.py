"""A business asks to become a partner of the club."""

import re
import unicodedata

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

MANAGER = "customer_club.group_club_manager"
#: What only the steps set: with their first values.
STEPS = {"state": "draft", "decided_by_id": False, "decided_at": False, "merchant_id": False}
#: How much of each text is kept.
LENGTHS = {"name": 100, "contact_name": 100, "email": 254, "phone": 32, "vat": 32, "trade": 64, "offer": 2000}


class ClubMerchantApplication(models.Model):
    """What the applicant wrote, and what the club decided.

    An application is text of a stranger: nothing of it becomes a contact, a merchant or an account before a manager
    accepts it.
    """

    _name = "club.merchant.application"
    _description = "Application of a Merchant"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "id desc"

    club_id = fields.Many2one(
        "club.club",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["club.club"].search([("company_id", "in", self.env.companies.ids)], limit=1),
    )
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    name = fields.Char(string="Company Name", required=True)
    contact_name = fields.Char(string="Contact Person", required=True)
    email = fields.Char(required=True)
    phone = fields.Char()
    vat = fields.Char(string="Tax ID")
    trade = fields.Char(help="What kind of business it is.")
    offer = fields.Text(string="What They Offer", help="What members could get there for their points.")
    applicant_id = fields.Many2one(
        "res.partner", string="Signed In As", readonly=True, index="btree_not_null", ondelete="set null"
    )
    lang = fields.Char(readonly=True, default=lambda self: self.env.lang)
    terms_accepted_at = fields.Datetime(readonly=True, copy=False)
    terms_accepted = fields.Html(readonly=True, copy=False, sanitize=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Waits for a decision"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    answer = fields.Text(help="What the applicant reads with the decision.", copy=False)
    partner_id = fields.Many2one(
        "res.partner",
        string="Existing Company",
        domain="[('company_id', 'in', [False, company_id])]",
        copy=False,
        ondelete="restrict",
        help="A contact that this business is already. Empty: a new one is made.",
    )
    merchant_id = fields.Many2one("club.merchant", readonly=True, copy=False, ondelete="restrict")
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True, copy=False)
    similar = fields.Text(string="Known Already", compute="_compute_similar")
    form_key = fields.Char(readonly=True, copy=False, groups="base.group_system")
    access_token = fields.Char(readonly=True, copy=False, groups="base.group_system")
    address_digest = fields.Char(readonly=True, copy=False, groups="base.group_system")
    address_slot = fields.Integer(readonly=True, copy=False, groups="base.group_system")

    _form_key_unique = models.Constraint("UNIQUE(form_key)", "This form was sent already.")
    _address_unique = models.UniqueIndex("(address_digest, address_slot) WHERE address_digest IS NOT NULL")
    _email_idx = models.Index("(club_id, lower(email))")

    # -- computes ------------------------------------------------------------

    @api.depends("email", "phone", "vat", "name", "club_id")
    def _compute_similar(self):
        for application in self:
            application.similar = "\n".join(application._find_similar())

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Every application begins as a draft, with its texts cut to their length."""
        return super().create([{**self._cut(vals), **STEPS} for vals in vals_list])

    def write(self, vals):
        if STEPS.keys() & vals.keys():
            raise AccessError(
                self.env._("%(name)s: an application is decided with its buttons.", name=self[:1].display_name)
            )
        return super().write(self._cut(vals))

    @api.model
    def _cut(self, vals):
        return {
            name: value[: LENGTHS[name]] if name in LENGTHS and isinstance(value, str) else value
            for name, value in vals.items()
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        decided = self.filtered("merchant_id")
        if decided:
            raise UserError(
                self.env._(
                    "%(name)s became a partner by its application, which stays. Archive the partner instead.",
                    name=decided[0].name,
                )
            )

    # -- steps ---------------------------------------------------------------

    def _update_state(self, state, allowed, values=None):
        """The one way from a state to another.

        :param state: the new one; :param allowed: the states that it may come from; :param values: set with it.
        :raise UserError: from any other state.
        """
        self._check_state(*allowed)
        super(ClubMerchantApplication, self.sudo()).write({**(values or {}), "state": state})

    def _check_state(self, *allowed):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for application in self:
            if application.state not in allowed:
                raise UserError(
                    self.env._(
                        "The application of %(name)s is in the state “%(state)s”, so this cannot be done any more.",
                        name=application.name,
                        state=labels[application.state],
                    )
                )

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a club manager decides applications of partners."))

    def action_submit(self):
        """Hand a draft in: a manager can decide it."""
        self.check_access("write")
        self._update_state("submitted", ("draft",))

    def action_accept(self):
        """Make the business a merchant, and let its contact person into the portal."""
        self.ensure_one()
        self._check_manager()
        self.check_access("write")
        self._lock_rows()
        self._check_state("submitted")
        company = self.sudo()._make_company()
        merchant = self._make_merchant(company)
        self._update_state(
            "accepted",
            ("submitted",),
            {**self._prepare_decision(), "merchant_id": merchant.id, "partner_id": company.id},
        )
        self.sudo()._let_in(merchant)
        self._tell("customer_club.mail_template_application_accepted")
        return merchant._get_records_action()

    def action_refuse(self):
        """Refuse; the applicant reads the words of the answer."""
        self._check_manager()
        self.check_access("write")
        self._lock_rows()
        for application in self:
            if not (application.answer or "").strip():
                raise UserError(
                    self.env._(
                        "Write an answer to %(name)s first: the applicant reads why it was refused.",
                        name=application.name,
                    )
                )
        self._update_state("refused", ("submitted",), self._prepare_decision())
        self._tell("customer_club.mail_template_application_refused")

    def action_withdraw(self):
        """Take an application back, on the applicant's word."""
        self.check_access("write")
        self._withdraw()

    def action_view_merchant(self):
        """Open the merchant that came of it."""
        self.ensure_one()
        return self.merchant_id._get_records_action()

    def _withdraw(self):
        self._lock_rows()
        self._update_state("withdrawn", ("draft", "submitted"), {"decided_at": fields.Datetime.now()})

    def _prepare_decision(self):
        return {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}

    def _lock_rows(self):
        """Two decisions at one moment follow one another; the second starts over and finds the first."""
        # SQL, because the row must change: a second transaction then starts over with a new snapshot.
        self.env.execute_query(
            SQL(
                "UPDATE club_merchant_application SET write_date = write_date WHERE id IN"
                " (SELECT id FROM club_merchant_application WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)"
                " RETURNING 1",
                self.ids,
            )
        )
        self.invalidate_recordset(["state"])

    # -- accepting -----------------------------------------------------------

    def _make_company(self):
        """The company's contact: the one the manager chose, else a new one of the club's company."""
        if self.partner_id:
            return self.partner_id
        return self.env["res.partner"].create(
            {
                "name": self.name,
                "is_company": True,
                "vat": self.vat,
                "email": self.email,
                "phone": self.phone,
                "company_id": self.company_id.id,
                "lang": self.lang,
            }
        )

    def _make_merchant(self, company):
        known = (
            self.env["club.merchant"]
            .sudo()
            .search([("club_id", "=", self.club_id.id), ("partner_id", "=", company.id)], limit=1)
        )
        if known:
            raise UserError(
                self.env._(
                    "%(name)s is a partner of %(club)s already. Refuse the application, or choose another company.",
                    name=company.name,
                    club=self.club_id.name,
                )
            )
        return self.env["club.merchant"].create(
            {"partner_id": company.id, "club_id": self.club_id.id, "code": self._find_code()}
        )

    def _find_code(self):
        """A free code made of the name: what other systems call the merchant."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:30] or "partner"
        taken = set(
            self.env["club.merchant"]
            .sudo()
            .with_context(active_test=False)
            .search([("club_id", "=", self.club_id.id), ("code", "=like", base.replace("_", r"\_") + "%")])
            .mapped("code")
        )
        number, code = 1, base
        while code in taken:
            number += 1
            code = f"{base}-{number}"
        return code

    def _let_in(self, merchant):
        """The contact person may redeem and see the account: who was signed in, or has the e-mail, or is invited."""
        email = email_normalize(self.email)
        person = self.applicant_id
        if not person:
            user = self.env["res.users"].search([("login", "=", email)], limit=1) if email else None
            person = user.partner_id if user else self._make_contact(merchant)
        users = person.user_ids.filtered(lambda user: merchant.company_id in user.company_ids)
        merchant.write(
            {
                "account_partner_ids": [Command.link(person.id)],
                "staff_ids": [Command.link(person.id)],
                "user_ids": [Command.link(user.id) for user in users],
            }
        )

    def _make_contact(self, merchant):
        """A contact of the company who is invited to the portal."""
        contact = self.env["res.partner"].create(
            {
                "name": self.contact_name,
                "parent_id": merchant.partner_id.id,
                "type": "contact",
                "email": self.email,
                "phone": self.phone,
                "lang": self.lang,
            }
        )
        wizard = self.env["portal.wizard"].create({"partner_ids": [Command.set(contact.ids)]})
        wizard.user_ids.filtered(lambda line: line.partner_id == contact).action_grant_access()
        return contact

    # -- who is known --------------------------------------------------------

    def _find_similar(self):
        """Sentences about other applications, partners and contacts with the same tax number, e-mail or phone."""
        self.ensure_one()
        if not self.club_id:
            return []
        _ = self.env._
        found = [
            _(
                "Application of %(name)s (%(day)s)",
                name=other.name,
                day=self.club_id._show_day(other.create_date.date()),
            )
            for other in self._search_similar_applications()
        ]
        partners = self._search_similar_partners()
        merchants = self.env["club.merchant"].search(
            [("club_id", "=", self.club_id.id), ("partner_id", "in", partners.commercial_partner_id.ids)], limit=5
        )
        found += [_("Partner of the club: %(name)s", name=merchant.name) for merchant in merchants]
        rest = (partners.commercial_partner_id - merchants.partner_id)[:5]
        return found + [_("Contact: %(name)s", name=partner.display_name) for partner in rest]

    def _search_similar_applications(self):
        domain = Domain.FALSE
        if self.email:
            domain |= Domain("email", "=ilike", self.email)
        if self.phone:
            domain |= Domain("phone", "=", self.phone)
        if self.vat:
            domain |= Domain("vat", "=", self.vat)
        return self.search(
            domain
            & Domain("club_id", "=", self.club_id.id)
            & Domain("id", "not in", self.ids)
            & Domain("state", "!=", "withdrawn"),
            limit=5,
        )

    def _search_similar_partners(self):
        domain = Domain.FALSE
        email = email_normalize(self.email or "")
        if email:
            domain |= Domain("email_normalized", "=", email)
        if self.phone:
            domain |= Domain("phone_sanitized", "=", self.phone)
        if self.vat:
            domain |= Domain("vat", "=", self.vat)
        return self.env["res.partner"].search(
            domain & Domain("company_id", "in", [False, self.company_id.id]), limit=10
        )
