"""What every page of a member shares: finding the membership, and never being cached."""

from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound


def find_member(member_id, owner=False):
    """The membership that the signed-in user may open; the same 404 for one that is absent and for another's.

    :param bool owner: only for the member in person, not for a colleague of the company that earns.
    :return: the ``club.member`` in sudo, in the reader's language.
    :raise NotFound: if there is none.
    """
    Member = request.env["club.member"].sudo()
    member = Member.search(Member._get_portal_domain(request.env.user) & Domain("id", "=", member_id), limit=1)
    if not member or (owner and not member._is_portal_owner(request.env.user)):
        raise NotFound
    return member


def render_private(template, values):
    """Render a page about one person: neither a browser nor a proxy may keep it."""
    return private(request.render(template, values))


def lock_spending(spender):
    """``None`` if this request may spend the points of a member or of a cart's buyer, else the answer to return.

    One spend in flight per member (abuse 24): a second one would wait in Odoo's retry and hold a worker.
    """
    if spender._lock_spending():
        return None
    message = request.env._("Your points are in use at this moment. Nothing was changed: try again in a second.")
    return request.make_response(
        message, headers=[("Retry-After", "2"), ("Content-Type", "text/plain; charset=utf-8")], status=429
    )


def is_form_key(key, longest):
    """Whether ``key`` can be a form's one-time key as we make them: short, visible ASCII."""
    return 0 < len(key) <= longest and key.isascii() and key.isprintable()


def private(response):
    response.headers["Cache-Control"] = "no-store"
    return response
