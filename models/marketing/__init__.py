from . import club_earn_rule, club_event, club_segment
