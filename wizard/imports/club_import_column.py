"""What each column of an uploaded file means."""

from odoo import fields, models


class ClubImportColumn(models.AbstractModel):
    """A column of the file: its name, what stands in it, and the field that it fills."""

    _name = "club.import.column"
    _description = "Column of an Import"
    _inherit = "club.bounded"
    _order = "position, id"

    position = fields.Integer(readonly=True)
    name = fields.Char(string="Column in the File", readonly=True)
    sample = fields.Char(string="For Example", readonly=True)


class ClubHistoryImportColumn(models.Model):
    _name = "club.history.import.column"
    _description = "Column of a Purchase History"
    _inherit = ["club.import.column"]

    import_id = fields.Many2one("club.history.import", required=True, index=True, ondelete="cascade")
    field = fields.Selection(
        [
            ("customer", "Customer (your reference)"),
            ("date", "Date"),
            ("amount", "Amount"),
            ("quantity", "Quantity"),
            ("name", "Name of a customer who is new"),
        ],
        string="Means",
    )


class ClubMemberImportColumn(models.Model):
    _name = "club.member.import.column"
    _description = "Column of a List of Members"
    _inherit = ["club.import.column"]

    import_id = fields.Many2one("club.member.import", required=True, index=True, ondelete="cascade")
    field = fields.Selection(
        [
            ("ref", "Your reference of the customer"),
            ("name", "Name"),
            ("phone", "Phone"),
            ("email", "E-mail"),
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("joined", "Member since"),
            ("terms", "Has accepted the terms (yes or no)"),
            ("marketing", "Agrees to marketing messages (yes or no)"),
            ("points", "Opening balance of points"),
            ("expires", "Opening balance expires on"),
        ],
        string="Means",
    )
