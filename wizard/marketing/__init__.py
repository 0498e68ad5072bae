from . import club_segment_fill, club_segment_offer
