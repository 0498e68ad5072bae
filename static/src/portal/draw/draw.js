import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** How long each picture moves, in milliseconds; see draw.scss. */
const MOVES = { wheel: 4000, scratch: 2900, box: 2000 };

/** Shows the text of a result once the picture has come to rest, so that a screen reader says it then. */
export class ClubDraw extends Interaction {
    static selector = ".o_club_draw_fresh";

    start() {
        const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
        const kind = Object.keys(MOVES).find((name) => this.el.classList.contains(`o_club_draw_${name}`));
        const text = this.el.querySelector(".o_club_draw_text");
        const said = [...text.childNodes];
        text.style.minHeight = `${text.offsetHeight}px`; // nothing jumps when it comes back
        text.replaceChildren();
        this.waitForTimeout(() => this.show(text, said), still ? 0 : MOVES[kind]);
    }

    show(text, said) {
        text.replaceChildren(...said);
        this.el.classList.add("o_club_draw_done");
    }
}

/** A form that spends is sent once, however often the button is pressed. */
export class ClubOnce extends Interaction {
    static selector = "form.o_club_once";
    dynamicContent = {
        _root: { "t-on-submit": this.send },
        "button[type=submit]": { "t-att-disabled": () => this.sent },
    };

    setup() {
        this.sent = false;
    }

    send(ev) {
        if (this.sent) {
            ev.preventDefault();
        }
        this.sent = true;
    }
}

registry.category("public.interactions").add("customer_club.draw", ClubDraw);
registry.category("public.interactions").add("customer_club.once", ClubOnce);
