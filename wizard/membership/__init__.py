from . import (
    club_adopt_wizard,
    club_enrol_wizard,
    club_invite_wizard,
    club_leave_wizard,
    club_setup_templates,
    club_setup_wizard,
    club_setup_tier,
    club_setup_rule,
    club_setup_reward,
)
