from . import club_audience, club_spending
from . import account_move, club_member, club_point_entry, sale_order, sale_order_line
from . import club_merchant, club_merchant_purchase
