"""The four clubs that the setup wizard starts from.

Money is written in *units*: one unit is a fiftieth of a typical purchase, rounded to a number that people say. So the
same template fits dollars, yen and rials. Points are per unit; a typical purchase earns about 50 points.
"""

from odoo import models

TYPICAL_UNITS = 50


class ClubSetupWizard(models.TransientModel):
    _name = "club.setup.wizard"
    _description = "Set Up a Club"
    _inherit = "club.bounded"

    def _get_templates(self):
        """Values of each template: ``club``, ``back`` (worth of a point, percent of a unit), ``tiers``, ``rules``,
        ``rewards``.

        To be extended: add a key here and its name to the selection field ``template``.

        :return: thresholds in points, orders or units (by the club's ``tier_basis``); ``per_units`` and ``min_units``
            in units
        :rtype: dict
        """
        _ = self.env._
        buy = {
            "name": _("Every purchase"),
            "event_type": "purchase",
            "formula": "per_amount",
            "points": 1,
            "per_units": 1,
        }
        join = {
            "name": _("Welcome gift"),
            "event_type": "join",
            "formula": "fixed",
            "points": 20,
            "use_multiplier": False,
        }
        return {
            "florist": {
                "name": _("Flower Club"),
                "club": {
                    "tier_basis": "points",
                    "tier_window": "rolling",
                    "tier_window_months": 12,
                    "expiry_policy": "months",
                    "expiry_months": 12,
                    "hold_days": 7,
                    "earn_when": "paid",
                },
                "back": 3.0,
                "tiers": [
                    {"name": _("Bud"), "threshold": 0, "multiplier": 1.0},
                    {"name": _("Bloom"), "threshold": 500, "multiplier": 1.25, "early_access_hours": 24},
                    {
                        "name": _("Bouquet"),
                        "threshold": 1500,
                        "multiplier": 1.5,
                        "early_access_hours": 48,
                        "priority": 10,
                    },
                ],
                "rules": [
                    buy,
                    join,
                    {
                        "name": _("Quiet Tuesday"),
                        "event_type": "purchase",
                        "formula": "per_amount",
                        "points": 1,
                        "per_units": 2,
                        "tuesday": True,
                    },
                ],
                "rewards": [{"kind": "per_point"}, {"kind": "money", "points": 300, "units": 10}],
            },
            "grocery": {
                "name": _("Basket Club"),
                "club": {
                    "tier_basis": "amount",
                    "tier_window": "rolling",
                    "tier_window_months": 3,
                    "tier_review": "quarter",
                    "expiry_policy": "inactivity",
                    "expiry_months": 12,
                    "hold_days": 0,
                    "earn_when": "paid",
                },
                "back": 1.0,
                "tiers": [
                    {"name": _("Shopper"), "threshold": 0, "multiplier": 1.0},
                    {"name": _("Regular"), "threshold": 500, "multiplier": 1.2},
                    {"name": _("Family"), "threshold": 1500, "multiplier": 1.5, "priority": 10},
                ],
                "rules": [
                    buy,
                    join,
                    {
                        "name": _("Big basket"),
                        "event_type": "purchase",
                        "formula": "fixed",
                        "points": 25,
                        "min_units": 2 * TYPICAL_UNITS,
                        "use_multiplier": False,
                    },
                ],
                "rewards": [{"kind": "per_point"}, {"kind": "percent", "points": 400, "percent": 5.0}],
            },
            "jewellery": {
                "name": _("Circle"),
                "club": {
                    "tier_basis": "amount",
                    "tier_window": "lifetime",
                    "tier_demotion": "never",
                    "expiry_policy": "never",
                    "hold_days": 30,
                    "earn_when": "paid",
                },
                "back": 2.0,
                "tiers": [
                    {"name": _("Silver"), "threshold": 0, "multiplier": 1.0},
                    {"name": _("Gold"), "threshold": 250, "multiplier": 1.5, "early_access_hours": 24},
                    {
                        "name": _("Diamond"),
                        "threshold": 1000,
                        "multiplier": 2.0,
                        "early_access_hours": 72,
                        "priority": 20,
                    },
                ],
                "rules": [buy, dict(join, points=50)],
                "rewards": [{"kind": "per_point"}],
            },
            "b2b": {
                "name": _("Partner Program"),
                "club": {
                    "tier_basis": "amount",
                    "tier_window": "year",
                    "tier_review": "year",
                    "earner": "company",
                    "earn_tax": "excluded",
                    "expiry_policy": "months",
                    "expiry_months": 24,
                    "hold_days": 14,
                    "earn_when": "paid",
                    "join_policy": "closed",
                    "criteria_orders": 3,
                    "criteria_months": 12,
                    "join_at_signup": False,
                    "join_at_checkout": False,
                },
                "back": 1.0,
                "tiers": [
                    {"name": _("Partner"), "threshold": 0, "multiplier": 1.0},
                    {"name": _("Preferred Partner"), "threshold": 1000, "multiplier": 1.25, "priority": 10},
                    {"name": _("Key Partner"), "threshold": 5000, "multiplier": 1.5, "priority": 20},
                ],
                "rules": [
                    buy,
                    {
                        "name": _("Paid within 14 days"),
                        "event_type": "purchase",
                        "formula": "per_amount",
                        "points": 1,
                        "per_units": 4,
                        "max_days_to_pay": 14,
                    },
                ],
                "rewards": [{"kind": "per_point"}, {"kind": "percent", "points": 1000, "percent": 10.0}],
            },
        }
