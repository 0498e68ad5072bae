"""Budgets as a share of sales pay from sales without taxes: sums that were kept with them are counted anew."""


def migrate(cr, version):
    # Without its bounds a sum is no period's: purchases add up the period themselves until the next count keeps it.
    cr.execute(
        """
        UPDATE club_budget budget SET counted_until = NULL
          FROM club_club club
         WHERE club.id = budget.club_id AND club.earn_tax = 'included' AND budget.counted_until IS NOT NULL
        """
    )
