from . import club_club, club_club_wallet_making, club_club_wallet, club_member, club_member_portal
from . import club_wallet_conversion
from . import account_move, club_earn_rule, club_event, club_point_entry, club_wallet_topup, loyalty_program, sale_order
