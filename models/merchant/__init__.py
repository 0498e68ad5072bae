from . import club_code, club_code_guard
from . import club_merchant, club_merchant_offer
from . import club_voucher, club_voucher_buying, club_voucher_use, club_voucher_end
from . import club_member_token, club_merchant_desk, club_merchant_purchase
from . import club_member, club_point_entry
from . import club_api, club_integration
from . import club_merchant_desk_links
from . import club_club_organisation, club_club_settlement_home
from . import club_settlement_accounts  # isort: skip
from . import club_club_settlement  # isort: skip
from . import club_merchant_accounts
from . import club_merchant_application, club_merchant_application_website
from . import club_settlement, club_settlement_steps, club_settlement_line  # isort: skip
from . import club_settlement_collect, club_settlement_bill, club_settlement_dispute
from . import account_move, club_merchant_settling
from . import club_settlement_statement
