"""Install and uninstall hooks."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Drop the database functions that keep ledger entries, closed contests, plays and raffles immutable.

    Without this, Odoo could not drop the columns and rows of the module's tables.
    """
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS club_refuse_change() CASCADE"))
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS club_refuse_contest_change() CASCADE"))
    for name in ("refuse_play_change", "check_raffle", "keep_raffle", "check_raffle_winner", "check_raffle_tickets"):
        env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(f"club_{name}")))
