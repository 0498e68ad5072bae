# feedback: critiques, suggestions, requests
from . import (
    club_feedback,
    club_feedback_category,
    club_feedback_desk,
    club_feedback_state,
    club_feedback_thread,
    club_feedback_escalation,
    club_feedback_club,
    club_feedback_rule,
    club_feedback_portal,
    club_feedback_pictures,
    club_feedback_member,
    crm_lead,
    club_feedback_lead,
)
