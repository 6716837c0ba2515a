// The result of a finished job: facts, a download, and what can be done next.

import { bytes, make, seconds } from './dom';
import { sentence } from './payload';

export type Facts = readonly (readonly [term: string, value: string])[];

/** Facts and a download, to be shown beside a picture. */
export function makeDetails(
  titleId: string,
  title: string,
  file: File,
  format: string,
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
      `Download ${format}`,
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

/** What was made from `source`, as a file: photo.jpg becomes photo-container.png. */
export function makeFile(
  { content, extension }: { readonly content: Blob; readonly extension: string },
  source: string,
  suffix: 'container' | 'revealed',
): File {
  const stem = source.replace(/\.[^.]*$/, '').replace(/-container$/, '');
  return new File([content], `${stem}-${suffix}${extension}`, { type: content.type });
}

/** How long a job took, and what ran its graphs. */
export function timeOf(milliseconds: number, backend: string): string {
  return [seconds(milliseconds), backend].filter(Boolean).join(', ');
}

/** Notes, each a paragraph. */
export function makeNotes(notes: readonly string[]): HTMLElement[] {
  return notes.map((note) => make('p', { class: 'note', role: 'status' }, sentence(note)));
}
