from . import club_audience, club_spending
from . import account_move, club_club, club_member, club_member_holds, club_point_entry, loyalty_reward, sale_order
from . import sale_order_line, sale_order_points, sale_order_discount
from . import club_merchant, club_merchant_purchase, club_merchant_purchase_recording
