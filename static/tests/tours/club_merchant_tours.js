/** A member takes a voucher of a partner; the partner's people redeem it on a phone, and undo a mistake. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_voucher_take", {
    url: "/my/club",
    steps: () => [
        { content: "Where points are used", trigger: "[name=club_spend_links] a:contains(At our partners)", run: "click", expectUnloadPage: true },
        { content: "Affordable first", trigger: "[name=club_offer]:first:contains(Breakfast for two):contains(You have enough) a.btn", run: "click", expectUnloadPage: true },
        { content: "What it costs", trigger: "[name=club_cost]:contains(100)" },
        { content: "What is left", trigger: "[name=club_after]:contains(400)" },
        { content: "What happens to unused ones", trigger: "[name=club_terms]:contains(the points come back)" },
        {
            content: "Take it: the page with the code has no script on which a tour could go on",
            trigger: "form[name=club_offer_take] button:contains(Take it for)",
            run: async ({ anchor }) => {
                const answer = await fetch(anchor.form.action, { method: "POST", body: new FormData(anchor.form) });
                if (!/name="club_code"[^>]*>[0-9A-Z]{4}-/.test(await answer.text())) {
                    throw new Error("the page shows no code");
                }
            },
        },
    ],
});

tours.add("club_voucher_redeem", {
    steps: () => [
        {
            content: "The customer shows a code",
            trigger: "form[name=club_merchant_check]",
            run: () => {
                sessionStorage.clubTourCode = new URLSearchParams(location.search).get("code");
            },
        },
        { content: "One field for the code", trigger: "form[name=club_merchant_check] input[name=code]", run: "edit oops" },
        { content: "A wrong one", trigger: "form[name=club_merchant_check] button[type=submit]", run: "click", expectUnloadPage: true },
        { content: "One answer", trigger: ".alert-danger:contains(not valid here now)" },
        {
            content: "The right one, typed in small letters",
            trigger: "form[name=club_merchant_check] input[name=code]",
            run: (helpers) => helpers.edit(sessionStorage.clubTourCode),
        },
        { content: "Look at it", trigger: "form[name=club_merchant_check] button[type=submit]", run: "click", expectUnloadPage: true },
        { content: "What it is", trigger: "[name=club_merchant_offer]:contains(Breakfast for two)" },
        { content: "What the merchant is owed", trigger: "[name=club_merchant_value]:contains(8.00)" },
        { content: "Everything fits on a phone", trigger: "body:not(:has(.o_never))", run: () => {
            if (document.documentElement.scrollWidth > window.innerWidth) {
                throw new Error("the page is wider than the phone");
            }
        } },
        { content: "The receipt", trigger: "input[name=reference]", run: "edit R-77" },
        { content: "Redeem", trigger: "form[name=club_merchant_redeem] button[type=submit]", run: "click", expectUnloadPage: true },
        { content: "Done", trigger: ".alert-success:contains(Give it to the customer)" },
        { content: "It stands in the day's list", trigger: "[name=club_merchant_row]:contains(R-77)" },
        { content: "A mistake?", trigger: "[name=club_merchant_row] summary", run: "click" },
        { content: "Undo it", trigger: "form[name=club_merchant_undo] button", run: "click", expectUnloadPage: true },
        { content: "Undone", trigger: ".alert-success:contains(You are owed nothing for it)" },
        { content: "The list says so", trigger: "[name=club_merchant_row] .badge:contains(Undone)" },
    ],
});
