// The switch for dark and light. It is loaded before the page is drawn, so that it does not flash in the other one.

{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // the browser stores nothing
    }
  };
  if (stored()) root.dataset.theme = stored();

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => {
      button.textContent = isDark() ? "☀" : "☾";
      button.setAttribute("aria-label", isDark() ? "Light" : "Dark");
      button.title = isDark() ? "Light" : "Dark";
    };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        // it holds until the page is closed
      }
      name();
    });
    system.addEventListener("change", name);
    name();
  });
}
