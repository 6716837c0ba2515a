// The Hide tab.

import { ask } from '../client';
import { MODELS } from '../models';
import type { Results } from '../worker/protocol';
import { makeCompare } from './compare';
import { byId, make } from './dom';
import { type ChosenFile, makeDropZone } from './drop-zone';
import { makeJob } from './job';
import { makeModelChoice } from './model-choice';
import { makeOptions } from './options';
import { factOf, roomOf, sentencesOn } from './payload';
import { makeDetails, makeFile, makeNotes, showResult, timeOf } from './result';

/** @param revealHere Called with a container that is to be revealed in the other tab. */
export function wireHide(revealHere: (container: File, passphrase: string) => void): void {
  const form = byId<HTMLFormElement>('hide-form');
  const result = byId('hide-result');
  const forecast = byId('hide-forecast');
  const strip = byId<HTMLInputElement>('hide-strip');
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]') as HTMLButtonElement;
  const job = makeJob(byId('hide-job'), submit);
  let latest = 0;
  const onChange = () => {
    job.clear();
    result.hidden = true;
    void foretell();
  };
  const cover = makeDropZone(byId('cover-zone'), 'cover', onChange);
  const secret = makeDropZone(byId('secret-zone'), 'secret', onChange);

  // Made once, so that a choice is kept while another model is tried.
  const controls = new Map(
    [...MODELS].map(([name, { manifest }]) => [name, makeOptions(manifest)] as const),
  );
  const optionsOf = (name: string) => controls.get(name) ?? { elements: [], values: () => ({}) };
  const choice = makeModelChoice(
    'hide',
    ({ manifest, scheme }) => scheme.hideNote(manifest),
    ({ manifest, scheme }) => {
      byId('hide-options').replaceChildren(...optionsOf(manifest.model).elements);
      byId('hide-strip-field').hidden = !scheme.hidesFiles;
    },
  );
  for (const id of ['hide-options', 'hide-strip', 'hide-model']) {
    byId(id).addEventListener('change', () => void foretell());
  }

  /** Waits for the files that are chosen; null if one is missing. */
  async function jobOf(demand: boolean) {
    const model = choice.name();
    const options = optionsOf(model).values();
    const stripMetadata = strip.checked;
    const [coverFile, secretFile] = await Promise.all([cover.file(), secret.file()]);
    if (coverFile && secretFile) {
      return { model, cover: coverFile, secret: secretFile, options, stripMetadata };
    }
    if (demand) (coverFile ? secret : cover).demand();
    return null;
  }

  /** Says what would become of the secret, once both files are chosen. */
  async function foretell(): Promise<void> {
    const number = ++latest;
    const given = await jobOf(false);
    if (latest !== number) return;
    // Whatever goes wrong here, hiding reports as well.
    const foretold = given && (await ask({ kind: 'forecast', ...given }).catch(() => null));
    if (latest === number) forecast.textContent = foretold ? sentencesOn(foretold) : '';
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    result.hidden = true;
    const passphrase = choice.passphrase();
    await job.run(async (report) => {
      const given = await jobOf(true);
      if (!given) return;
      show(await ask({ kind: 'hide', ...given, passphrase }, report), given.cover, passphrase);
    });
  });

  function show(hidden: Results['hide'], coverFile: ChosenFile, passphrase: string): void {
    const file = makeFile(hidden, coverFile.name, 'container');
    const { payload } = hidden;
    const psnr = Number.isFinite(hidden.psnr) ? `${hidden.psnr.toFixed(1)} dB` : 'no change';
    const details = makeDetails(
      'hide-result-title',
      'Hidden',
      file,
      hidden.format,
      [
        ['Size', `${hidden.width} × ${hidden.height}`],
        ...(payload
          ? ([
              ['Secret', factOf(payload)],
              ['Used of the cover', roomOf(payload)],
            ] as const)
          : []),
        ['Protection', passphrase ? 'passphrase' : 'none: anyone can reveal it'],
        ['PSNR against the cover', psnr],
        ['Time', timeOf(hidden.milliseconds, hidden.backend)],
      ],
      make(
        'button',
        { type: 'button', class: 'secondary', click: () => revealHere(file, passphrase) },
        'Reveal it here',
      ),
      ...makeNotes(hidden.notes),
      make(
        'p',
        { class: 'note' },
        'Share it as this PNG file. Messengers and social networks usually re-encode pictures, ' +
          'which destroys the hidden picture.',
      ),
    );
    showResult(result, makeCompare(hidden.preview), details);
  }
}
