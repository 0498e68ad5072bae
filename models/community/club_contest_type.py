from odoo import api, fields, models

#: What nobody does on purpose, or what a contest itself or chance makes.
NO_CONTEST = ("join", "tier", "occasion", "contest", "draw")


class ClubContestType(models.Model):
    """A kind of fact that a contest counts."""

    _name = "club.contest.type"
    _description = "Behaviour That a Contest Counts"
    _inherit = "club.bounded"
    _order = "id"

    contest_id = fields.Many2one("club.contest", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contest_id.company_id")
    event_type = fields.Selection(
        selection=lambda self: [
            (value, label)
            for value, label in self.env["club.event"]._fields["type"].selection
            if value not in NO_CONTEST
        ],
        string="Behaviour",
        required=True,
        default="purchase",
    )

    _type_unique = models.UniqueIndex("(contest_id, event_type)", "A contest counts each behaviour once.")

    def _get_labels(self):
        labels = dict(self.env["club.event"]._fields["type"]._description_selection(self.env))
        return [labels.get(line.event_type, "") for line in self]

    @api.model_create_multi
    def create(self, vals_list):
        self.env["club.contest"].browse(
            [vals["contest_id"] for vals in vals_list if "contest_id" in vals]
        )._check_change({"type_ids"})
        return super().create(vals_list)

    def write(self, vals):
        self.contest_id._check_change({"type_ids"})
        if "contest_id" in vals:
            self.env["club.contest"].browse(vals["contest_id"])._check_change({"type_ids"})
        return super().write(vals)

    def unlink(self):
        self.contest_id._check_change({"type_ids"})
        return super().unlink()
