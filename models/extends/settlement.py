"""What Odoo's own code wrote to club cards in this transaction, until the ledger has answered it.

Odoo changes ``loyalty.card.points`` by ``+=`` in many places, several times for one document. The club lets it write,
remembers the balance that the ledger knows, and settles once per document: at the outermost exit of the flow that
handles the document, elsewhere at precommit (design rule 1).
"""

from collections import defaultdict
from contextlib import contextmanager
from weakref import WeakKeyDictionary

DATA_KEY = "customer_club.foreign_writes"

# The flow that each cursor is in. Not a context key (a caller could forge it) and not precommit data (a savepoint in
# the middle of a flow clears it).
_flows = WeakKeyDictionary()


class ForeignWrites:
    """Writes of one transaction; lost on rollback together with what it describes."""

    def __init__(self):
        self.before = {}  # card id -> points that the ledger knows
        self.residual = defaultdict(float)  # card id -> points written outside of any document's flow
        self.trusted = {}  # card id -> every such write came from code running as superuser
        self.origins = defaultdict(list)  # card id -> (model, id, description) of loyalty.history rows


class Flow:
    """The handling of some orders, from the outermost call to its exit."""

    def __init__(self):
        self.depth = 0
        self.order_ids = set()
        self.card_ids = set()
        self.confirming = False
        self.paid = {}  # order id -> whether its money was taken, asked before anything of its rewards is recomputed
        self.promised = {}  # (order id, card id) -> points that a paid order was promised
        self.chosen = {}  # (order id, reward id) -> points of these that a discount per point takes


def foreign_writes(env, create=True):
    """The writes of this transaction that are not settled yet."""
    data = env.cr.precommit.data
    writes = data.get(DATA_KEY)
    if writes is None and create:
        writes = data[DATA_KEY] = ForeignWrites()
        env.cr.precommit.add(env["loyalty.card"].sudo()._club_settle)
    return writes


def current_flow(env):
    """The flow that this cursor is in, if any."""
    return _flows.get(env.cr)


def _settle_later(env, flow):
    """Settle once more before the commit, in case that a caller swallows the error and keeps what was done.

    A rollback, to a savepoint too, forgets this together with what was done.
    """
    orders, cards = env["sale.order"].browse(flow.order_ids), set(flow.card_ids)
    env.cr.precommit.add(lambda: orders.exists()._club_settle_spending(cards))


@contextmanager
def document_flow(orders):
    """Handle ``orders`` as one document flow; the outermost exit settles their spending."""
    cr = orders.env.cr
    flow = _flows.setdefault(cr, Flow())
    flow.depth += 1
    flow.order_ids.update(orders.ids)
    flow.card_ids.update(orders.order_line.coupon_id.ids)
    for order in orders:
        if order.id not in flow.paid and order.order_line.coupon_id:
            flow.paid[order.id] = order._club_is_money_taken()
    try:
        yield flow
        if flow.depth == 1:
            flow.card_ids.update(orders.exists().order_line.coupon_id.ids)
            if flow.card_ids:
                orders.env["sale.order"].browse(flow.order_ids)._club_settle_spending(flow.card_ids)
    except Exception:
        if flow.depth == 1 and flow.card_ids:
            _settle_later(orders.env, flow)
        raise
    finally:
        flow.depth -= 1
        if not flow.depth:
            _flows.pop(cr, None)
