from . import club_segment, club_segment_keeping, club_segment_figures  # isort: skip
from . import club_segment_condition, club_segment_condition_kinds, club_segment_condition_words  # isort: skip
from . import club_earn_rule, club_event, club_member, club_rfm, club_segment_membership, club_segment_reach
