from . import club_behaviour, club_stage_change, club_lifetime_fit  # isort: skip
from . import club_club, club_member, club_segment  # isort: skip
