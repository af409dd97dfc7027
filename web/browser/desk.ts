// The front desk's pages: what makes them quick. Every one of them works without it.

/** watchMenus closes the menus of the top bar when something else is pressed, or Esc. */
export function watchMenus(): void {
  const menus = () => document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

/** watchFilters sends a form of choices as soon as one of them changes. */
export function watchFilters(): void {
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "checkbox") target.closest<HTMLFormElement>("form[data-submit]")?.requestSubmit();
  });
}
