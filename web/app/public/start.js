// Before the first paint and before the app, which is larger and still on its way.

// So that nobody who chose dark is blinded for a moment.
const prefs = (() => {
  try {
    return JSON.parse(localStorage.getItem("salus.prefs") || "{}") ?? {};
  } catch {
    // What cannot be read is no preference.
    return {};
  }
})();
const { dataset } = document.documentElement;
if (prefs.theme === "light" || prefs.theme === "dark") dataset.theme = prefs.theme;
if (prefs.contrast === "more") dataset.contrast = "more";
if (prefs.motion === "less") dataset.motion = "less";
if (prefs.discreet === true) document.title = "Notes";

// Who this is, is asked at once, and the files of the page that was opened come beside the app
// instead of after it. Those of a page for people who are logged in are for them alone.
const LATER = ["__PAGES__"];

function bring(name) {
  for (const file of LATER[name] ?? []) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.crossOrigin = "";
    link.href = file;
    document.head.append(link);
  }
}

const page = location.pathname.split("/", 2)[1];
bring(`words ${prefs.locale || navigator.language.split("-")[0]}`);
bring(`open ${page}`);
if (!page.startsWith("help")) {
  globalThis.salusMe = fetch("/api/auth/me", { headers: { Accept: "application/json" } });
  globalThis.salusMe.then(
    (answer) => answer.ok && bring(`own ${page}`),
    () => undefined,
  );
}
