"""One member in one campaign: the arm that chance gave it, what went out, what came of it."""

import base64

from odoo import api, fields, models
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.exceptions import UserError
from odoo.tools import SQL, consteq, hmac

#: Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()
TOKEN_LENGTH = 24
#: Bytes of a token that must fit into an SMS: 72 random bits, and base64 of them needs no padding (abuse 13).
SHORT_BYTES = 9
#: What each link of a message is for: who has the token of one cannot do what another is for.
PURPOSES = {"open": "open", "go": "go", "stop": "stop", "unsubscribe": "stop"}


class ClubCampaignTarget(models.Model):
    """A row for each member and period of the trigger; further messages have rows of their own (``step_id``).

    Rows are made with their arm before anything is sent, and hold no personal data. ``period`` names what the trigger
    found (the silence since a day, the points that expire on a day), so that it counts once.
    """

    _name = "club.campaign.target"
    _description = "Member of a Campaign"
    _order = "campaign_id desc, id"
    _log_access = False

    campaign_id = fields.Many2one("club.campaign", required=True, readonly=True, index=True, ondelete="cascade")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="member_id.partner_id")
    period = fields.Char(required=True, readonly=True)
    step_id = fields.Many2one("club.campaign.step", string="Further Message", readonly=True, ondelete="restrict")
    is_first = fields.Boolean(
        readonly=True, help="The member's first row in the campaign: what is measured, so that each member counts once."
    )
    arm = fields.Selection(
        [("treated", "Gets it"), ("control", "Control group")],
        readonly=True,
        help="Empty: could not be reached, and so is in no arm.",
    )
    state = fields.Selection(
        [
            ("planned", "To be sent"),
            ("sent", "Sent"),
            ("skipped", "Not sent"),
            ("control", "Control group"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("consent", "No consent to marketing messages"),
            ("address", "No address or number"),
            ("blacklist", "On the blacklist"),
            ("frequency", "Had enough messages lately"),
            ("product", "No favourite product yet"),
            ("left", "No member any more"),
            ("bought", "Has bought meanwhile"),
            ("budget", "The budget was used up"),
            ("over", "The campaign was over"),
            ("merged", "Merged: the member counts once"),
            ("returned", "Was a member before"),
            ("stock", "Nothing is left of the prize"),
            ("refused", "It could not be given to this member"),
        ],
        readonly=True,
    )
    due_at = fields.Datetime(readonly=True)
    starts_at = fields.Datetime(readonly=True)
    ends_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime(readonly=True)
    visited_at = fields.Datetime(readonly=True)
    visit_count = fields.Integer(string="Visits", readonly=True)
    dismissed_at = fields.Datetime(readonly=True)
    points = fields.Float(string="Bonus", digits=(16, 2), readonly=True)
    cost = fields.Monetary(string="Cost at Most", readonly=True)
    coupon_id = fields.Many2one("loyalty.card", readonly=True, ondelete="set null", groups="base.group_system")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="set null")
    redemption_id = fields.Many2one("club.redemption", string="Prize", readonly=True, ondelete="set null")
    variant = fields.Selection([("a", "First"), ("b", "Second")], string="Text", readonly=True)
    reached = fields.Boolean(string="Did It", readonly=True, groups="base.group_system")
    bought = fields.Boolean(readonly=True, groups="base.group_system")
    amount = fields.Monetary(readonly=True, groups="base.group_system")

    _once = models.UniqueIndex(
        "(campaign_id, member_id, period, COALESCE(step_id, 0))", "A member gets each message of a campaign once."
    )
    _due_idx = models.Index("(campaign_id, due_at, id) WHERE state = 'planned'")
    _sent_idx = models.Index("(member_id, sent_at) WHERE state = 'sent'")

    @api.depends("campaign_id", "member_id")
    def _compute_display_name(self):
        for target in self:
            target.display_name = f"{target.campaign_id.name}: {target.member_id.display_name}"

    # -- CRUD: nobody but the campaign ---------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Members come into a campaign by its conditions and by chance, not by hand."))

    def write(self, vals):
        if self.env.context.get("club_target") is not OURS:
            raise UserError(self.env._("What a campaign did is written down by the campaign itself."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What a campaign did stays written down: its result rests on it."))

    def _note(self, **vals):
        """Write down what happened to these."""
        self.sudo().with_context(club_target=OURS).write(vals)

    @api.model
    def _insert(self, rows):
        """Write rows, each once; SQL because the ORM knows no ON CONFLICT, and for a hundred thousand at once.

        :param list[dict] rows: one value for each of the columns below.
        :return: how many are new. Under a race PostgreSQL raises a serialization error, after which the job repeats.
        """
        if not rows:
            return 0
        columns = (
            ("campaign_id", "int"),
            ("club_id", "int"),
            ("company_id", "int"),
            ("member_id", "int"),
            ("period", "text"),
            ("step_id", "int"),
            ("is_first", "bool"),
            ("arm", "text"),
            ("state", "text"),
            ("reason", "text"),
            ("due_at", "timestamp"),
            ("starts_at", "timestamp"),
            ("ends_at", "timestamp"),
            ("product_id", "int"),
            ("variant", "text"),
        )
        arrays = SQL(", ").join(
            SQL("%s::%s[]", [row.get(name) for row in rows], SQL(kind))  # pylint: disable=sql-injection
            for name, kind in columns
        )
        names = SQL(", ").join(SQL.identifier(name) for name, _kind in columns)
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO club_campaign_target (%(names)s) SELECT * FROM unnest(%(arrays)s)"
                " ON CONFLICT (campaign_id, member_id, period, COALESCE(step_id, 0)) DO NOTHING RETURNING id",
                names=names,
                arrays=arrays,
            )
        )
        self.env["club.campaign"].invalidate_model(["target_ids", "target_count", "sent_count"], flush=False)
        return len(inserted)

    @api.model
    def _close_merged(self, sources, heir):
        """Before ``sources`` become ``heir``: let the person count once in each campaign that still runs.

        The heir's own row counts, or the oldest if it has none, and with it the arm that chance gave then, whatever the
        other contact had got: comparing people by what they got instead would compare different people. The other rows
        are closed, and nothing more goes out to contacts that are no members any more.
        """
        rows = self.sudo().search(
            [
                ("member_id", "in", [*sources.ids, *heir.ids]),
                ("campaign_id.state", "in", ("running", "measuring")),
            ],
            order="id",
        )
        for of_campaign in rows.grouped("campaign_id").values():
            firsts = of_campaign.filtered("is_first")
            kept = firsts.filtered(lambda row: row.member_id == heir)[:1] or firsts[:1]
            (firsts - kept)._note(is_first=False, reason="merged")
        rows.filtered(lambda row: row.member_id != heir and row.state == "planned")._note(
            state="skipped", reason="merged"
        )

    # -- links in messages ---------------------------------------------------------------------------

    def _get_digest(self, scope, what):
        self.ensure_one()
        return hmac(self.env(su=True), f"{scope}-{PURPOSES[what]}", f"{self.id}:{self.member_id.id}")

    def _get_token(self, what):
        """What a link in this message must carry: nobody guesses 96 bits, and it opens nothing but this row.

        :param str what: a key of ``PURPOSES``; each purpose has a token of its own.
        """
        return self._get_digest("club-campaign", what)[:TOKEN_LENGTH]

    def _get_short_token(self, what):
        """The same, short enough for an SMS."""
        digest = bytes.fromhex(self._get_digest("club-campaign-short", what))
        return base64.urlsafe_b64encode(digest[:SHORT_BYTES]).decode()

    @api.model
    def _find_by_token(self, target_id, token, what):
        """The sent row (sudo) that the link in a message names, or none; the same for wrong and absent (abuse 14)."""
        target = self.sudo().browse(target_id).exists()
        # As bytes: of other letters than ASCII the comparison of texts would raise, and so tell which rows there are.
        if target and target.state == "sent" and consteq(target._get_token(what).encode(), (token or "").encode()):
            return target
        return self.sudo().browse()

    @api.model
    def _find_by_reference(self, reference):
        """The address to which a short link of an SMS leads; empty for a wrong one and an absent one alike."""
        signs, _hyphen, token = (reference or "").partition("-")
        target = self.sudo().browse(engine_campaign.decode_number(signs)).exists()
        if not target or target.state != "sent":
            return ""
        found = [what for what in ("go", "stop") if consteq(target._get_short_token(what).encode(), token.encode())]
        return target._get_path(found[0]) if found else ""

    def _get_path(self, what):
        return f"/club/m/{self.id}/{self._get_token(what)}/{what}"

    def _get_link(self, what):
        """The address of one of this message's links: ``open``, ``go``, ``stop`` or ``unsubscribe``."""
        return f"{self.get_base_url()}{self._get_path(what)}"

    def _get_short_link(self, what):
        """The same in as few signs as can be: ``go`` or ``stop``."""
        self.ensure_one()
        reference = f"{engine_campaign.encode_number(self.id)}-{self._get_short_token(what)}"
        return f"{self.get_base_url()}/c/{reference}"

    # -- who may read what was sent ------------------------------------------------------------------

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """What went out has codes and links that are the member's own; here they are masked, and there nobody reads."""
        if self.env.user.has_group("base.group_system"):
            return super()._mail_get_operation_for_mail_message_operation(message_operation)
        return dict.fromkeys(self, "unlink")

    def _count_opening(self):
        """The message was opened: the first time counts. SQL, so that two mail clients at once are no conflict."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign_target SET opened_at = %s"
                " WHERE id = ANY(%s) AND opened_at IS NULL AND state = 'sent' RETURNING id",
                fields.Datetime.now(),
                self.ids,
            )
        )
        self.invalidate_recordset(["opened_at"], flush=False)

    def _count_visit(self):
        """The link was followed; who follows it has opened the message. SQL, for two clicks at once count as two."""
        self.flush_recordset()
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign_target SET visited_at = COALESCE(visited_at, %s),"
                " opened_at = COALESCE(opened_at, %s), visit_count = COALESCE(visit_count, 0) + 1"
                " WHERE id = ANY(%s) AND state = 'sent' RETURNING id",
                now,
                now,
                self.ids,
            )
        )
        self.invalidate_recordset(["visited_at", "opened_at", "visit_count"], flush=False)
