/** Tells the server now and then (it counts a visit once a day) that a signed-in customer is here. Nothing waits for the answer. */
import { user } from "@web/core/user";

const CHANNELS = [
    ["portal", /^(\/[a-z]{2,3}(_[A-Za-z]+)?)?\/my(\/|$)/],
    ["shop", /^(\/[a-z]{2,3}(_[A-Za-z]+)?)?\/shop(\/|$)/],
];

const QUARTER = 15 * 60 * 1000;

/** The channel of a page, or nothing. */
export function getChannel(path) {
    return CHANNELS.find(([, pattern]) => pattern.test(path))?.[0];
}

function tell() {
    const channel = getChannel(window.location.pathname);
    if (!channel || !user.userId || window !== window.top) {
        return;
    }
    const mark = `${user.userId}:${Math.floor(Date.now() / QUARTER)}`;
    const name = `club_visit_${channel}`;
    try {
        if (window.sessionStorage.getItem(name) === mark) {
            return;
        }
        window.sessionStorage.setItem(name, mark);
    } catch {
        // A browser that keeps nothing asks the server each time; the server's session remembers.
    }
    const body = new URLSearchParams({ csrf_token: odoo.csrf_token, channel });
    fetch("/club/visit", { method: "POST", body, keepalive: true }).catch(() => {});
}

// After the page: a visit must not slow down what the visitor came for.
if (document.readyState === "complete") {
    tell();
} else {
    window.addEventListener("load", tell, { once: true });
}
