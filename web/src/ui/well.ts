// A place for one picture: drop it, choose it, paste it while here, or take a sample.

import { ask, CancelledError } from '../client';
import type { NumberedFile } from '../worker/protocol';
import { make } from './dom';
import { fetchSample, SAMPLES } from './samples';

export interface Chosen extends NumberedFile {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface Well {
  /** The picture that is there and can be used, once it has been looked at. */
  readonly chosen: () => Promise<Chosen | null>;
  /** Puts a file there; resolves once it has been looked at. */
  readonly put: (file: File) => Promise<void>;
  /** Says that a picture is missing, and goes there. */
  readonly demand: () => void;
}

let count = 0;

/** A number for a file that no other file on this page has. */
export function nextNumber(): number {
  return ++count;
}

/**
 * @param place An element with data-title and data-hint.
 * @param onChange Called when another picture is there, or none.
 * @param beside What stands beside the caption; the sample photographs if not given.
 */
export function makeWell(
  place: HTMLElement,
  as: 'picture' | 'container',
  onChange: () => void,
  beside: HTMLElement | null = null,
): Well {
  const { title = '', hint = '' } = place.dataset;
  let chosen: Chosen | null = null;
  let latest = 0;
  let reading = Promise.resolve();
  let shown = '';

  const input = make('input', {
    type: 'file',
    id: `${place.id}-file`,
    accept: as === 'container' ? 'image/png,.png' : 'image/*',
    class: 'hidden-input',
    'aria-describedby': `${place.id}-caption ${place.id}-error`,
    change: () => {
      const [file] = input.files ?? [];
      if (file) void put(file);
      // So that choosing the same file again, changed, is a change.
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
    make('div', { class: 'under' }, caption, beside ?? samples()),
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
    else fail('What was dropped is not a file. Save the picture first, then drop the file.');
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
          'aria-label': `${title}: take the sample photograph of ${sample.description}`,
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
    reading = look(file);
    return reading;
  }

  async function look(file: File): Promise<void> {
    const number = nextNumber();
    latest = number;
    chosen = null;
    error.textContent = '';
    caption.replaceChildren(make('span', {}, `Reading ${file.name}`));
    area.classList.add('reading');
    try {
      const size = await ask({ kind: 'check', picture: { number, file }, as });
      if (latest !== number) return;
      area.classList.remove('reading');
      chosen = { number, file, name: file.name, ...size };
      URL.revokeObjectURL(shown);
      shown = URL.createObjectURL(file);
      picture.src = shown;
      picture.alt = `${title}: ${file.name}`;
      picture.hidden = false;
      area.classList.add('filled');
      caption.replaceChildren(
        make('span', { title: file.name }, file.name),
        make('span', {}, `${size.width} × ${size.height}`),
      );
    } catch (reason) {
      if (latest !== number) return;
      const why = reason instanceof CancelledError ? 'Not read. Choose it again.' : reason;
      fail(why instanceof Error ? why.message : String(why), file.name);
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
    chosen: async () => {
      await reading;
      return chosen;
    },
    put,
    demand: () => {
      if (!error.textContent) error.textContent = `Choose a picture first.`;
      input.focus();
    },
  };
}
