"""The counter: who is this, what is there to say, and what can be done now."""

from odoo import api, models
from odoo.addons.customer_club.engine import counter, errors, text
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

#: Members shown when a search fits several.
SHOWN = 8
#: What of a caller's context is kept; a default in it could say who sold what to whom (abuse.md 5).
KEPT_CONTEXT = ("lang", "tz", "allowed_company_ids")


class ClubCounter(models.AbstractModel):
    """What the page at the counter asks of the server.

    Every public method is for the club's users, whoever they are in Odoo's other apps, and works in a club of a company
    that the user works in. A sale is then made as superuser: exactly one order, of exactly the member found.
    Methods that do something take a ``token`` that the page drew; the same token again does nothing again.
    """

    _name = "club.counter"
    _description = "Club Counter"

    # -- whom the page may ask for -----------------------------------------------------------------

    def _begin(self):
        """This model as a user of the club, with a context that no caller can put defaults into.

        :raise AccessError: for everybody else.
        """
        if not self.env.user.has_group("customer_club.group_club_user"):
            raise AccessError(
                self.env._(
                    "The counter is for the club's users. Ask an administrator for the group Customer Club: User."
                )
            )
        context = {name: self.env.context[name] for name in KEPT_CONTEXT if name in self.env.context}
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        return self.with_context(context)  # pylint: disable=context-overridden

    def _get_club(self, club_id):
        """A club of the companies that the user works in; the first one for no id."""
        wanted = Domain("id", "=", self._read_id(club_id)) if club_id else Domain.TRUE
        club = self.env["club.club"].search(wanted, limit=1)
        if not club:
            raise UserError(
                self.env._("There is no such club in the companies that you work in. Choose another one at the top.")
                if club_id
                else self.env._("There is no club yet. Ask a manager to set one up.")
            )
        return club.with_company(club.company_id)

    def _get_member(self, member_id):
        """An active member of the companies that the user works in; the same answer for absent and another's."""
        member = self.env["club.member"].search(
            [("id", "=", self._read_id(member_id)), ("state", "=", "active")], limit=1
        )
        if not member:
            raise UserError(
                self.env._("This member is not in the club any more, or not in your company. Search again.")
            )
        return member.with_company(member.company_id)

    @api.model
    def _read_id(self, value):
        """An id as the page sends it; 0 for what is none."""
        good = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
        return value if good else 0

    # -- opening -----------------------------------------------------------------------------------

    @api.model
    def open_counter(self, club_id=None):
        """What the page needs once: the clubs, the ways to pay, and what the user did last.

        :rtype: dict
        """
        self = self._begin()
        clubs = self.env["club.club"].search([], limit=200)
        if not clubs:
            return {"clubs": [], "manager": self.env.user.has_group("customer_club.group_club_manager")}
        club = clubs.filtered(lambda club: club.id == self._read_id(club_id)) or clubs[:1]
        journals, problem = [], ""
        try:
            journals = [{"id": journal.id, "name": journal.name} for journal in club._get_counter_journals()]
        except UserError as error:
            problem = str(error)
        return {
            "clubs": [{"id": club.id, "name": club.name} for club in clubs],
            "club": {
                "id": club.id,
                "name": club.name,
                "point_name": club.point_name,
                "terms_url": f"/club/join/{club.id}" if club.terms_id else "",
                "calendar": club.calendar,
                "currency": club.currency_id.symbol,
                "decimals": club.currency_id.decimal_places,
            },
            "journals": journals,
            "problem": problem,
            "last": self.env["club.counter.operation"]._get_last(self.env.user)._show(),
            "feedback": "club.feedback" in self.env and self.env["club.feedback"].has_access("create"),
        }

    # -- finding -----------------------------------------------------------------------------------

    @api.model
    def find_member(self, query="", club_id=None):
        """Whom a number, a telephone number, a scanned code or a name stands for.

        :return: ``kind`` is ``member`` (with all there is to show), ``list`` (several; telephones masked), ``new`` (a
            telephone number of nobody: enrol, with the contacts that have it) or ``none``.
        :rtype: dict
        """
        self = self._begin()
        club = self._get_club(club_id)
        search = counter.read_search(str(query or ""), club.company_id.country_id.code or "")
        if not search:
            return {
                "kind": "none",
                "text": self.env._("Type a member number, a telephone number, or two letters of a name."),
            }
        members = self._find_members(club, search)
        if len(members) == 1:
            return {"kind": "member", "member": members._show_at_counter()}
        if members:
            return {
                "kind": "list",
                "members": [member._show_in_counter_list() for member in members[:SHOWN]],
                "more": len(members) > SHOWN,
            }
        if search.phones:
            contacts = self._find_contacts(club, search.phones)
            return {
                "kind": "new",
                "phone": search.phones[0],
                "contacts": [
                    {"id": contact.id, "name": contact.display_name, "phone": counter.mask_phone(contact.phone or "")}
                    for contact in contacts
                ],
            }
        return {
            "kind": "none",
            "text": self.env._(
                'Nobody was found for "%(query)s". Type the mobile number to enrol a new member.',
                query=str(query)[:60].strip(),
            ),
        }

    @api.model
    def show_member(self, member_id=None):
        """All there is to show of one member, chosen from a list.

        :rtype: dict
        """
        return self._begin()._get_member(member_id)._show_at_counter()

    def _find_members(self, club, search):
        """The active members of the club whom a search fits, one more than is shown; the surest reading wins."""
        Member = self.env["club.member"]
        of_club = Domain("club_id", "=", club.id) & Domain("state", "=", "active")
        for domain in self._get_member_domains(club, search):
            members = Member.search(of_club & domain, limit=SHOWN + 1)
            if members:
                return members
        return Member

    def _get_member_domains(self, club, search):
        """Domains on members, the surest first. An override may look further."""
        if search.number:
            yield Domain("number", "=", search.number)
        if search.phones:
            yield self._get_partner_domain(club, Domain("phone_sanitized", "in", search.phones))
        if search.digits:
            yield Domain("number", "=like", f"%{search.digits}%") | self._get_partner_domain(
                club, Domain("phone_sanitized", "=like", f"%{search.digits}")
            )
        if search.name:
            yield self._get_partner_domain(
                club, Domain.AND(Domain("name", "ilike", word) for word in search.name.split()[:6])
            )

    def _get_partner_domain(self, club, domain):
        """Members by a domain on their contact; also by a colleague's where the company is the member."""
        found = Domain("partner_id", "any", domain)
        if club.earner == "company":
            found |= Domain("partner_id.child_ids", "any", domain)
        return found

    def _find_contacts(self, club, phones):
        """Contacts with one of these numbers, as persons: an address of somebody stands for that one."""
        partners = (
            self.env["res.partner"]
            .sudo()
            .search([("phone_sanitized", "in", phones), ("company_id", "in", (False, club.company_id.id))], limit=SHOWN)
        )
        persons = partners.browse()
        for partner in partners:
            address = partner.type != "contact" and partner.parent_id
            persons |= partner.parent_id if address else partner
        return persons

    # -- enrolling ---------------------------------------------------------------------------------

    @api.model
    def enrol_member(self, club_id=None, phone="", name="", partner_id=None, terms=False, marketing=False, token=""):
        """Make somebody a member by a telephone number alone; who is one already is simply shown.

        :param str phone: as typed; :param str name: may be empty.
        :param int partner_id: which of several contacts with this number.
        :param bool terms: the person agreed to the club's terms (needed where there are any).
        :param bool marketing: the person agreed to marketing messages too.
        :return: ``member`` as :meth:`show_member`, ``message``, ``last`` (the operation).
        :raise UserError: what is missing or wrong; nobody was enrolled.
        """
        self = self._begin()
        club = self._get_club(club_id)
        number = self._read_phone(club, phone)
        content = [number, self._read_id(partner_id), bool(terms), bool(marketing)]
        operation, new = self.env["club.counter.operation"]._begin(club, "enrol", token, content)
        if new:
            known = self._find_members(club, counter.Search(phones=(number,)))
            member = known[:1] or self._enrol(club, number, name, partner_id, bool(terms), bool(marketing))
            operation.member_id = member
            message = (
                self.env._("%(member)s is a member already.", member=member.partner_id.name)
                if known
                else self.env._("Welcome! %(member)s is a member now.", member=member.partner_id.name)
            )
        else:
            member = self._get_member(operation.member_id.id)
            message = self.env._("%(member)s is a member now.", member=member.partner_id.name)
        member = member.with_env(self.env)
        return {"member": member._show_at_counter(), "message": message, "last": operation._show()}

    def _read_phone(self, club, typed):
        try:
            return text.phone_e164(str(typed or "")[:40], club.company_id.country_id.code or "")
        except errors.PhoneError:
            raise UserError(
                self.env._(
                    '"%(phone)s" is not a telephone number that is in use. Nobody was enrolled: check the digits, and '
                    "type the country code if it is a foreign number.",
                    phone=str(typed or "")[:40],
                )
            ) from None

    def _enrol(self, club, number, name, partner_id, terms, marketing):
        contacts = self._find_contacts(club, (number,))
        chosen = contacts.filtered(lambda contact: contact.id == self._read_id(partner_id)) if partner_id else contacts
        if len(chosen) > 1 or (partner_id and not chosen):
            raise UserError(self.env._("Several contacts have this number. Nobody was enrolled: choose one of them."))
        partner = chosen or self._create_contact(club, number, name)
        return club._join(partner, consent_terms=terms, consent_marketing=marketing, source="counter")

    def _create_contact(self, club, number, name):
        Partner = self.env["res.partner"].sudo()
        self._queue_up(club, Partner.new({"phone": number}))
        name = text.normalise(str(name or ""))[:100]
        return Partner.create({"name": name or number, "phone": number})

    def _queue_up(self, club, stranger):
        """Two counters that enrol one number at the same moment: the second meets a serialization error, which Odoo
        answers by a retry that finds the first's contact.

        For a number that never joined, the unique identity does so when the member is made; for one that was here
        before, its row is touched. In SQL, because the ORM leaves out a write that changes nothing.
        """
        identity = self.env["club.identity"].sudo()
        self.env.execute_query(
            SQL(
                "UPDATE club_identity SET club_id = club_id WHERE club_id = %s AND digest = ANY(%s) RETURNING id",
                club.id,
                identity._get_digests(stranger),
            )
        )

    @api.model
    def name_member(self, member_id=None, name=""):
        """Give a name to a member who was enrolled by telephone number alone; nobody else's name can be changed here.

        :return: the member, as :meth:`show_member`.
        """
        self = self._begin()
        member = self._get_member(member_id)
        name = text.normalise(str(name or ""))[:100]
        if not name:
            raise UserError(self.env._("The name is empty. Nothing was saved: type the name, or leave it for later."))
        if not member._is_unnamed():
            raise UserError(
                self.env._("%(member)s has a name already. Change it on the contact.", member=member.partner_id.name)
            )
        member.sudo().partner_id.name = name
        return member._show_at_counter()

    # -- checking in -------------------------------------------------------------------------------

    @api.model
    def check_in(self, member_id=None, token=""):
        """Note that a member came, once a day.

        :return: ``member``, ``message``, ``last``, and the ``question`` that is due, if any.
        """
        self = self._begin()
        member = self._get_member(member_id)
        operation, new = self.env["club.counter.operation"]._begin(member.club_id, "check_in", token, [member.id])
        if new:
            operation.write({"member_id": member.id, "event_id": self._note_visit(member, operation).id})
        visit = operation.event_id
        if not visit:
            message = self.env._("%(member)s was here today already; nothing was added.", member=member.partner_id.name)
        elif visit.points:
            message = self.env._(
                "%(member)s is checked in: %(points)s.",
                member=member.partner_id.name,
                points=member.club_id._show_points(visit.points, signed=True),
            )
        else:
            message = self.env._("%(member)s is checked in.", member=member.partner_id.name)
        return self._show_done(member, message, operation, "visit")

    def _note_visit(self, member, operation):
        """The visit, if it is the first of its day; nothing for one that was noted before."""
        Event = self.env["club.event"].sudo()
        newest = Event.search([("member_id", "=", member.id), ("type", "=", "visit")], limit=1, order="id desc")
        visit = member.sudo()._record_visit("counter", origin=operation)
        return visit.filtered(lambda event: event.id > newest.id)

    def _show_done(self, member, message, operation, happening, order=None):
        """What the page shows after something was done."""
        member = member.with_env(self.env)
        member.invalidate_recordset()
        shown = member._show_at_counter(question=False)
        question = self.env["club.question"]._get_due(member, "counter", happening, order)
        return {
            "member": shown,
            "message": message,
            "last": operation._get_last(self.env.user)._show(),
            "question": question._show() if question else False,
        }

    # -- questions ---------------------------------------------------------------------------------

    @api.model
    def answer_question(self, member_id=None, question_id=None, given=None, operation_id=None):
        """Keep what a member answered (or would rather not), on the sale that it was asked about.

        :param dict given: ``choice_id``, ``text``, ``date``, ``yes``, or ``skip``.
        :param int operation_id: the user's own sale at the counter, if there was one.
        :return: ``message`` and ``member``.
        """
        self = self._begin()
        member = self._get_member(member_id)
        question = self.env["club.question"].search(
            [("id", "=", self._read_id(question_id)), ("club_id", "=", member.club_id.id), ("by_counter", "=", True)]
        )
        if not question:
            raise UserError(self.env._("This question is not asked any more. Nothing was kept."))
        operation = self.env["club.counter.operation"].search(
            [
                ("id", "=", self._read_id(operation_id)),
                ("user_id", "=", self.env.uid),
                ("member_id", "=", member.id),
                ("kind", "=", "sale"),
            ]
        )
        given = given if isinstance(given, dict) else {}
        answer = self.env["club.question.answer"]._give(
            member, question, given, "counter", operation.sudo().order_id or None
        )
        message = "" if answer.skipped else self.env._("Noted: %(answer)s", answer=answer.value)
        if answer.occasion_id:
            message = self.env._("Noted: %(answer)s. It is kept for every year.", answer=answer.value)
        return {"message": message, "member": member._show_at_counter()}
