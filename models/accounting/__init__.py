from . import club_club, club_estimate, club_deferral, club_close, club_close_posting, club_close_cohort
from . import club_book_setup, club_close_channels, club_tie_out, club_tie_out_line, club_book_home, club_book_drill
from . import club_close_analytic, club_close_late, club_estimate_evidence, club_member, loyalty_card, res_users  # isort: skip
