from . import club_segment
