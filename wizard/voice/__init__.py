from . import club_feedback_answer, club_feedback_merge
