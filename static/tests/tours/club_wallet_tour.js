/** Points become money, and a cart is paid with it. */
import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

registry.category("web_tour.tours").add("club_wallet_convert_and_pay", {
    url: "/my/club",
    steps: () => [
        {
            content: "To the wallet",
            trigger: "a[href$='/wallet']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose how many points become money",
            trigger: "form[name=club_wallet_convert] input[name=points]",
            run: "edit 5000",
        },
        {
            trigger: "form[name=club_wallet_convert] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says what it costs and what is left",
            trigger: "[name=club_wallet_confirm]:contains(50.00):contains(You keep 2000 Points), [name=club_wallet_confirm]:contains(50.00):contains(You keep 2,000 Points)",
        },
        {
            trigger: "button[name=club_wallet_yes]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_wallet_balance]:contains(50.00)" },
        {
            content: "The history says where it came from",
            trigger: "[name=club_wallet_row]:contains(From points)",
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
        {
            content: "Put roses into the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        {
            content: "Choose how much of the wallet to use",
            trigger: "[name=club_wallet] input[name=money]",
            run: "edit 40",
        },
        {
            trigger: "[name=club_wallet] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_wallet_used]:contains(40.00)" },
        ...tourUtils.assertCartAmounts({ total: "60.00" }),
        tourUtils.goToCheckout(),
        // The payment's page asks again and again whether it is done.
        ...tourUtils.payWithDemo().map((step) => ({ ...step, timeout: 60000 })),
        {
            content: "Paid",
            trigger: "[name=order_confirmation]",
            run() {
                window.location.href = "/my/club";
            },
            expectUnloadPage: true,
        },
        {
            trigger: "a[href$='/wallet']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_wallet_balance]:contains(10.00)" },
        { trigger: "[name=club_wallet_row]:contains(40.00)" },
    ],
});
