// Runs before the first paint: the scheme chosen in the admin holds at the desk as well.
(() => {
  try {
    const scheme = JSON.parse(localStorage.getItem("_x_adminTheme") ?? "null");
    if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;
  } catch {
    // Storage is refused or holds something else: the system's scheme applies.
  }
})();
