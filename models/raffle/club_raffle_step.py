"""The log of a raffle: every step once, chained by hashes, never changed."""

import hashlib
import json

from odoo import api, fields, models
from odoo.addons.customer_club.models.ledger.immutable import make_append_only
from odoo.exceptions import UserError

ONCE = ("open", "freeze", "draw", "void", "close")


class ClubRaffleStep(models.Model):
    """What was done with a raffle, when, and what was published with it. ``digest`` is the SHA-256 of the step before
    and of ``content``, so that a step that is left out, added or changed shows.
    """

    _name = "club.raffle.step"
    _description = "Step of a Raffle"
    _order = "raffle_id, id"
    _log_access = False
    _rec_name = "kind"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("open", "Opened"),
            ("freeze", "List frozen"),
            ("draw", "Drawn"),
            ("claim", "Prize confirmed"),
            ("lapse", "Prize not confirmed"),
            ("call", "Alternate called"),
            ("close", "Ended"),
            ("void", "Called off"),
        ],
        required=True,
        readonly=True,
    )
    at = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True, ondelete="restrict")
    content = fields.Text(required=True, readonly=True, help="What was published, as JSON; no personal data.")
    previous = fields.Char(readonly=True)
    digest = fields.Char(required=True, readonly=True)
    sentence = fields.Char(string="What Happened", compute="_compute_sentence")

    _once = models.UniqueIndex("(raffle_id, kind) WHERE kind IN ('open', 'freeze', 'draw', 'void', 'close')")

    def init(self):
        make_append_only(self.env, "club_raffle_step")

    @api.depends("kind", "content")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for step in self:
            step.sentence = step.raffle_id.sudo()._say_step(step.kind, step._read_content())

    def _read_content(self):
        self.ensure_one()
        return json.loads(self.content)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Steps of a raffle are logged by its buttons, not typed in."))

    def write(self, vals):
        raise UserError(self.env._("A step of a raffle never changes."))

    def unlink(self):
        raise UserError(self.env._("A step of a raffle is never deleted."))

    @api.model
    def _log(self, raffle, kind, content):
        """Add a step to the chain; the caller holds the raffle's lock."""
        last = self.sudo().search([("raffle_id", "=", raffle.id)], order="id desc", limit=1)
        now = fields.Datetime.now()
        text = json.dumps(
            {"raffle": raffle.public_id, "step": kind, "at": f"{now.isoformat()}Z", **content},
            ensure_ascii=False,
            sort_keys=True,
        )
        return super(ClubRaffleStep, self.sudo()).create(
            [
                {
                    "raffle_id": raffle.id,
                    "company_id": raffle.company_id.id,
                    "kind": kind,
                    "at": now,
                    "user_id": self.env.uid,
                    "content": text,
                    "previous": last.digest,
                    "digest": self._chain(last.digest, text),
                }
            ]
        )

    @api.model
    def _chain(self, previous, text):
        return hashlib.sha256(f"{previous or ''}\n{text}".encode()).hexdigest()

    def _is_chained(self):
        """Whether the steps of one raffle, all of them, are as they were logged."""
        previous = False
        for step in self.sorted("id"):
            if (step.previous or False) != previous or step.digest != self._chain(previous, step.content):
                return False
            previous = step.digest
        return True
