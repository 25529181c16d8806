// Tabs as the ARIA Authoring Practices have them: one is in the order of focus, and arrows go from it to the others.

export function tabs(list, chosen) {
  const all = [...list.querySelectorAll('[role="tab"]')];

  function choose(tab) {
    for (const other of all) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    document.getElementById(tab.getAttribute("aria-controls")).setAttribute("aria-labelledby", tab.id);
    chosen(tab);
  }

  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = {
      ArrowRight: (at + 1) % all.length, ArrowLeft: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1,
    }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    all[to].focus();
    choose(all[to]);
  });
  return (name) => choose(all.find((tab) => tab.dataset.panel === name) ?? all[0]);
}
