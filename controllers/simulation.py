"""Files of simulations."""

from odoo import http
from odoo.http import content_disposition, request

from .books import XLSX


class ClubSimulationFiles(http.Controller):
    @http.route("/customer_club/simulation/<int:simulation_id>/xlsx", type="http", auth="user", readonly=True)
    def simulation_xlsx(self, simulation_id):
        """The figures of a simulation that the user may read, as a spreadsheet; 404 for any other."""
        Simulation = request.env["club.simulation"]
        if not Simulation.has_access("read"):
            raise request.not_found()
        companies = request.env.user.company_ids.ids
        record = Simulation.with_context(allowed_company_ids=companies).search([("id", "=", simulation_id)])
        if not record:
            raise request.not_found()
        return request.make_response(
            record._make_xlsx(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(f"simulation-{record.date_from}-{record.date_to}.xlsx")),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
