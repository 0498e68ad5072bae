from . import (
    api_error,
    club_club,
    club_custom_fact,
    club_earn_rule,
    club_event,
    club_integration,
    club_api_call,
    club_api_request,
    club_api,
    club_api_members,
    club_api_facts,
    club_api_points,
)
