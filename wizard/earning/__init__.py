from . import club_earn_cost, club_earn_try
