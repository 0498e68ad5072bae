"""Where the fact comes from."""

from odoo import fields, models


class PlantCareVisit(models.Model):
    _name = "plant.care.visit"
    _description = "Plant Care Visit"

    member_id = fields.Many2one("club.member", required=True)
    plant_age = fields.Integer()

    def _record_visit(self):
        """Tell the club of these visits; its rules do the rest."""
        return (
            self.env["club.event"]
            ._record(
                [
                    {
                        "member_id": visit.member_id.id,
                        "type": "plant_care",
                        "key": f"{visit._name},{visit.id}:care",
                        "origin": visit,
                        "payload": {"plant_age": visit.plant_age},
                    }
                    for visit in self
                ]
            )
            ._process()
        )
