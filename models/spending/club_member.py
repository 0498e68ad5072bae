"""What spending asks of a member."""

from odoo import models
from odoo.addons.customer_club.engine import audience as engine_audience
from odoo.exceptions import UserError


class ClubMember(models.Model):
    _inherit = "club.member"

    def _lock_spending(self):
        """Whether this is the only request that spends this customer's points at the moment; it stays so until it ends.

        :rtype: bool
        """
        self.ensure_one()
        return self.sudo().partner_id._lock_club_spending()

    def _check_spender(self):
        """Refuse who has left, was merged or erased.

        :raises UserError: with the member and what to do.
        """
        for member in self.sudo():
            if member.state != "active" or not member.club_id.active:
                raise UserError(
                    self.env._(
                        "%(member)s is no active member of %(club)s, so no points can be spent. Let them join first.",
                        member=member.display_name,
                        club=member.club_id.name,
                    )
                )

    def _get_audience_person(self, segments):
        """The member as an audience sees it: tier, groups, and those of ``segments`` that it belongs to.

        :rtype: engine.audience.Person
        """
        self.ensure_one()
        return engine_audience.Person(
            tier=self.tier_id.id or None,
            threshold=self.tier_id.threshold if self.tier_id else None,
            groups=frozenset(self.partner_id.category_id.ids),
            segments=frozenset(segment.id for segment in segments if segment._filter_members(self)),
        )

    def _get_portal_reward_rows(self):
        """What can be had for points, beyond rewards on orders. A room adds its own in an override.

        :return: dicts of ``name``, ``required`` (points, a number), ``url`` (a page where it is had), ``label`` (of the
            link), and where it applies ``note`` (stock, until when, a part in money), ``image`` (a URL).
        :rtype: list[dict]
        """
        self.ensure_one()
        return []
