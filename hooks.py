"""Install and uninstall hooks."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Drop the database functions that keep ledger entries and closed contests immutable.

    Without this, Odoo could not drop the columns and rows of the module's tables.
    """
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS club_refuse_change() CASCADE"))
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS club_refuse_contest_change() CASCADE"))
