"""Members with their profile, occasions, consents and opening balances, from an XLSX or CSV."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import imports, lots, periods
from odoo.addons.customer_club.engine.errors import EngineError


class ClubMemberImport(models.Model):
    """Makes members of the people of a list and completes what is known about them. It never overwrites.

    A person is found by reference, phone or e-mail, however they are typed. Of a contact that exists only blank fields
    are filled; a consent is taken only from somebody who has never decided; an occasion is added where there is none
    of its kind.
    An opening balance is one ledger entry per member and ``reference`` (never.md 18).
    """

    _name = "club.member.import"
    _description = "Import of Members"
    _inherit = ["club.import"]

    reference = fields.Char(
        string="Name of the Opening Balances",
        default="opening",
        required=True,
        help="A member gets one opening balance under each name, whatever file it comes from. Change it only for "
        "balances that are to be given in addition.",
    )
    column_ids = fields.One2many(
        "club.member.import.column",
        "import_id",
        string="Columns",
        compute="_compute_column_ids",
        store=True,
        readonly=False,
    )

    @api.depends("file")
    def _compute_column_ids(self):
        for record in self:
            record.column_ids = record._prepare_column_commands()

    @api.depends("club_id.name", "filename")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(club)s: %(what)s",
                club=record.club_id.name or "",
                what=record.filename or self.env._("members"),
            )

    # -- what this import is -------------------------------------------------------------------------

    @api.model
    def _get_column_names(self):
        return imports.MEMBER_COLUMNS

    @api.model
    def _get_required_fields(self):
        return [("ref", "phone", "email")]

    def _get_figure_labels(self):
        would = self.state in ("draft", "checked")
        return {
            "people": self.env._("People read"),
            "members_new": self.env._("Who would become members") if would else self.env._("Who became members"),
            "contacts_new": self.env._("Of them, new contacts"),
            "members_known": self.env._("Who were members already"),
            "contacts_completed": self.env._("Contacts with blank fields filled in"),
            "consents": self.env._("Consents written down"),
            "occasions": self.env._("Birthdays and anniversaries added"),
            "openings": self.env._("Opening balances"),
            "points": self.env._("Points of the opening balances"),
            "openings_known": self.env._("Opening balances that were imported before (nothing happens)"),
            "points_other": self.env._("Points for joining"),
            "points_expired": self.env._("Points that have expired since"),
        }

    def _read_items(self):
        region = self.company_id.country_id.code or ""
        return imports.read_people(
            self._read_table(), self._get_mapping(), self.club_id._get_today(), region, self.calendar
        )

    def _import_batch(self, people):
        """Import people: a constant number of queries, whatever their number."""
        problems = []
        partners = self._find_partners(people, problems)
        people = [person for person in people if person.row in partners]
        figures = {
            "people": len(people),
            "contacts_new": self._create_partners(people, partners),
            "contacts_completed": self._complete_partners(people, partners),
        }
        members, figures["members_new"] = self._enrol_people(people, partners, problems)
        figures["members_known"] = len(members) - figures["members_new"]
        people = [person for person in people if person.row in members]
        self._set_joined(people, members)
        figures["consents"] = self._record_consents(people, members)
        figures["occasions"] = self._add_occasions(people, members)
        figures.update(self._post_openings(people, members, problems))
        return figures, problems

    # -- who is who ----------------------------------------------------------------------------------

    def _find_partners(self, people, problems):
        """The contact of each person by row, empty for a new one; whom it cannot tell is left out with a problem.

        :rtype: dict of int to ``res.partner``
        """
        Partner = self.env["res.partner"].sudo().with_company(self.company_id)
        marks = {
            "ref": ("ref", [person.ref for person in people if person.ref]),
            "phone": ("phone_sanitized", [person.phone for person in people if person.phone]),
            "email": ("email_normalized", [person.email for person in people if person.email]),
        }
        known = {}
        for mark, (field, values) in marks.items():
            partners = (
                Partner.search([(field, "in", values), ("company_id", "in", (False, self.company_id.id))])
                if values
                else Partner
            )
            known[mark] = partners.grouped(field)
        found, owners = {}, {}
        for person in people:
            partner, problem = self._choose_partner(person, known, Partner)
            if not problem and partner and owners.setdefault(partner.id, person.row) != person.row:
                problem = ("ref" if person.ref else "phone" if person.phone else "email", "duplicate")
            if problem:
                field, reason = problem
                problems.append(imports.Problem(person.row, field, getattr(person, field), reason))
            else:
                found[person.row] = partner
        return found

    @api.model
    def _choose_partner(self, person, known, Partner):
        """The one contact that all of a person's marks allow.

        :return: the contact (empty: nobody has any of the marks), and ``(field, reason)`` if it cannot be told
        """
        chosen = Partner
        for mark in ("ref", "phone", "email"):
            partners = known[mark].get(getattr(person, mark)) if getattr(person, mark) else None
            if not partners:
                continue
            if chosen and chosen not in partners:
                return Partner, (mark, "other_person")
            if not chosen and len(partners) > 1:
                return Partner, (mark, "ambiguous")
            chosen = chosen or partners
        if chosen and person.ref and chosen.ref and chosen.ref != person.ref:
            return Partner, ("ref", "other_person")
        return chosen, None

    def _create_partners(self, people, partners):
        """Create the contacts that are missing, into ``partners``; return how many."""
        missing = [person for person in people if not partners[person.row]]
        created = (
            self.env["res.partner"]
            .sudo()
            .with_company(self.company_id)
            .with_context(
                tracking_disable=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
            )
            .create([self._prepare_partner_values(person) for person in missing])
        )
        partners.update((person.row, partner) for person, partner in zip(missing, created, strict=True))
        return len(created)

    def _prepare_partner_values(self, person):
        """Values of the contact of a person; without a name the person is called by what is known."""
        return {
            "name": person.name or person.phone or person.email or self._get_placeholder_name(person.ref),
            "ref": person.ref or False,
            "phone": person.phone or False,
            "email": person.email or False,
        }

    def _complete_partners(self, people, partners):
        """Fill the blank fields of contacts that exist; return of how many."""
        completed = 0
        for person in people:
            partner = partners[person.row]
            values = {
                field: getattr(person, field)
                for field in ("ref", "phone", "email")
                if getattr(person, field) and not partner[field]
            }
            if person.name and partner.name in self._get_placeholder_names(partner):
                values["name"] = person.name
            if values:  # the update of many contacts is one query at the flush
                partner.write(values)
                completed += 1
        return completed

    def _get_placeholder_names(self, partner):
        """Names that an import gave to a contact whose name nobody knew."""
        return {
            False,
            partner.ref,
            partner.phone,
            partner.email,
            partner.ref and self._get_placeholder_name(partner.ref),
        }

    def _enrol_people(self, people, partners, problems):
        """The member of each person by row, and how many are new."""
        club = self.club_id
        members, new, _left = self._enrol_partners(partners[person.row] for person in people)
        found = {}
        for person in people:
            member = members.get(club._get_earners(partners[person.row]).id)
            if member:
                found[person.row] = member
            else:
                mark = "ref" if person.ref else "phone" if person.phone else "email"
                problems.append(imports.Problem(person.row, mark, getattr(person, mark), "left"))
        return found, new

    # -- what is known about them --------------------------------------------------------------------

    def _set_joined(self, people, members):
        """A member has been one since the earliest day that anybody knows of."""
        for person in people:
            if person.joined:
                joined_at = periods.day_bounds(person.joined, self.club_id.tz)[0]
                if joined_at < members[person.row].joined_at:
                    members[person.row].joined_at = joined_at

    def _record_consents(self, people, members):
        """Write down the consents of those who have never decided; return how many.

        A later decision of the member counts more than any list: somebody who withdrew a consent is not opted in again.
        """
        rows = (
            self.env["club.consent"]
            .sudo()
            ._read_group(
                [("member_id", "in", [member.id for member in members.values()])],
                ["member_id", "kind"],
            )
        )
        decided = {(member.id, kind) for member, kind in rows}
        Member = self.env["club.member"].sudo()
        count = 0
        for kind in ("terms", "marketing"):
            fresh = {
                members[person.row].id
                for person in people
                if getattr(person, kind) and (members[person.row].id, kind) not in decided
            }
            if fresh:
                Member.browse(sorted(fresh))._record_consent(kind, True, "import")
                count += len(fresh)
        return count

    def _add_occasions(self, people, members):
        """Add the occasions of which a member has none of the kind; return how many."""
        Occasion = self.env["club.occasion"].sudo()
        rows = Occasion.with_context(active_test=False)._read_group(
            [("member_id", "in", [member.id for member in members.values()])],
            ["member_id", "kind"],
        )
        known = {(member.id, kind) for member, kind in rows}
        values = []
        for person in people:
            member = members[person.row]
            for occasion in person.occasions:
                if (member.id, occasion.kind) not in known:
                    known.add((member.id, occasion.kind))
                    values.append(self._prepare_occasion_values(member, occasion))
        Occasion.create(values)
        return len(values)

    def _prepare_occasion_values(self, member, occasion):
        """Values of an occasion; it returns in the calendar in which it was written."""
        year, month, day = periods.parts(occasion.day, occasion.calendar)
        return {
            "member_id": member.id,
            "kind": occasion.kind,
            "calendar": occasion.calendar,
            "year": year,
            "month": month,
            "day": day,
        }

    # -- opening balances ----------------------------------------------------------------------------

    def _post_openings(self, people, members, problems):
        """Post the opening balances that are not in the ledger yet: one per member and reference."""
        Entry = self.env["club.point.entry"].sudo()
        digits = self.club_id.points_digits
        wanted = {}
        for person in people:
            reason = self._get_opening_problem(person, members[person.row], digits)
            if reason:
                problems.append(imports.Problem(person.row, "points", imports.plain(person.points), reason))
            elif person.points:
                wanted[self._get_opening_key(members[person.row])] = person
        posted = Entry.search([("key", "in", list(wanted))]).grouped("key")
        values = []
        for key, person in wanted.items():
            if key not in posted:
                values.append(self._prepare_opening_values(key, person, members[person.row]))
            elif lots.to_decimal(posted[key].points) != person.points:
                problems.append(imports.Problem(person.row, "points", imports.plain(person.points), "other_balance"))
        entries = Entry._post(values)
        return {"openings": len(entries), "points": sum(entries.mapped("points")), "openings_known": len(posted)}

    def _get_opening_problem(self, person, member, digits):
        """Why a person's opening balance cannot be; ``None`` if it can or there is none."""
        if not person.points:
            return None
        if member.partner_id in (self.env.user.partner_id | self.env.user.partner_id.commercial_partner_id):
            return "own"
        try:
            lots.exact(person.points, digits)
        except EngineError:
            return "decimals"
        return None

    def _get_opening_key(self, member):
        return f"import,opening:{self.reference.strip()}:{member.id}"

    def _prepare_opening_values(self, key, person, member):
        """Values of an opening entry; without a day of its own it expires by the club's policy, counted from today."""
        values = {
            "member_id": member.id,
            "kind": "opening",
            "points": person.points,
            "key": key,
            "origin": self,
            "user_id": self.env.uid,
            "note": self.env._("Opening balance (%(reference)s)", reference=self.reference.strip()),
        }
        if person.expires:
            values["expires_on"] = person.expires
        return values
