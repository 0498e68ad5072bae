from . import club_club, club_member, club_point_entry, product_template, sale_order, stubs
