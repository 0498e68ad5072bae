from . import loyalty_program, club_event, club_earn_rule, club_point_entry  # isort: skip
from . import club_campaign, club_campaign_check, club_campaign_step, club_campaign_target  # isort: skip
from . import club_campaign_state, club_campaign_texts, club_campaign_trigger, club_campaign_action  # isort: skip
from . import club_campaign_prize, club_campaign_reach, club_campaign_sending  # isort: skip
from . import club_campaign_result, club_campaign_words, club_campaign_outcome  # isort: skip
from . import club_campaign_message, club_campaign_test_message  # isort: skip
from . import club_club, club_member  # isort: skip
