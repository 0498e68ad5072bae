"""That a banner was seen, or its link followed."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, consteq
from odoo.tools.misc import hmac

#: Marks our own change in the context: an object that no caller from outside can name (abuse 5).
OURS = object()
COLUMNS = ("banner_id", "club_id", "company_id", "kind", "place", "date", "member_id", "viewer", "visitor", "network")
#: So many visits of one network address count for a banner and day: an office or a café has several guests, and whoever
#: throws its cookies away to look like a crowd is one of them.
MOST_OF_NETWORK = 20


class ClubBannerHit(models.Model):
    """One row per banner, day and visit, for seeing and for following; rows are added and never changed.

    ``visitor`` is a salted hash of the session that is another one every day: it tells visits apart, and nobody.
    """

    _name = "club.banner.hit"
    _description = "View or Click of a Banner"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "banner_id"

    banner_id = fields.Many2one("club.banner", required=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection([("view", "Seen"), ("click", "Followed")], required=True, readonly=True)
    place = fields.Selection(
        [
            ("portal", "Overview in the Account"),
            ("rewards", "Rewards in the Account"),
            ("shop", "Top of the Shop"),
            ("product", "Product Pages"),
            ("cart", "Cart"),
            ("snippet", "Building Block"),
        ],
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True, help="In the club's time zone.")
    member_id = fields.Many2one("club.member", readonly=True, index="btree_not_null", ondelete="set null")
    viewer = fields.Selection(
        [("member", "Member"), ("customer", "Signed in, no member"), ("guest", "Not signed in")],
        string="Who",
        required=True,
        readonly=True,
    )
    visitor = fields.Char(required=True, readonly=True)
    network = fields.Char(
        readonly=True, groups="base.group_system", help="Of guests only: where they came from, hidden the same way."
    )

    _once = models.UniqueIndex("(banner_id, kind, date, visitor)")
    _member_views = models.Index("(member_id, banner_id) WHERE kind = 'view' AND member_id IS NOT NULL")
    _network_idx = models.Index("(banner_id, date, kind, network) WHERE network IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("What was seen of a banner is counted by the pages that show it, not typed in."))

    def write(self, vals):
        if self.env.context.get("club_banner") is not OURS:
            raise UserError(self.env._("What was counted of a banner never changes."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was counted of a banner stays. Archive the banner."))

    @api.model
    def _hide_visitor(self, mark, today):
        """A visit as it is kept: a hash under a secret of this database, another one every day.

        :param str mark: what tells sessions apart; empty for none; :param date today: the day.
        :rtype: str
        """
        if not mark:
            return ""
        return hmac(self.env(su=True), "customer_club.banner", (str(today), mark))[:32]

    @api.model
    def _sign_showing(self, banner, place, visitor):
        """What proves that a banner was handed out to a visit: whoever only makes up a session has no such mark.

        :rtype: str
        """
        if not visitor:
            return ""
        return hmac(self.env(su=True), "customer_club.banner.shown", (banner.id, place, visitor))[:32]

    @api.model
    def _is_shown(self, token, banner, place, visitor):
        """Whether ``token`` is the mark of this showing."""
        right = self._sign_showing(banner, place, visitor)
        return bool(right) and consteq(right.encode(), (token or "").encode())

    @api.model
    def _is_crowded(self, banner, kind, network):
        """Whether as many guests of a network address count for a banner and its day as may."""
        if not network:
            return False
        domain = [
            ("banner_id", "=", banner.id),
            ("kind", "=", kind),
            ("date", "=", banner.club_id._get_today()),
            ("network", "=", network),
        ]
        return self.sudo().search_count(domain, limit=MOST_OF_NETWORK) >= MOST_OF_NETWORK

    @api.model
    def _note(self, rows):
        """Add rows; what is there already stays as it is."""
        if not rows:
            return
        # SQL: the ORM cannot leave out what exists, and two pages of one visit may count at the same moment.
        self.env.execute_query(
            SQL(
                "INSERT INTO club_banner_hit (%s) VALUES %s"
                " ON CONFLICT (banner_id, kind, date, visitor) DO NOTHING RETURNING id",
                SQL(", ").join(map(SQL.identifier, COLUMNS)),
                SQL(", ").join(SQL("%s", tuple(row[name] for name in COLUMNS)) for row in rows),
            )
        )
        self.env["club.banner"].invalidate_model(["view_count", "click_count", "people_count", "click_share"])

    def _move_to(self, member):
        """Let these rows be another member's, or nobody's."""
        self.sudo().with_context(club_banner=OURS).write({"member_id": member.id})
