from . import club_club, club_member_account, club_lookup
from . import club_gift, club_gift_sending
from . import club_pool, club_pool_member, club_pool_contribution, club_pool_parting
from . import club_cause, club_donation
from . import club_certificate, club_member, club_member_pool, club_member_portal, club_member_honour
from . import club_point_entry, sale_order, club_club_home
