from . import (
    club_profile_field,
    club_club,
    club_earn_rule,
    club_event,
    club_member_profile,
    club_member_tier,
    club_member_visit,
    club_member_portal,
    club_occasion,
    club_point_entry,
    res_partner,
)
