// Before the first paint, so that nobody who chose dark is blinded for a moment.
(() => {
  try {
    const prefs = JSON.parse(localStorage.getItem("salus.prefs") || "{}");
    const root = document.documentElement;
    if (prefs.theme === "light" || prefs.theme === "dark") root.dataset.theme = prefs.theme;
    if (prefs.contrast === "more") root.dataset.contrast = "more";
    if (prefs.motion === "less") root.dataset.motion = "less";
    if (prefs.discreet === true) document.title = "Notes";
  } catch {
    // What cannot be read is no preference.
  }
})();
