"""How complete a member's profile is, and what completing it earns."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_activity, errors, periods, text
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize

from .club_profile_field import plain

#: More members than this that change in one transaction (an import) earn by the job that processes events.
AT_ONCE = 50
#: Longest text that a member may type.
LONGEST = 100


class ClubMember(models.Model):
    _inherit = "club.member"

    profile_percent = fields.Integer(
        string="Profile", compute="_compute_profile", help="How much of what the club asks for is known, in percent."
    )
    profile_missing = fields.Char(string="Still Missing", compute="_compute_profile")

    # -- the meter -------------------------------------------------------------

    @api.depends("nickname", "consent_marketing", "occasion_ids", "partner_id")
    def _compute_profile(self):
        for member, profile in self._get_profiles().items():
            member.profile_percent = profile["percent"] or 0
            member.profile_missing = ", ".join(
                question.display_name for question in profile["missing"] if question.weight
            )

    def _get_profiles(self):
        """The members' profiles; a constant number of queries for each club.

        :return: by member ``percent`` (0 to 100; ``None`` if the club asks for nothing that counts), ``filled`` and
            ``missing`` (``club.profile.field`` records in sudo, in their order).
        :rtype: dict
        """
        profiles = {}
        for club, members in self.grouped("club_id").items():
            questions = club.sudo().profile_field_ids.filtered("active")
            stored = members._origin
            filled = questions._read_filled(stored) if questions else {}
            for member in members:
                known = questions.browse(question.id for question in questions if member._origin.id in filled[question])
                profiles[member] = {
                    "percent": earning_activity.filled_percent(
                        (question.weight, question in known) for question in questions
                    ),
                    "filled": known,
                    "missing": questions - known,
                }
        return profiles

    # -- looking again when something changed ------------------------------------

    @api.model
    def _schedule_profile_check(self, partners=None, members=None):
        """Look at these profiles once, at the end of the transaction. Costs no query now.

        :param partners: contacts that changed; :param members: members whose own answers changed.
        """
        data = self.env.cr.precommit.data
        waiting = data.get("club.member.profile")
        if waiting is None:
            waiting = data["club.member.profile"] = {"partners": set(), "members": set()}
            self.env.cr.precommit.add(self.sudo()._run_scheduled_profile_checks)
        waiting["partners"].update(partners.ids if partners else ())
        waiting["members"].update(members.ids if members else ())

    @api.model
    def _run_scheduled_profile_checks(self):
        waiting = self.env.cr.precommit.data.pop("club.member.profile", None)
        if not waiting or not self.env["club.profile.field"]._get_watched():
            return
        self.search(
            [
                ("state", "=", "active"),
                "|",
                ("partner_id", "in", sorted(waiting["partners"])),
                ("id", "in", sorted(waiting["members"])),
            ]
        )._check_profiles()

    def _check_profiles(self):
        """Record what of their profiles these members have reached for the first time; it earns at once for few.

        A percent counts once in a membership's life, whatever is emptied afterwards; who came back after an erasure
        has had it (abuse 8).

        :return: the events.
        """
        members = self.sudo().filtered(lambda member: member.state == "active" and member.club_id.active)
        if not members:
            return self.env["club.event"]
        best = members._read_best_profiles()
        policies = self.env["club.club"].sudo()._get_policies()
        vals_list = []
        for member, profile in members.filtered(lambda member: member.id in best)._get_profiles().items():
            if profile["percent"] is None:
                continue
            asked = members._get_profile_thresholds(policies.get(member.club_id.id))
            before = best[member.id]
            for percent in earning_activity.thresholds_reached(before, profile["percent"], asked):
                vals_list.append(member._prepare_profile_fact(percent, before))
                before = percent
        Event = self.env["club.event"].sudo()
        if len(members) <= AT_ONCE:
            return Event._report(vals_list)
        events = Event._record(vals_list)
        if events:
            self.env.ref("customer_club.ir_cron_club_event_process").sudo()._trigger()
        return events

    def _prepare_profile_fact(self, percent, before):
        self.ensure_one()
        return {
            "member_id": self.id,
            "type": "profile",
            "key": f"member,{self.id}:profile:{percent}",
            "origin": self,
            "payload": {"percent": percent, "before": before},
        }

    @api.model
    def _get_profile_thresholds(self, policy):
        """Percents that the club's rules reward."""
        return {
            rule.conditions["profile_percent"]
            for rule in (policy.rules if policy else ())
            if rule.event_type == "profile" and "profile_percent" in rule.conditions
        }

    def _read_best_profiles(self):
        """The highest percent that was recorded for each member, or for one merged into it.

        Members whose person had joined before under another membership are left out: no join event names them.

        :rtype: dict[int, int]
        """
        if not self.ids:
            return {}
        self.env["club.event"].flush_model()
        self.flush_model(["merged_into_id", "source"])
        # SQL: one aggregate for thousands of members, over their merged predecessors too, reading JSON.
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(m.merged_into_id, m.id) AS heir,
                          COALESCE(MAX((e.payload->>'percent')::int) FILTER (WHERE e.type = 'profile'), 0),
                          BOOL_OR(COALESCE(e.type = 'join', FALSE) OR m.source = 'adopt')
                     FROM club_member m
                LEFT JOIN club_event e ON e.member_id = m.id AND e.type IN ('profile', 'join')
                    WHERE m.id = ANY(%(members)s) OR m.merged_into_id = ANY(%(members)s)
                 GROUP BY heir""",
                members=self.ids,
            )
        )
        return {member_id: best for member_id, best, first in rows if first}

    def _after_create(self, balances):
        super()._after_create(balances)
        self._schedule_profile_check(members=self)

    def write(self, vals):
        result = super().write(vals)
        if not {"nickname", "consent_marketing", "partner_id", "state"}.isdisjoint(vals):
            self._schedule_profile_check(members=self)
        return result

    # -- what it would earn ------------------------------------------------------

    def _get_profile_prizes(self, percent):
        """What the next steps of the profile would earn this member, evaluated by the rules themselves.

        :param int percent: of the profile now.
        :return: dicts of ``percent`` and ``points``, nearest first; without what gives nothing.
        :rtype: list[dict]
        """
        self.ensure_one()
        member = self.sudo()
        best = member._read_best_profiles().get(member.id)
        if best is None:
            return []
        policy = self.env["club.club"].sudo()._get_policies().get(member.club_id.id)
        prizes, before = [], best
        asked = sorted({100, *self._get_profile_thresholds(policy)})
        for number in asked:
            if number <= max(best, percent if percent < 100 else best):
                continue
            points = member._preview_earning("profile", {"percent": number, "before": before})
            before = number
            if points:
                prizes.append({"percent": number, "points": points})
        return prizes

    # -- answering ---------------------------------------------------------------

    def _answer(self, question, typed):
        """Write what the member answered to one question.

        :param question: an active ``club.profile.field`` of the member's club.
        :param dict typed: texts as they were typed, by part: ``value``, or ``day``, ``month``, ``year``, ``name``.
        :return: whether there was an answer; blanks are none.
        :raise UserError: for what is no answer, in a sentence for the member
        """
        self.ensure_one()
        typed = {part: plain(value)[:LONGEST] for part, value in typed.items()}
        if question.club_id != self.club_id or not question.active or not any(typed.values()):
            return False
        self._write_answer(question, typed)
        return True

    def _write_answer(self, question, typed):
        """Write one answer; an override serves further kinds."""
        kind, value = question.kind, typed.get("value", "")
        if kind == "birthday":
            self._set_birthday(typed.get("day", ""), typed.get("month", ""), typed.get("year", ""))
        elif kind == "relative":
            self._add_relative(typed)
        elif kind == "nickname":
            self.sudo().nickname = value[:40]
        elif kind == "marketing":
            if value in ("yes", "no"):
                self._record_consent("marketing", value == "yes", "portal")
        elif kind == "question":
            part = {"choice": "choice_id", "yesno": "yes", "date": "date"}.get(question._get_widget(), "text")
            given = {part: value == "yes" if part == "yes" else value}
            self.env["club.question.answer"].sudo()._give(self, question.club_question_id, given, "portal")
        elif question._is_partner_kind(kind):
            partner = self.partner_id.sudo()
            answer = self._read_answer(question, value)
            if partner._fields[kind].convert_to_write(partner[kind], partner) != answer:
                partner.write({kind: answer})

    def _read_answer(self, question, value):
        """The value of the contact's field for what was typed.

        :raise UserError: for what cannot be
        """
        readers = {
            "phone": lambda: self._read_phone(value),
            "email": lambda: self._read_email(value),
            "number": lambda: self._read_number(question, value),
            "date": lambda: self._read_day(value),
            "choice": lambda: self._read_choice(question, value),
            "country": lambda: self.env["res.country"].browse(int(self._read_choice(question, value))),
            "state": lambda: self.env["res.country.state"].browse(int(self._read_choice(question, value))),
        }
        read = readers.get(question._get_widget())
        if read:
            answer = read()
            return answer.id if isinstance(answer, models.BaseModel) else answer
        if question.kind == "name" and not any(character.isalpha() for character in value):
            raise UserError(self.env._("A name has letters. Nothing was saved: type your name."))
        return value

    def _read_email(self, typed):
        email = email_normalize(typed)
        if not email:
            raise UserError(
                self.env._('"%(email)s" is not an e-mail address. Nothing was saved: check it.', email=typed)
            )
        return email

    def _read_number(self, question, typed):
        digits = text.digits(typed)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise UserError(
                self.env._(
                    '"%(typed)s" is not a whole number for %(question)s. Nothing was saved: type digits only.',
                    typed=typed,
                    question=question.display_name,
                )
            )
        return int(digits)

    def _read_day(self, typed):
        try:
            return periods.parse_date(typed)
        except errors.EngineError:
            raise UserError(
                self.env._(
                    '"%(typed)s" is not a day. Nothing was saved: type it as year-month-day, like 2026-05-31.',
                    typed=typed,
                )
            ) from None

    def _read_choice(self, question, typed):
        for value, _name in question._get_choices(self):
            if str(value) == typed:
                return value
        raise UserError(
            self.env._("Choose one of the list for %(question)s. Nothing was saved.", question=question.display_name)
        )

    def _add_relative(self, typed):
        """A relative's day, yearly, in the club's calendar.

        :raise UserError: without a name, or for what is no day of the year
        """
        if not typed.get("name"):
            raise UserError(self.env._("Say whose day it is, for example my mother's birthday. Nothing was saved."))
        try:
            day, month = (int(text.digits(typed.get(part, "")) or 0) for part in ("day", "month"))
        except ValueError:
            raise UserError(
                self.env._("Type the day and the month in digits. Nothing was saved."),
            ) from None
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise UserError(self._get_no_such_day(day, month))
        self.env["club.occasion"].sudo().create(
            {
                "member_id": self.id,
                "kind": "relative",
                "name": typed["name"],
                "calendar": self.club_id.calendar,
                "day": day,
                "month": month,
            }
        )

    # -- my data, and being forgotten ----------------------------------------------

    def _get_personal_data(self):
        """Answers to the club's questions are the member's data, too."""
        data = super()._get_personal_data()
        partner = self.partner_id
        answers = {}
        for question in self.sudo().club_id.profile_field_ids:
            if question._is_partner_kind(question.kind):
                value = partner[question.kind]
                value = value.display_name if isinstance(value, models.BaseModel) else value
                answers[question.kind] = str(value) if value else None
        return {**data, "profile": answers}

    @api.model
    def _prepare_anonymous_values(self, partner):
        """Choices and numbers that the club asked for are personal as well."""
        values = super()._prepare_anonymous_values(partner)
        for name in self.env["club.profile.field"]._get_further_partner_fields():
            if name not in values and not partner._fields[name].required:
                values[name] = False
        return values
