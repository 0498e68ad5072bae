from . import club_referral_report
