import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";

/**
 * Chooses points for an order: a slider beside the number, and at once what it saves and what is left.
 *
 * The number is what is sent; without JavaScript it is all there is. The server decides anew what is allowed. The forms
 * are Odoo's to render again with every change of the cart, so their page is watched rather than they themselves.
 */
export class ClubPoints extends Interaction {
    static selector = ".oe_website_sale";
    dynamicContent = {
        _root: { "t-on-input": this.onInput, "t-on-change": this.onChange },
    };

    start() {
        this.begin();
        const observer = new MutationObserver(() => this.begin());
        observer.observe(this.el, { childList: true, subtree: true });
        this.registerCleanup(() => observer.disconnect());
    }

    /** Show the sliders of forms that are new on the page. */
    begin() {
        for (const form of this.el.querySelectorAll("form.o_club_points:has(input[type=range].invisible)")) {
            form.slider = form.querySelector("input[type=range]");
            form.number = form.querySelector("input[name=points]");
            form.patterns = JSON.parse(form.dataset.patterns);
            form.slider.value = form.number.value;
            form.slider.classList.remove("invisible");
            this.show(form);
        }
    }

    /** The nearest number that may be chosen: none, or from the least to the most in whole steps. */
    fit(form, points) {
        const [least, step, most] = [form.dataset.least, form.dataset.step, form.slider.max].map(Number);
        const whole = Math.floor(Math.min(points, most) / step + 1e-9) * step;
        if (whole >= least) {
            return this.round(form, whole);
        }
        return points >= least / 2 && least <= most ? least : 0;
    }

    round(form, points) {
        return Number(points.toFixed(form.patterns.points_digits));
    }

    onInput(ev) {
        const form = ev.target.closest("form.o_club_points");
        if (!form?.patterns) {
            return;
        }
        if (ev.target === form.slider) {
            form.number.value = form.slider.value = this.fit(form, Number(form.slider.value));
        } else {
            form.slider.value = form.number.value || 0;
        }
        this.show(form);
    }

    /** What was typed is taken to the nearest number that is possible, for all to see before it is sent. */
    onChange(ev) {
        const form = ev.target.closest("form.o_club_points");
        if (form?.patterns && ev.target === form.number && form.number.value) {
            form.number.value = form.slider.value = this.fit(form, Number(form.number.value));
            this.show(form);
        }
    }

    show(form) {
        const points = Math.min(Math.max(Number(form.number.value) || 0, 0), form.slider.max);
        const saves = this.money(form, Math.min(points * form.dataset.value, form.dataset.payable));
        form.querySelector(".o_club_saves").textContent = saves;
        form.querySelector(".o_club_left").textContent = this.points(form, form.dataset.spendable - points);
        form.slider.setAttribute("aria-valuetext", `${this.points(form, points)}, ${saves}`);
    }

    money(form, amount) {
        const digits = form.patterns.money_digits;
        return form.patterns.money.replace("§", formatFloat(amount, { digits: [16, digits] }));
    }

    points(form, count) {
        const points = this.round(form, count);
        const pattern = points === 1 ? form.patterns.point : form.patterns.points;
        return pattern.replace("§", formatFloat(points, { digits: [16, form.patterns.points_digits] }));
    }
}

registry.category("public.interactions").add("customer_club.points", ClubPoints);
