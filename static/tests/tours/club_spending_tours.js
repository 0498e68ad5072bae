/** A member chooses points at checkout until nothing is left to pay, and orders. */
import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

registry.category("web_tour.tours").add("club_choose_points_at_checkout", {
    url: "/shop",
    steps: () => [
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
            content: "The slider is there, and begins with what is useful",
            trigger: "form.o_club_points input[type=range]:not(.invisible)",
        },
        {
            content: "A smaller number, by the slider",
            trigger: "form.o_club_points input[type=range]",
            run() {
                this.anchor.value = 520;
                this.anchor.dispatchEvent(new Event("input", { bubbles: true }));
            },
        },
        {
            content: "The number follows, in whole steps",
            trigger: "form.o_club_points:has(.o_club_saves:contains(25.00)):has(.o_club_left:contains(2,500))",
            run() {
                if (document.querySelector("form.o_club_points input[name=points]").value !== "500") {
                    throw new Error("The number must follow the slider, down to a whole step");
                }
            },
        },
        {
            content: "Another quantity renders the total anew: the slider must come back",
            trigger: ".css_quantity input.quantity, input.js_quantity",
            run: "edit 2 && press Enter",
        },
        {
            trigger: "form.o_club_points input[type=range][max='2000']:not(.invisible)",
        },
        tourUtils.goToCheckout(),
        {
            content: "Delivery is chosen",
            trigger: "input[name=o_delivery_radio]:checked",
        },
        {
            trigger: "a[name=website_sale_main_button]:not(.disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Type a number at the payment",
            trigger: ".o_cart_total form.o_club_points input[name=points]",
            run: "edit 2100",
        },
        {
            content: "The slider follows, and says what is saved",
            trigger: ".o_cart_total form.o_club_points .o_club_saves:contains(105.00)",
        },
        {
            trigger: ".o_cart_total form.o_club_points button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Nothing is left to pay",
            trigger: ".o_cart_total [name=club_points_used]:contains(2,100 Points)",
        },
        {
            trigger: "form[name=o_wsale_confirm_order] button[name=o_payment_submit_button]:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "body:has([name=order_confirmation])",
            run() {
                window.location.href = "/my/club";
            },
            expectUnloadPage: true,
        },
        {
            content: "The points are spent",
            trigger: "[name=club_points]:text(900 Points)",
        },
    ],
});
