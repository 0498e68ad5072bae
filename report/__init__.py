from . import club_referral_report, club_spending_report
