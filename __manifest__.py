{
    "name": "Customer Club",
    "summary": "A complete loyalty club on Odoo's own loyalty engine, with a ledger that an accountant can reconcile",
    "version": "19.0.1.0.0",
    "category": "Sales",
    "author": "Customer Club contributors",
    "license": "LGPL-3",
    "depends": [
        "website_sale_loyalty",
        "sale_management",
        "account_payment",
        "phone_validation",
        "survey",
        "portal_rating",
        "website_forum",
        "link_tracker",
        "crm",
        "sms",
    ],
    "external_dependencies": {"python": ["phonenumbers", "jdatetime"]},
    "data": [
        # security
        "security/club_security.xml",
        "security/ir.model.access.csv",
        "security/club_rules.xml",
        "security/membership/ir.model.access.csv",
        "security/club_membership_rules.xml",
        "security/club_earning_rules.xml",
        "security/club_reward_rules.xml",
        # data
        "data/club_membership_cron.xml",
        "data/club_import_cron.xml",
        "data/club_earning_cron.xml",
        "data/ledger_cron.xml",
        "data/till_cron.xml",
        # views: membership
        "views/membership/club_wizard_views.xml",
        "views/membership/club_invitation_views.xml",
        "views/membership/club_member_views.xml",
        "views/membership/club_tier_views.xml",
        "views/membership/club_club_views.xml",
        "views/membership/club_occasion_views.xml",
        "views/membership/club_erasure_views.xml",
        "views/membership/res_partner_views.xml",
        "views/membership/product_template_views.xml",
        "views/membership/sale_order_views.xml",
        "views/membership/website_sale_templates.xml",
        # views: earning
        # wizards
        # portal and shop
        "views/portal/club_member_views.xml",
        "views/portal/portal_layout.xml",
        "views/portal/portal_club.xml",
        "views/portal/portal_club_history.xml",
        "views/portal/portal_club_card.xml",
        "views/portal/portal_club_join.xml",
        "views/portal/portal_club_profile.xml",
        "views/shop/club_shop.xml",
        # views: home and spending
        "views/home/club_club_home_views.xml",
        "views/spending/loyalty_reward_views.xml",
        "views/spending/club_point_entry_spent_views.xml",
        # menus
        "views/club_menus.xml",
        "views/membership/menus.xml",
        "views/earning/club_club_views.xml",
        # ledger (after members, whose form it extends)
        "views/ledger/club_point_entry_views.xml",
        "views/ledger/club_point_lot_views.xml",
        "views/ledger/club_point_adjustment_views.xml",
        "views/ledger/club_ledger_seal_views.xml",
        "views/ledger/club_health_views.xml",
        "views/ledger/ledger_menus.xml",
        "views/earning/club_earn_rule_views.xml",
        "views/earning/club_event_views.xml",
        "views/earning/sale_order_views.xml",
        "views/earning/account_move_views.xml",
        "views/earning/club_earning_menus.xml",
        "wizard/earning/club_earn_cost_views.xml",
        "wizard/earning/club_earn_try_views.xml",
        "wizard/imports/club_history_import_views.xml",
        "wizard/imports/club_member_import_views.xml",
        # activity: profile, visits
        # voice: surveys, reviews
        "security/review/ir.model.access.csv",
        "security/club_voice_rules.xml",
        "views/voice/survey_survey_views.xml",
        "views/voice/survey_templates.xml",
        "views/voice/club_review_views.xml",
        "views/voice/voice_earn_rule_views.xml",
        # voice: feedback
        "security/feedback/ir.model.access.csv",
        "security/club_feedback_rules.xml",
        "data/club_feedback_data.xml",
        "data/club_feedback_templates.xml",
        "data/club_feedback_cron.xml",
        "views/voice/club_feedback_views.xml",
        "views/voice/club_feedback_settings_views.xml",
        "views/voice/club_feedback_lead_views.xml",
        "wizard/voice/club_feedback_wizard_views.xml",
        "views/portal/portal_club_feedback.xml",
        # occasion
        # community: forum, contests
        # referral
        # counter
        # rules: try it, follow-up, timeline
        # integration: programs, partners
    ],
    "demo": ["demo/club_demo.xml"],
    "assets": {
        "web.assets_backend": [
            "customer_club/static/src/scss/club_home.scss",
            "customer_club/static/src/counter/**/*",
        ],
        "web.assets_frontend": ["customer_club/static/src/portal/**/*"],
        "web.assets_tests": ["customer_club/static/tests/tours/**/*"],
    },
    "uninstall_hook": "uninstall_hook",
    "application": True,
}
