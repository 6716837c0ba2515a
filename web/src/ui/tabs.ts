// The two tabs, which can be selected by click, arrow keys or URL fragment.

import { byId } from './dom';

const NAMES = ['hide', 'reveal'] as const;
export type Tab = (typeof NAMES)[number];

export function select(chosen: Tab, focus = false): void {
  for (const name of NAMES) {
    const tab = byId<HTMLButtonElement>(`tab-${name}`);
    const selected = name === chosen;
    tab.setAttribute('aria-selected', String(selected));
    tab.tabIndex = selected ? 0 : -1;
    byId(`panel-${name}`).hidden = !selected;
    if (selected && focus) tab.focus();
  }
  if (location.hash !== `#${chosen}`) history.replaceState(null, '', `#${chosen}`);
}

export function wireTabs(): void {
  for (const [index, name] of NAMES.entries()) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener('click', () => select(name));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) select(NAMES[(index + step + NAMES.length) % NAMES.length], true);
      else if (event.key === 'Home') select(NAMES[0], true);
      else if (event.key === 'End') select(NAMES[NAMES.length - 1], true);
      else return;
      event.preventDefault();
    });
  }
  const follow = () => {
    if (location.hash === '#reveal') select('reveal');
    else if (location.hash === '#hide') select('hide');
  };
  window.addEventListener('hashchange', follow);
  follow();
}
