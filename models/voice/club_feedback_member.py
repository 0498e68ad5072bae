"""Feedback follows its member: through a merge, a download of one's data, and erasure."""

from odoo import fields, models

from .club_feedback import OURS

EXPORT_LIMIT = 1000


class ClubMember(models.Model):
    _inherit = "club.member"

    feedback_count = fields.Integer(compute="_compute_feedback_count")

    def _compute_feedback_count(self):
        counts = dict(
            self.env["club.feedback"]._read_group([("member_id", "in", self.ids)], ["member_id"], ["__count"])
        )
        for member in self:
            member.feedback_count = counts.get(member, 0)

    def action_open_feedback(self):
        """Open what the member has said."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_feedback_action")
        return dict(action, domain=[("member_id", "=", self.id)], context={"default_member_id": self.id})

    def _find_feedback(self):
        return self.env["club.feedback"].sudo().search([("member_id", "in", self.ids)])

    def _absorb_into(self, heir):
        self._find_feedback()._set({"member_id": heir.id})
        return super()._absorb_into(heir)

    def _get_personal_data(self):
        feedback = self.env["club.feedback"].sudo().search([("member_id", "=", self.id)], limit=EXPORT_LIMIT)
        return {
            **super()._get_personal_data(),
            "feedback": [
                {
                    "when": fields.Datetime.to_string(piece.create_date),
                    "kind": piece.kind,
                    "subject": piece.subject,
                    "text": piece.text,
                    "state": piece.state,
                    "answer": piece.answer or None,
                }
                for piece in feedback
            ],
        }

    def _erase_one(self, reason):
        """What the member wrote goes, with the whole conversation; that something was said and decided stays."""
        feedback = self._find_feedback()
        super()._erase_one(reason)
        feedback._erase(self.partner_id)


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def _erase(self, nobody):
        """Empty these pieces of everything personal.

        :param nobody: the contact without a person that the member has now
        """
        undecided = self.filtered(lambda piece: piece.state in ("new", "review"))
        if undecided:
            undecided._update_state("withdrawn")
        quiet = self.sudo().with_context(club_feedback=OURS, tracking_disable=True, mail_notrack=True)
        quiet.write(
            {
                "author_id": nobody.id,
                "subject": self.env._("Erased"),
                "text": False,
                "answer": False,
                "order_id": False,
                "product_id": False,
            }
        )
        files = self.env["ir.attachment"].sudo().search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        (files | quiet.file_ids).unlink()
        quiet.message_ids.unlink()
        quiet.message_follower_ids.unlink()
        quiet.activity_ids.unlink()
