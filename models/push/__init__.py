from . import club_push_device, club_push_message, club_push_sending  # isort: skip
from . import club_campaign, club_campaign_target, club_club, club_consent, club_member
from . import club_feedback, club_raffle_winner, club_redemption
