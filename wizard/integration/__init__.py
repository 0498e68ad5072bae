from . import club_custom_fact_wizard, club_merchant_correct
