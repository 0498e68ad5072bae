# feedback: critiques, suggestions, requests
from . import (
    club_feedback,
    club_feedback_rights,
    club_feedback_category,
    club_feedback_desk,
    club_feedback_state,
    club_feedback_thread,
    club_feedback_escalation,
    club_feedback_club,
    club_feedback_rule,
    club_feedback_sent,
    club_feedback_portal,
    club_feedback_pictures,
    club_feedback_member,
    crm_lead,
    club_feedback_lead,
)

# surveys, reviews
from . import (
    rating_club,
    rating_earn_rule,
    rating_event,
    rating_member,
    rating_message,
    rating_rating,
    rating_review,
    survey_earn_rule,
    survey_event,
    survey_invite,
    survey_member,
    survey_survey,
    survey_user_input,
)
