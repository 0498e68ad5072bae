"""A club's points program: Odoo's loyalty program whose only rule is the anchor (design rule 5)."""

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

ANCHOR_PREFIX = "club-anchor-"


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    club_ids = fields.One2many("club.club", "program_id", string="Clubs", context={"active_test": False})

    @api.model
    @tools.ormcache()
    def _get_club_program_ids(self):
        """Ids of the programs that hold a club's points; asked at every write of a card, so cached."""
        return frozenset(self.env["club.club"].sudo().with_context(active_test=False).search([]).program_id.ids)

    def _filter_club_programs(self):
        """The programs among these that belong to a customer club."""
        return self.browse(sorted(self._get_club_program_ids().intersection(self.ids)))

    def write(self, vals):
        """Another type is refused before Odoo exchanges rules and rewards for those of that type."""
        if "program_type" in vals and self._filter_club_programs():
            for club in self.sudo().club_ids:
                if vals["program_type"] != club._get_program_kind()[0]:
                    raise self._refuse_other_kind(club)
        return super().write(vals)

    def _refuse_other_kind(self, club):
        return ValidationError(
            self.env._(
                "%(program)s is the points program of the club %(club)s, so it must stay the kind of program that the "
                "club made, and its points stay usable as they are.",
                program=club.program_id.name,
                club=club.name,
            )
        )

    @api.constrains(
        "program_type", "rule_ids", "applies_on", "trigger", "company_id", "date_from", "date_to", "limit_usage"
    )
    def _check_club_program(self):
        """A club's program stays a loyalty program without end whose only rule is the anchor: points come from the
        ledger.
        """
        for club in (
            self.env["club.club"].sudo().with_context(active_test=False).search([("program_id", "in", self.ids)])
        ):
            program = club.program_id.with_context(active_test=False)
            if (program.program_type, program.applies_on) != club._get_program_kind():
                raise self._refuse_other_kind(club)
            if program.company_id != club.company_id:
                raise ValidationError(
                    self.env._(
                        "%(program)s is the points program of the club %(club)s, so it belongs to the same company, "
                        "%(company)s.",
                        program=program.name,
                        club=club.name,
                        company=club.company_id.name,
                    )
                )
            if program.date_from or program.date_to or program.limit_usage:
                raise ValidationError(
                    self.env._(
                        "%(program)s is the points program of the club %(club)s: it has neither dates nor a limit of "
                        "uses. "
                        "Set those on the club's earning rules, or archive the club.",
                        program=program.name,
                        club=club.name,
                    )
                )
            if len(program.rule_ids) != 1 or not program.rule_ids._is_club_anchor():
                raise ValidationError(
                    self.env._(
                        "%(program)s is the points program of the club %(club)s: its points come from the club's "
                        "earning rules, "
                        "so its one technical rule must stay as it is. Add an earning rule to the club instead.",
                        program=program.name,
                        club=club.name,
                    )
                )
