/** A family shares points and spends them in the shop; and a member gives points to a friend, who accepts. */
import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

const tours = registry.category("web_tour.tours");
const send = (form) => ({
    trigger: `form[name=${form}] button[type=submit]`,
    run: "click",
    expectUnloadPage: true,
});

tours.add("club_pool_and_spend", {
    url: "/my/club",
    steps: () => [
        {
            content: "The overview leads to pools",
            trigger: "nav[name=club_spend_links] a:contains(Share points in a pool)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Empty says what will be there; a name makes the pool",
            trigger: "form[name=club_pool_found] input[name=name]",
            run: "edit The Webers",
        },
        send("club_pool_found"),
        { trigger: ".alert-success:contains(The Webers is made)" },
        {
            trigger: "form[name=club_pool_put] input[name=points]",
            run: "edit 80",
        },
        send("club_pool_put"),
        {
            content: "It says what it costs and what is left before anything is taken",
            trigger: "[name=club_pool_confirm]:contains(80 Points leave your card; 20 Points are left on it.)",
        },
        {
            trigger: "button[name=club_pool_sure]:contains(Put 80 Points into the pool)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_pool_points]:contains(80 Points)" },
        { trigger: "[name=club_pool_mine]:contains(80 Points)" },
        {
            content: "To the shop, where the pool can pay",
            trigger: "a[href='/shop']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".oe_product_cart a:contains(Tour Roses)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Put roses into the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        {
            content: "The cart offers the pool's points beside the own ones",
            trigger: ".o_cart_total [name=club_pool_spending]:contains(The Webers):contains(80 Points left in the pool)",
        },
        {
            trigger: ".o_cart_total form[name=club_pool_choose] input[name=points]",
            run: "edit 50",
        },
        {
            trigger: ".o_cart_total form[name=club_pool_choose] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_cart_total [name=club_pool_used]:contains(This order uses 50 Points.)" },
        { trigger: ".o_cart_total [name=club_pool_spending]:contains(30 Points left in the pool)" },
    ],
});

tours.add("club_give_points", {
    url: "/my/club",
    steps: () => [
        {
            trigger: "nav[name=club_spend_links] a:contains(Give points)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "form[name=club_gift] input[name=number]",
            run: "edit TOUR00000000",
        },
        {
            trigger: "form[name=club_gift] input[name=points]",
            run: "edit 25",
        },
        {
            trigger: "form[name=club_gift] input[name=note]",
            run: "edit Thank you!",
        },
        send("club_gift"),
        {
            content: "A number that nobody has is told, and what was typed stays",
            trigger: ".alert-danger:contains(There is no member with this number)",
        },
        { trigger: "form[name=club_gift] input[name=points]:value(25)" },
    ],
});

tours.add("club_accept_gift", {
    url: "/my/club",
    steps: () => [
        {
            content: "The first thing to do now",
            trigger: "[name=club_step]:contains(gives you 25 Points) a:contains(Accept or decline)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_gift_row]:contains(Thank you!)" },
        {
            trigger: "button[name=club_gift_accept]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains(Accepted.)" },
        { trigger: "[name=club_gift_row]:contains(Arrived)" },
    ],
});
