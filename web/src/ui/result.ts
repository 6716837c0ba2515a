// The result of a finished job: facts, a download, and what can be done next.

import { PNG } from '../core/images/formats';
import { bytes, make } from './dom';

export type Facts = readonly (readonly [term: string, value: string])[];

/** Facts and a download, to be shown beside a picture. */
export function makeDetails(
  titleId: string,
  title: string,
  file: File,
  facts: Facts,
  ...more: HTMLElement[]
): HTMLElement {
  const rows = [...facts, ['File', `${file.name}, ${bytes(file.size)}`] as const];
  return make(
    'div',
    { class: 'details' },
    make('h2', { id: titleId }, title),
    make(
      'dl',
      {},
      ...rows.map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value))),
    ),
    make(
      'a',
      { class: 'primary button', href: URL.createObjectURL(file), download: file.name },
      `Download ${PNG.name}`,
    ),
    ...more,
  );
}

/** Shows a result, and moves focus and the view to it. */
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

export function makePngFile(content: Blob, name: string): File {
  return new File([content], name, { type: PNG.mediaType });
}

/** A name for a file made from `source`: photo.jpg becomes photo-container.png. */
export function fileName(source: string, suffix: 'container' | 'revealed'): string {
  const stem = source.replace(/\.[^.]*$/, '').replace(/-container$/, '');
  return `${stem}-${suffix}${PNG.extension}`;
}
