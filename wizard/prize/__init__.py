from . import club_prize_code_import, club_redeem_wizard, club_redemption_close
