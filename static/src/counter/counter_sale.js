import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CounterError, useCounterCall, useCounterDeed } from "./counter_call";

/** Milliseconds of rest after which what was typed is asked about. */
const REST = 350;

/** One sale: an amount or products, points to use, what it earns; a press on a way to pay makes it. */
export class CounterSale extends Component {
    static template = "customer_club.CounterSale";
    static props = {
        club: Object,
        journals: Array,
        problem: String,
        member: Object,
        spend: Boolean,
        onDone: Function,
        onBusy: Function,
    };

    setup() {
        this.call = useCounterCall();
        this.state = useState({
            amount: "",
            lines: [],
            query: "",
            products: null,
            searching: this.props.journals.length === 0,
            reward: null,
            points: "",
            preview: null,
            asking: false,
            busy: false,
            error: "",
            unknown: false,
            journal: null,
        });
        this.deed = useCounterDeed(this.state);
        this.panel = useRef("panel");
        this.amount = useRef("amount");
        this.pay = useRef("pay");
        this.asked = 0;
        onMounted(() => {
            this.amount.el?.focus({ preventScroll: true });
            this.ask().then(() => this.show());
        });
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get sale() {
        const { amount, lines, reward, points } = this.state;
        return {
            member_id: this.props.member.id,
            amount,
            lines: lines.map(({ product_id, quantity, price }) => ({ product_id, quantity: String(quantity), price })),
            reward_id: reward?.id || false,
            reward_product_id: reward?.product || false,
            points: reward?.per_point ? points : "",
        };
    }

    /** On a telephone the way to pay would lie below the fold. */
    show() {
        setTimeout(() => {
            const el = this.panel.el;
            if (el && el.getBoundingClientRect().bottom > window.innerHeight) {
                el.scrollIntoView({ block: "start" });
            }
        }, 100); // when the rewards and the total are there
    }

    // Whole sentences, for other languages order their words differently.

    sayTotal(total) {
        return _t("To pay: %(total)s", { total });
    }

    sayPay(journal) {
        return this.state.unknown && this.state.journal === journal.id
            ? _t("Try again: paid by %(journal)s", { journal: journal.name })
            : _t("Paid by %(journal)s", { journal: journal.name });
    }

    sayReward(reward) {
        if (reward.short) {
            return _t("%(points)s missing", { points: reward.short });
        }
        if (reward.per_point && !Number(reward.most)) {
            return this.empty ? _t("type the amount first") : reward.note;
        }
        if (!reward.possible && reward.note) {
            return reward.note;
        }
        return reward.per_point ? _t("up to %(points)s", { points: reward.most_text }) : reward.cost;
    }

    get frozen() {
        return this.state.busy || this.state.unknown;
    }

    get empty() {
        const { amount, lines, reward } = this.state;
        return !amount.trim() && !lines.length && !(reward && !reward.per_point);
    }

    changed() {
        Object.assign(this.state, { asking: true, error: "" });
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.ask(), REST);
    }

    async ask() {
        clearTimeout(this.timer);
        const turn = ++this.asked;
        this.state.asking = true;
        try {
            const preview = await this.call("preview_sale", { sale: this.sale });
            if (turn === this.asked) {
                Object.assign(this.state, { preview, error: "" });
            }
        } catch (error) {
            if (!(error instanceof CounterError)) {
                throw error;
            }
            if (turn === this.asked) {
                this.state.error = error.message;
            }
        } finally {
            if (turn === this.asked) {
                this.state.asking = false;
            }
        }
    }

    async check() {
        await this.ask();
        this.pay.el?.querySelector("button")?.focus();
    }

    // -- products ----------------------------------------------------------------------------------

    async findProducts() {
        try {
            this.state.products = await this.call("find_products", {
                query: this.state.query,
                club_id: this.props.club.id,
            });
        } catch (error) {
            if (!(error instanceof CounterError)) {
                throw error;
            }
            this.state.error = error.message;
        }
        if (this.state.products?.length === 1) {
            this.addProduct(this.state.products[0]);
        }
    }

    addProduct(product) {
        const line = this.state.lines.find((line) => line.product_id === product.id);
        if (line) {
            line.quantity = String(Number(line.quantity) + 1 || 1);
        } else {
            this.state.lines.push({ product_id: product.id, name: product.name, quantity: "1", price: "" });
        }
        Object.assign(this.state, { products: null, query: "" });
        this.changed();
    }

    removeLine(index) {
        this.state.lines.splice(index, 1);
        this.changed();
    }

    // -- points ------------------------------------------------------------------------------------

    chooseReward(reward) {
        if (this.state.reward?.id === reward.id) {
            Object.assign(this.state, { reward: null, points: "" });
        } else {
            const product = reward.products[0]?.id;
            this.state.reward = { id: reward.id, per_point: reward.per_point, product };
            this.state.points = reward.per_point ? reward.most : "";
        }
        this.changed();
    }

    // -- paying ------------------------------------------------------------------------------------

    async sell(journal) {
        clearTimeout(this.timer);
        this.state.journal = journal.id;
        this.props.onBusy(true);
        const result = await this.deed("sell", { sale: { ...this.sale, journal_id: journal.id } });
        this.props.onBusy(this.state.unknown);
        if (result) {
            this.props.onDone(result);
        }
    }
}
