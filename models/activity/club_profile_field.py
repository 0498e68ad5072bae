"""What a club asks of its members: which answers make a profile complete, and in which order they are asked."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

#: Fields of the contact that every club may ask for. A member may write what is asked and nothing else.
PARTNER_KINDS = ("name", "phone", "email", "street", "street2", "zip", "city", "state_id", "country_id", "function")
#: Types of further fields (made by the shop itself, ``x_…``) that may be asked for.
PARTNER_TYPES = ("char", "selection", "date", "integer")
PARTNER_RELATIONS = ("res.country", "res.country.state")
#: Answers that are kept elsewhere.
MEMBER_KINDS = ("birthday", "relative", "nickname", "marketing")
#: What a new club asks for: kind, weight, whether it is asked together with the one before.
USUAL = (
    ("name", 1, False),
    ("phone", 1, False),
    ("email", 1, True),
    ("birthday", 1, False),
    ("street", 1, False),
    ("zip", 1, False),
    ("city", 1, True),
    ("country_id", 1, False),
    ("nickname", 1, False),
    ("relative", 1, False),
    ("marketing", 0, False),
)
#: Most answers asked for on one page.
TOGETHER = 2


def plain(typed):
    """What was typed, normalised; empty if nothing of it can be seen."""
    typed = text.normalise(typed or "")
    return typed if typed.strip("\u200c\u200d\u200e\u200f ") else ""


class ClubProfileField(models.Model):
    """One answer that a club would like to have of its members, and what it counts for the profile.

    ``kind`` is the name of a field of the contact, or of an answer that is kept elsewhere (a birthday is an occasion).
    To add a kind from another addon: extend :meth:`_get_kind_names` and :meth:`_read_filled`, and let the member write
    it in ``club.member._write_answer``.
    """

    _name = "club.profile.field"
    _description = "Club Profile Question"
    _inherit = "club.bounded"
    _order = "club_id, sequence, id"
    _rec_name = "kind"

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection="_select_kind", string="What to Ask", required=True)
    club_question_id = fields.Many2one(
        "club.question",
        string="Which Question",
        domain="[('club_id', '=', club_id)]",
        ondelete="cascade",
        help="One of the club's own questions, which the counter and surveys may answer, too.",
    )
    question = fields.Char(string="Asked As", translate=True, help="How it is asked. Empty: the name of the answer.")
    help_text = fields.Char(
        string="Why", translate=True, help="Told to the member, for example: so that we know you at the counter."
    )
    weight = fields.Integer(
        default=1, help="How much it counts for the profile. 0: asked too, but the profile is complete without it."
    )
    together = fields.Boolean(
        string="With the One Before", help="Asked on the same page as the one before; at most two on a page."
    )

    _kind_unique = models.UniqueIndex(
        "(club_id, kind, COALESCE(club_question_id, 0)) WHERE active",
        "This is asked already. Change the question that is there.",
    )
    _weight_range = models.Constraint("CHECK(weight BETWEEN 0 AND 100)", "A question's weight goes from 0 to 100.")

    # -- computes ------------------------------------------------------------

    @api.depends("kind", "question", "club_question_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._select_kind())
        for question in self:
            own = question.sudo().club_question_id.name if question.kind == "question" else ""
            question.display_name = question.question or own or names.get(question.kind, question.kind or "")

    # -- constrains ----------------------------------------------------------

    @api.constrains("kind", "club_question_id", "club_id")
    def _check_club_question(self):
        for question in self.filtered(lambda question: question.kind == "question"):
            if question.club_question_id.club_id != question.club_id:
                raise ValidationError(
                    self.env._(
                        "Choose which question of %(club)s the profile asks, or ask for something else.",
                        club=question.club_id.name,
                    )
                )

    @api.constrains("kind", "weight")
    def _check_kind(self):
        known = {kind for kind, _name in self._select_kind()}
        for question in self:
            if question.kind not in known:
                raise ValidationError(
                    self.env._(
                        "%(kind)s cannot be asked of members. Choose one of the list.", kind=question.kind or "-"
                    )
                )
            if question.kind == "marketing" and question.weight:
                raise ValidationError(
                    self.env._(
                        "Consent to marketing must be free, so it cannot count for points. Set its weight to 0.",
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        self.env.registry.clear_cache()
        return questions

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # -- what can be asked ---------------------------------------------------

    @api.model
    def _select_kind(self):
        return list(self._get_kind_names().items())

    @api.model
    def _get_kind_names(self):
        """Kinds of answers with their names in the reader's language.

        :rtype: dict[str, str]
        """
        _ = self.env._
        names = {
            "name": _("Name"),
            "phone": _("Mobile number"),
            "email": _("E-mail"),
            "birthday": _("Birthday"),
            "street": _("Street and number"),
            "street2": _("Address, second line"),
            "zip": _("Postal code"),
            "city": _("City"),
            "state_id": _("Province or state"),
            "country_id": _("Country"),
            "function": _("Occupation"),
            "nickname": _("Nickname"),
            "relative": _("A relative's day"),
            "marketing": _("Offers and news"),
            "question": _("A question of the club"),
        }
        Partner = self.env["res.partner"]
        for name in self._get_further_partner_fields():
            names[name] = Partner._fields[name]._description_string(self.env)
        return names

    @api.model
    def _get_further_partner_fields(self):
        """Fields of the contact that the shop made itself and that a member may safely fill in: plain, stored, for
        everybody. An addon adds its own fields here after thinking about who may write them.

        :rtype: list[str]
        """
        return sorted(
            name
            for name, field in self.env["res.partner"]._fields.items()
            if name.startswith("x_")
            and field.store
            and not (field.compute or field.related or field.readonly or field.groups or field.company_dependent)
            and (field.type in PARTNER_TYPES or field.type == "many2one" and field.comodel_name in PARTNER_RELATIONS)
        )

    @api.model
    def _is_partner_kind(self, kind):
        return kind in PARTNER_KINDS or kind in self._get_further_partner_fields()

    def _get_widget(self):
        """How the answer is typed: text, phone, email, number, date, choice, yesno, country, state, or the kind itself.

        :rtype: str
        """
        self.ensure_one()
        if self.kind == "question":
            kind = self.sudo().club_question_id.kind
            return {"choice": "choice", "boolean": "yesno", "date": "date"}.get(kind, "text")
        if self.kind in MEMBER_KINDS:
            return {"nickname": "text"}.get(self.kind, self.kind)
        if self.kind in ("phone", "email"):
            return self.kind
        field = self.env["res.partner"]._fields[self.kind]
        if field.type == "many2one":
            return "country" if field.comodel_name == "res.country" else "state"
        return {"selection": "choice", "integer": "number", "date": "date"}.get(field.type, "text")

    def _get_choices(self, member):
        """Values and names to choose from, for a choice, a country or a province (of the member's country).

        :rtype: list[tuple]
        """
        self.ensure_one()
        widget = self._get_widget()
        if widget == "yesno":
            return [("yes", self.env._("Yes")), ("no", self.env._("No"))]
        if self.kind == "question":
            return [(choice.id, choice.name) for choice in self.sudo().club_question_id.choice_ids]
        if widget == "choice":
            return self.env["res.partner"]._fields[self.kind]._description_selection(self.env)
        if widget == "country":
            return [(country.id, country.name) for country in self.env["res.country"].search([])]
        if widget == "state":
            country = member.partner_id.country_id or member.company_id.country_id
            states = self.env["res.country.state"].search([("country_id", "=", country.id)])
            return [(state.id, state.name) for state in states]
        return []

    # -- who has answered ----------------------------------------------------

    @api.model
    @ormcache()
    def _get_watched(self):
        """Names of the contact's fields and of member's answers that any club asks for; empty costs a write nothing.

        :rtype: frozenset[str]
        """
        return frozenset(self.sudo().search([("club_id.active", "=", True)]).mapped("kind"))

    def _read_filled(self, members):
        """Which of ``members`` have answered which of these questions; a constant number of queries.

        :return: ids of members by question.
        :rtype: dict
        """
        members = members.sudo()
        partners = members.partner_id
        partners.fetch([name for name in set(self.mapped("kind")) if name in partners._fields])
        kinds = set(self.mapped("kind"))
        occasions = self._read_occasions(members) if kinds & {"birthday", "relative"} else {}
        asked = self._read_marketing_asked(members) if "marketing" in kinds else set()
        answers = self._read_club_answers(members) if "question" in kinds else {}
        filled = {}
        for question in self:
            if question.kind in ("birthday", "relative"):
                filled[question] = occasions.get(question.kind, set())
            elif question.kind == "question":
                filled[question] = answers.get(question.club_question_id.id, set())
            elif question.kind == "marketing":
                filled[question] = asked
            elif question.kind == "nickname":
                filled[question] = {member.id for member in members if plain(member.nickname)}
            elif question.kind in partners._fields:
                filled[question] = {
                    member.id for member in members if self._is_answer(question.kind, member.partner_id[question.kind])
                }
            else:
                filled[question] = set()
        return filled

    @api.model
    def _is_answer(self, kind, value):
        """Whether a contact's value is an answer: blanks are none, and a number at the place of a name is none."""
        if isinstance(value, str):
            value = plain(value)
        if kind == "name":
            return any(character.isalpha() for character in value or "")
        return bool(value)

    @api.model
    def _read_occasions(self, members):
        found = {}
        for kind, member in (
            self.env["club.occasion"]
            .sudo()
            ._read_group([("member_id", "in", members.ids), ("active", "=", True)], ["kind", "member_id"])
        ):
            found.setdefault(kind, set()).add(member.id)
        return found

    def _read_club_answers(self, members):
        """Who has answered which of the club's own questions; who would rather not say has not."""
        found = {}
        for question, member in (
            self.env["club.question.answer"]
            .sudo()
            ._read_group(
                [
                    ("question_id", "in", self.club_question_id.ids),
                    ("member_id", "in", members.ids),
                    ("skipped", "=", False),
                ],
                ["question_id", "member_id"],
            )
        ):
            found.setdefault(question.id, set()).add(member.id)
        return found

    @api.model
    def _read_marketing_asked(self, members):
        """Who said yes or no to marketing: both are answers."""
        answered = (
            self.env["club.consent"]
            .sudo()
            ._read_group([("member_id", "in", members.ids), ("kind", "=", "marketing")], ["member_id"])
        )
        return {member.id for (member,) in answered} | set(members.filtered("consent_marketing").ids)

    # -- asking --------------------------------------------------------------

    def _split_steps(self):
        """These questions as pages of one or two, in their order.

        :rtype: list of recordsets
        """
        steps = []
        for question in self.sorted(lambda question: (question.sequence, question.id)):
            if steps and question.together and len(steps[-1]) < TOGETHER:
                steps[-1] |= question
            else:
                steps.append(question)
        return steps

    @api.model
    def _prepare_usual_values(self, club):
        return [
            {"club_id": club.id, "kind": kind, "weight": weight, "together": together, "sequence": 10 * number}
            for number, (kind, weight, together) in enumerate(USUAL, 1)
        ]
