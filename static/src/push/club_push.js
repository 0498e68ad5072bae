/** @odoo-module ignore **/
/* Switches notifications on for this browser, only when its button is pressed. Words are the page's. */
(() => {
    const box = document.querySelector("[data-club-push]");
    if (!box) {
        return;
    }
    const { clubPush: address, worker, scope, key } = box.dataset;
    const patience = Number(box.dataset.patience || 20) * 1000;
    const show = (state) => {
        for (const part of box.querySelectorAll("[data-push-state]")) {
            part.hidden = part.dataset.pushState !== state;
        }
    };
    const bytes = (text) =>
        Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const same = (one, other) => {
        const [a, b] = [new Uint8Array(one || []), new Uint8Array(other)];
        return a.length === b.length && a.every((value, index) => value === b[index]);
    };
    const digest = async (text) => {
        const found = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
        return [...new Uint8Array(found)].map((value) => value.toString(16).padStart(2, "0")).join("");
    };
    const subscription = async () => {
        const registration = await navigator.serviceWorker.getRegistration(scope);
        return registration && registration.scope.endsWith(scope) ? registration.pushManager.getSubscription() : null;
    };

    /** The worker, once it is at work: a page outside its scope is never told so. */
    async function register() {
        const registration = await navigator.serviceWorker.register(worker, { scope });
        const coming = registration.installing || registration.waiting;
        if (!registration.active && coming) {
            await new Promise((resolve, reject) => {
                coming.addEventListener("statechange", () => {
                    if (coming.state === "activated") {
                        resolve();
                    } else if (coming.state === "redundant") {
                        reject(new Error(coming.state));
                    }
                });
            });
        }
        return registration;
    }

    async function subscribe() {
        const registration = await register();
        const wanted = bytes(key);
        let found = await registration.pushManager.getSubscription();
        if (found && !same(found.options.applicationServerKey, wanted)) {
            await found.unsubscribe();
            found = null;
        }
        return found || registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
    }

    async function turnOn() {
        if ((await Notification.requestPermission()) !== "granted") {
            show(Notification.permission === "denied" ? "denied" : "off");
            return;
        }
        // A push service that cannot be reached lets some browsers wait for ever.
        const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), patience));
        const { endpoint, keys } = (await Promise.race([subscribe(), late])).toJSON();
        const form = new FormData(box.querySelector("form[data-push-on]"));
        form.append("endpoint", endpoint);
        form.append("p256dh", keys.p256dh);
        form.append("auth", keys.auth);
        const answer = await fetch(address, { method: "POST", body: form });
        if (!answer.ok) {
            // The shop's own words say why and what to do; without them, the page's do.
            const { error } = await answer.json().catch(() => ({}));
            throw Object.assign(new Error(answer.status), { told: error });
        }
        window.location.reload();
    }

    /** Which row of the list is this browser's; its row also lets the browser forget its subscription. */
    async function mark() {
        const found = await subscription();
        const mine = found && box.querySelector(`[data-push-device="${await digest(found.endpoint)}"]`);
        if (!mine || Notification.permission !== "granted") {
            return "off";
        }
        mine.querySelector("[data-push-mine]").hidden = false;
        mine.querySelector("form[data-push-off]").addEventListener("submit", () => {
            if (!("pushShared" in mine.dataset)) {
                found.unsubscribe();
            }
        });
        return "on";
    }

    async function start() {
        if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
            return show("unsupported");
        }
        const state = await mark();
        show(Notification.permission === "denied" ? "denied" : state);
        box.querySelector("form[data-push-on]").addEventListener("submit", async (event) => {
            event.preventDefault();
            const button = event.target.querySelector("button");
            button.disabled = true;
            try {
                await turnOn();
            } catch (error) {
                if (error.told) {
                    box.querySelector('[data-push-state="failed"]').textContent = error.told;
                }
                show("failed");
            } finally {
                button.disabled = false;
            }
        });
        box.dataset.pushReady = "1";
    }
    start().catch(() => show("unsupported"));
})();
