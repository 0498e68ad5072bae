"""Taking a person out of simulations: files that name it away. The rows forget by themselves."""

import base64

from odoo import models
from odoo.addons.customer_club.engine import tables, text
from odoo.addons.customer_club.engine.errors import TableError

from .club_kept import OURS


def _names(file, known):
    """Whether any cell of a file says one of these names. One that cannot be read is of no use, so it may: True."""
    try:
        table = tables.read_table(base64.b64decode(file))
    except TableError:
        return True
    return any(text.search_key(str(cell)) in known for row in table.rows for cell in row.values if cell)


class ClubSimulation(models.Model):
    _inherit = "club.simulation"

    def _forget_person(self, company, known):
        """Throw files away that name a person; the figures stay. In superuser mode."""
        Simulation = self.with_context(active_test=False, bin_size=False)
        # Also what looks at something else by now: the file is still there to be downloaded.
        found = Simulation.search([("company_id", "=", company.id)])
        for record in found.filtered("file"):
            if _names(record.file, known):
                record.with_context(club_kept=OURS).write({"file": False, "filename": False})
