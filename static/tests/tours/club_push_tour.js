import { registry } from "@web/core/registry";

const box = "[data-club-push]";
const state = (name) => `[data-push-state="${name}"]:not([hidden])`;

// A browser in a test has no push service: what it would give is put in its place, and the rest is real.
function pretendSubscription(endpoint) {
    const point = document.querySelector(box).dataset.key; // a point of the curve, as a browser's key is
    const found = {
        endpoint,
        options: { applicationServerKey: null },
        toJSON: () => ({ endpoint, keys: { p256dh: point, auth: "c2l4dGVlbiBieXRlcy4uLg" } }),
        unsubscribe: () => {
            sessionStorage.removeItem("club_push");
            return Promise.resolve(true);
        },
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(sessionStorage.getItem("club_push") ? found : null);
    PushManager.prototype.subscribe = function (options) {
        if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) {
            throw new Error("not as browsers want it");
        }
        sessionStorage.setItem("club_push", "1");
        return Promise.resolve(found);
    };
    Notification.requestPermission = () => Promise.resolve(Notification.permission);
}

/** Runs the worker's script with a browser of ours, and tells what it showed and opened. */
async function tryWorker() {
    const text = await (await fetch("/my/club/push-worker.js")).text();
    const handlers = {};
    const [shown, opened] = [[], []];
    const self = {
        location: window.location,
        addEventListener: (name, handle) => (handlers[name] = handle),
        registration: { showNotification: async (title, options) => shown.push({ title, ...options }) },
        clients: { openWindow: async (url) => opened.push(url) },
    };
    new Function("self", text)(self);
    const waitUntil = () => {};
    for (const path of ["/my/club/1", "//evil.example/a", "https://evil.example/a", "javascript:alert(1)", ""]) {
        handlers.push({ data: { json: () => ({ title: "<b>Rose</b>", body: "Ready", path, tag: "club-1" }) }, waitUntil });
        handlers.notificationclick({ notification: { close() {}, data: shown.at(-1).data }, waitUntil });
    }
    handlers.push({ data: null, waitUntil });
    const origin = window.location.origin;
    const wanted = [`${origin}/my/club/1`, ...Array(4).fill(`${origin}/my/club`)];
    if (JSON.stringify(opened) !== JSON.stringify(wanted)) {
        throw new Error(`opened ${opened}`);
    }
    if (shown.length !== 6 || shown[0].title !== "<b>Rose</b>" || shown[5].title !== window.location.hostname) {
        throw new Error(`shown ${JSON.stringify(shown)}`);
    }
}

registry.category("web_tour.tours").add("club_push_on_and_off", {
    steps: () => [
        { content: "nothing is asked before the button", trigger: `${box}[data-push-ready] ${state("off")}` },
        { content: "the worker shows, and opens pages of ours only", trigger: box, run: tryWorker },
        { content: "a browser with a push service", trigger: box, run: () => pretendSubscription("https://fcm.googleapis.com/fcm/send/tour") },
        { content: "on", trigger: `${state("off")} button`, run: "click", expectUnloadPage: true },
        { content: "it says so", trigger: ".alert:contains(Notifications are on for this device)" },
        { content: "it is listed", trigger: `${box} [data-push-device]:contains(Chrome on)` },
        { content: "amounts too", trigger: `${box} button:contains(Show amounts and codes)`, run: "click", expectUnloadPage: true },
        { content: "they are", trigger: `${box} button:contains(Hide amounts and codes)` },
        { content: "off", trigger: `${box} [data-push-off] button`, run: "click", expectUnloadPage: true },
        { content: "it says so, too", trigger: ".alert:contains(Notifications are off for that device)" },
        { content: "none is left", trigger: `${box}:not(:has([data-push-device]))` },
    ],
});

registry.category("web_tour.tours").add("club_push_refused", {
    steps: () => [
        { content: "the browser says no", trigger: `${box} ${state("denied")}` },
        { content: "and nothing can be pressed", trigger: `${box}:not(:has(${state("off")}))` },
    ],
});

registry.category("web_tour.tours").add("club_push_unknown_service", {
    steps: () => [
        { content: "ready", trigger: `${box}[data-push-ready] ${state("off")}` },
        { content: "a service that nobody knows", trigger: box, run: () => pretendSubscription("https://push.example.com/1") },
        { content: "on", trigger: `${state("off")} button`, run: "click" },
        { content: "it says what to do", trigger: `${state("failed")}:contains(try another browser)` },
    ],
});
