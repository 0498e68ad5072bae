"""A club's program of points in Odoo's loyalty, and what its form opens."""

import secrets

from odoo import models


class ClubClub(models.Model):
    _inherit = "club.club"

    def _prepare_program_sync_values(self, vals):
        """What of a club's new values its points program must follow."""
        names = {"name": "name", "point_name": "portal_point_name", "company_id": "company_id", "active": "active"}
        return {theirs: vals[ours] for ours, theirs in names.items() if ours in vals}

    def _make_number_sequences(self):
        """Give each club a PostgreSQL sequence: numbers for thousands of members in one statement, without a lock."""
        sequences = (
            self.env["ir.sequence"]
            .sudo()
            .create(
                [
                    {
                        "name": self.env._("Member numbers of %(club)s", club=club.name),
                        "implementation": "standard",
                        "company_id": club.company_id.id,
                    }
                    for club in self
                ]
            )
        )
        for club, sequence in zip(self, sequences, strict=True):
            club.sudo().number_sequence_id = sequence

    # -- the points program --------------------------------------------------------------------------

    def _prepare_program_values(self):
        """Values of the points program: Odoo's rewards, and the anchor rule that nobody can reach (design rule 5)."""
        self.ensure_one()
        return {
            "name": self.name,
            "program_type": self._get_program_kind()[0],
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "portal_visible": False,
            "portal_point_name": self.point_name,
            "trigger": "auto",
            "applies_on": self._get_program_kind()[1],
            "rule_ids": [(5, 0, 0), (0, 0, self._prepare_anchor_rule_values())],
            "reward_ids": [(5, 0, 0), (0, 0, self._prepare_default_reward_values())],
        }

    def _get_program_kind(self):
        """Type of the club's program, and when its points can be used, as Odoo names them.

        :rtype: tuple[str, str]
        """
        return "loyalty", "both"

    def _prepare_anchor_rule_values(self):
        return {
            "mode": "with_code",
            "code": f"club-anchor-{secrets.token_hex(16)}",
            "minimum_amount": 1e12,
            "reward_point_amount": 1,
            "reward_point_mode": "order",
        }

    def _prepare_default_reward_values(self):
        return {
            "reward_type": "discount",
            "discount_mode": "per_point",
            "discount": 0.01,
            "discount_applicability": "order",
            "required_points": 1,
        }
