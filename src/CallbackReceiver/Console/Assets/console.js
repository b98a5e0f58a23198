// What pages can do beyond links and forms. Everything else works without it.

// The time zone of the browser, so that it need not be chosen.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll('input[data-zone]')) field.value = zone;

for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// Keys: / to the search, j and k along the rows, n and p to the next and the previous page or call.
const rows = [...document.querySelectorAll('table.calls td.wide a')];
const step = (by) => {
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
};
const keys = {
  '/': () => document.querySelector('[data-search]')?.focus(),
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector('a[rel=next]')?.click(),
  p: () => document.querySelector('a[rel=prev], a[rel=first]')?.click(),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea') || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
