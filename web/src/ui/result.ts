// What a finished job leaves: facts, a file to download, and what may be done next.

import { bytes, make } from './dom';

export type Facts = readonly (readonly [term: string, value: string])[];

/** Facts and a download, for the side of a result. */
export function makeDetails(
  id: string,
  title: string,
  file: Blob,
  name: string,
  facts: Facts,
  ...more: HTMLElement[]
): HTMLElement {
  const rows = [...facts, ['File', `${name}, ${bytes(file.size)}`] as const];
  return make(
    'div',
    { class: 'details' },
    make('h2', { id }, title),
    make(
      'dl',
      {},
      ...rows.map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value))),
    ),
    make(
      'a',
      { class: 'primary button', href: URL.createObjectURL(file), download: name },
      'Download PNG',
    ),
    ...more,
  );
}

/** Shows a result and takes the reader there. */
export function showResult(place: HTMLElement, ...parts: HTMLElement[]): void {
  for (const link of place.querySelectorAll<HTMLAnchorElement>('a[download]')) {
    URL.revokeObjectURL(link.href);
  }
  place.replaceChildren(...parts);
  place.hidden = false;
  place.focus({ preventScroll: true });
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  place.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'nearest' });
}

/** A file's name without its extension, and with an ending. */
export function named(name: string, ending: string): string {
  return `${name.replace(/\.[^.]*$/, '').replace(/-container$/, '')}-${ending}.png`;
}
