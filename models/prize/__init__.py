from . import club_prize, club_prize_offer, club_prize_picture, club_prize_code
from . import club_redemption, club_redemption_state, club_redemption_delivery, club_redemption_notice
from . import club_prize_portal
from . import club_club, club_club_home, club_member, club_member_portal, club_point_entry, club_purchase
from . import sale_order, sale_order_line
