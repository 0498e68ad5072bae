from . import (
    club_occasion,
    club_occasion_day,
    club_occasion_reminder,
    club_occasion_notice,
    club_club,
    club_earn_rule,
    club_event,
    club_member,
)
