from . import (
    club_earn_rule,
    forum_post,
    forum_post_vote,
    mail_message,
    website_menu,
    club_contest,
    club_contest_steps,
    club_contest_closing,
    club_contest_taking_part,
    club_contest_words,
    club_contest_type,
    club_contest_prize,
    club_contest_participant,
    club_contest_place,
    club_contest_award,
)
from . import club_club, club_club_home, club_member, club_member_story, club_point_entry
