from . import (
    club_earn_rule,
    club_earn_rule_checks,
    club_earn_rule_engine,
    club_earn_rule_events,
    club_earn_rule_form,
    club_earn_rule_reasons,
    club_earn_rule_step,
    club_earn_rule_words,
    club_earn_release,
    club_event,
    club_event_processing,
    club_event_story,
    club_purchase,
)
from . import club_club, club_follow_up, club_member
from . import account_move, account_move_line, loyalty_program, product_template, sale_order, sale_order_line
