from . import club_earn_try
