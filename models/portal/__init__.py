from . import club_club, club_member, club_member_profile, club_point_entry, product_template, sale_order
from . import club_member_timeline
from . import club_member_statement
from . import club_member_statement_files
