/** The way of a customer: sign up and join, buy and wait, rise and claim; and a return that takes points back. */
import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

const tours = registry.category("web_tour.tours");

const buyRoses = () => [
    {
        content: "Put roses into the cart",
        trigger: "#product_detail form #add_to_cart",
        run: "click",
    },
    tourUtils.goToCart(),
];

tours.add("club_sign_up_and_join", {
    url: "/web/signup",
    steps: () => [
        { trigger: "form.oe_signup_form input[name=name]", run: "edit Rosa" },
        { trigger: "input[name=login]", run: "edit rosa@example.com" },
        { trigger: "input[name=password]", run: "edit rosa@example.com" },
        { trigger: "input[name=confirm_password]", run: "edit rosa@example.com" },
        {
            content: "Nothing is ticked beforehand",
            trigger: "input[name^=club_marketing_]:not(:checked)",
        },
        {
            content: "Join the club",
            trigger: "input[name^=club_join_]:not(:checked)",
            run: "check",
        },
        {
            content: "Sign up",
            trigger: "form.oe_signup_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The account is there",
            trigger: "body:not(:has(form.oe_signup_form)) a[href*='/web/session/logout']:not(:visible), .o_portal_my_home",
        },
    ],
});

tours.add("club_buy_and_see_pending_points", {
    url: "/shop",
    steps: () => [
        {
            content: "Open the roses",
            trigger: ".oe_product_cart a:contains(Tour Roses)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says what one earns",
            trigger: "[name=club_earnings_points]:contains(+100 Points)",
        },
        ...buyRoses(),
        {
            content: "The cart says it, too",
            trigger: ".o_cart_total [name=club_earnings_points]:contains(+100 Points)",
        },
        {
            content: "Read why",
            trigger: ".o_cart_total [name=club_earnings] summary",
            run: "click",
        },
        { trigger: ".o_cart_total [name=club_earnings] li:contains(+100 Points)" },
        tourUtils.goToCheckout(),
        ...tourUtils.payWithDemo(),
        {
            content: "The confirmation says what the order earned",
            trigger: "[name=club_earnings_points]:contains(+100 Points)",
            run() {
                window.location.href = "/my/club";
            },
            expectUnloadPage: true,
        },
        {
            content: "Nothing can be spent yet",
            trigger: "[name=club_points]:text(0 Points)",
        },
        {
            content: "The points wait",
            trigger: "[name=club_pending]:contains(100 Points can be spent from)",
        },
    ],
});

tours.add("club_rise_and_claim", {
    url: "/my/club",
    steps: () => [
        {
            content: "The points can be spent",
            trigger: "[name=club_points]:text(100 Points)",
        },
        {
            content: "A tier was reached",
            trigger: "[name=club_tier_name]:contains(Bloom)",
            run() {
                window.location.href = "/shop";
            },
            expectUnloadPage: true,
        },
        {
            trigger: ".oe_product_cart a:contains(Tour Roses)",
            run: "click",
            expectUnloadPage: true,
        },
        ...buyRoses(),
        {
            content: "Choose how many points to spend",
            trigger: "form[name=club_choose_points] input[name=points]",
            run: "edit 40",
        },
        {
            trigger: "form[name=club_choose_points] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_points_used]:contains(40 Points)" },
        { trigger: "[name=club_points_left]:contains(60 Points)" },
        ...tourUtils.assertCartAmounts({ total: "98.00" }),
        tourUtils.goToCheckout(),
        ...tourUtils.payWithDemo(),
        {
            trigger: "[name=order_confirmation]",
            run() {
                window.location.href = "/my/club";
            },
            expectUnloadPage: true,
        },
        {
            trigger: "[name=club_points]:text(60 Points)",
        },
        {
            content: "To the history",
            trigger: "a[href$='/history']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The reward is in it",
            trigger: "[name=club_history_row]:contains(spent: −40 Points)",
        },
    ],
});

tours.add("club_return_takes_points_back", {
    url: "/my/club",
    steps: () => [
        {
            content: "A quarter of the purchase was returned",
            trigger: "[name=club_points]:text(75 Points)",
        },
        {
            trigger: "a[href$='/history']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The history says so",
            trigger: "[name=club_history_row]:contains(returned or cancelled: −25 Points)",
        },
    ],
});
