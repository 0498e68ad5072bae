from . import club_point_entry
