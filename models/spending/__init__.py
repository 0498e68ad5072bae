from . import account_move, club_point_entry, sale_order, sale_order_line
