// A drop zone for one picture, which can also be chosen, pasted, or taken from the samples.

import { ask, CancelledError } from '../client';
import { FORMATS } from '../core/images/formats';
import type { NumberedFile, Role } from '../worker/protocol';
import { make } from './dom';
import { fetchSample, SAMPLES } from './samples';

/** A file whose picture was read and can be used. */
export interface ChosenFile extends NumberedFile {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface DropZone {
  /** The chosen file, once it has been read, or null if there is none. */
  readonly file: () => Promise<ChosenFile | null>;
  /** Chooses a file; resolves once it has been read. */
  readonly put: (file: File) => Promise<void>;
  /** Says that a picture is missing, and moves focus here. */
  readonly demand: () => void;
}

/** For the file dialog. */
const ACCEPTED: Record<Role, string> = {
  cover: 'image/*',
  secret: 'image/*',
  container: FORMATS.filter(({ container }) => container)
    .flatMap(({ mediaType, extension }) => [mediaType, extension])
    .join(),
};

let lastNumber = 0;

/** A number that no other file on this page has. */
export function nextNumber(): number {
  return ++lastNumber;
}

/**
 * Fills an element with a drop zone.
 *
 * @param place An element with data-title and data-hint.
 * @param onChange Called when the chosen file changes.
 * @param aside Goes beside the caption; by default, the sample photographs.
 */
export function makeDropZone(
  place: HTMLElement,
  role: Role,
  onChange: () => void,
  aside: HTMLElement | null = null,
): DropZone {
  const { title = '', hint = '' } = place.dataset;
  let chosen: ChosenFile | null = null;
  let latest = 0;
  let reading = Promise.resolve();
  let shownUrl = '';

  const input = make('input', {
    type: 'file',
    id: `${place.id}-file`,
    accept: ACCEPTED[role],
    class: 'hidden-input',
    'aria-describedby': `${place.id}-caption ${place.id}-error`,
    change: () => {
      const [file] = input.files ?? [];
      if (file) void put(file);
      // Otherwise choosing the same file again, after it changed, would not be noticed.
      input.value = '';
    },
  });
  const picture = make('img', { alt: '', hidden: true });
  const invitation = make(
    'span',
    { class: 'invitation' },
    make('strong', {}, 'Drop a picture here'),
    make('span', {}, 'or ', make('u', {}, 'choose a file')),
  );
  const area = make(
    'label',
    { class: 'area', for: input.id },
    make('span', { class: 'visually-hidden' }, `${title}: ${hint}. Choose a file.`),
    picture,
    invitation,
  );
  const caption = make('p', { class: 'caption', id: `${place.id}-caption` });
  const error = make('p', { class: 'error', id: `${place.id}-error`, role: 'alert' });
  place.append(
    make('h2', {}, title, make('small', {}, hint)),
    input,
    area,
    make('div', { class: 'below' }, caption, aside ?? samples()),
    error,
  );

  for (const kind of ['dragenter', 'dragover'] as const) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.add('over');
    });
  }
  for (const kind of ['dragleave', 'drop'] as const) {
    place.addEventListener(kind, () => area.classList.remove('over'));
  }
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) void put(file);
    else fail('What you dropped is not a file. Save the picture first, then drop the file.');
  });
  place.addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) void put(file);
  });

  function samples(): HTMLElement {
    const buttons = SAMPLES.map((sample) =>
      make(
        'button',
        {
          type: 'button',
          class: 'sample',
          'aria-label': `${title}: use the sample photograph of ${sample.description}`,
          title: `Sample: ${sample.description}`,
          click: () => {
            fetchSample(sample).then(put, (reason: Error) => fail(reason.message));
          },
        },
        make('img', { src: sample.url, alt: '', width: '40', height: '40' }),
      ),
    );
    return make('div', { class: 'samples' }, make('span', {}, 'Samples'), ...buttons);
  }

  function put(file: File): Promise<void> {
    reading = read(file);
    return reading;
  }

  async function read(file: File): Promise<void> {
    const number = nextNumber();
    latest = number;
    chosen = null;
    error.textContent = '';
    caption.replaceChildren(make('span', {}, `Reading ${file.name}`));
    area.classList.add('reading');
    try {
      const size = await ask({ kind: 'check', picture: { number, file }, role });
      if (latest !== number) return;
      area.classList.remove('reading');
      chosen = { number, file, name: file.name, ...size };
      URL.revokeObjectURL(shownUrl);
      shownUrl = URL.createObjectURL(file);
      picture.src = shownUrl;
      picture.alt = `${title}: ${file.name}`;
      picture.hidden = false;
      area.classList.add('filled');
      caption.replaceChildren(
        make('span', { title: file.name }, file.name),
        make('span', {}, `${size.width} × ${size.height}`),
      );
    } catch (reason) {
      if (latest !== number) return;
      const cause = reason instanceof CancelledError ? 'Cancelled. Choose it again.' : reason;
      fail(cause instanceof Error ? cause.message : String(cause), file.name);
    }
    onChange();
  }

  function fail(message: string, name?: string): void {
    chosen = null;
    picture.hidden = true;
    picture.removeAttribute('src');
    area.classList.remove('filled', 'reading');
    caption.textContent = '';
    error.textContent = name ? `${name}: ${message}` : message;
  }

  return {
    file: async () => {
      await reading;
      return chosen;
    },
    put,
    demand: () => {
      if (!error.textContent) error.textContent = 'Choose a picture first.';
      input.focus();
    },
  };
}
