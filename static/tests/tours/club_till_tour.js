import { registry } from "@web/core/registry";

// No helpers of the till's own tests: this file is loaded where the till is not installed, too.
registry.category("web_tour.tours").add("club_till_spends_points", {
    steps: () => [
        { content: "open the till", trigger: ".screen-login .btn.open-register-btn", run: "click" },
        { content: "open the register", trigger: ".modal:not(.o_inactive_modal) .modal-footer .btn-primary", run: "click" },
        { content: "sell", trigger: 'article.product .product-name:contains("Till Roses")', run: "click" },
        { content: "it is on the order", trigger: '.order-container .orderline:contains("Till Roses")' },
        { content: "choose the customer", trigger: ".product-screen .set-partner", run: "click" },
        { content: "search", trigger: ".modal-dialog .input-group input", run: "edit Till Anna" },
        { content: "it is Anna", trigger: ".modal .partner-list b:contains(Till Anna)", run: "click" },
        { content: "she is on the order", trigger: '.product-screen .set-partner:contains("Till Anna")' },
        { content: "more", trigger: ".more-btn", run: "click" },
        { content: "rewards", trigger: '.control-buttons button.highlight:contains("Reward")', run: "click" },
        { content: "five off", trigger: '.selection-item:contains("5 off at the till")', run: "click" },
        { content: "the reward is on the order", trigger: '.order-container .orderline.fst-italic:contains("5 off at the till")' },
        { content: "pay", trigger: ".product-screen .pay-order-button", run: "click" },
        { content: "validate", trigger: ".payment-screen button.validation-button.next.highlight", run: "click" },
        { content: "done", trigger: ".receipt-screen .button.next.highlight[name='done']", run: "click" },
        { content: "the next order", trigger: ".product-screen" },
    ],
});
