// The Hide tab.

import { ask } from '../client';
import { MODELS } from '../models';
import type { Results } from '../worker/protocol';
import { makeCompare } from './compare';
import { byId, make, seconds } from './dom';
import { type ChosenFile, makeDropZone } from './drop-zone';
import { makeJob } from './job';
import { makeModelChoice } from './model-choice';
import { makeOptions } from './options';
import { fileName, makeDetails, makePngFile, showResult } from './result';

/** @param revealHere Called with a container that is to be revealed in the other tab. */
export function wireHide(revealHere: (container: File, passphrase: string) => void): void {
  const form = byId<HTMLFormElement>('hide-form');
  const result = byId('hide-result');
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]') as HTMLButtonElement;
  const job = makeJob(byId('hide-job'), submit);
  const clearResult = () => {
    job.clear();
    result.hidden = true;
  };
  const cover = makeDropZone(byId('cover-zone'), 'picture', clearResult);
  const secret = makeDropZone(byId('secret-zone'), 'picture', clearResult);

  // Made once, so that a choice is kept while another model is tried.
  const controls = new Map(
    [...MODELS].map(([name, { manifest }]) => [name, makeOptions(manifest)] as const),
  );
  const optionsOf = (name: string) => controls.get(name) ?? { elements: [], values: () => ({}) };
  const choice = makeModelChoice(
    'hide',
    ({ manifest, scheme }) => scheme.hideNote(manifest),
    ({ manifest }) => {
      byId('hide-options').replaceChildren(...optionsOf(manifest.model).elements);
    },
  );

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    result.hidden = true;
    const model = choice.name();
    const passphrase = choice.passphrase();
    const options = optionsOf(model).values();
    await job.run(async (report) => {
      const [coverFile, secretFile] = await Promise.all([cover.file(), secret.file()]);
      if (!coverFile) return cover.demand();
      if (!secretFile) return secret.demand();
      const hidden = await ask(
        { kind: 'hide', model, cover: coverFile, secret: secretFile, options, passphrase },
        report,
      );
      show(hidden, coverFile, passphrase);
    });
  });

  function show(hidden: Results['hide'], coverFile: ChosenFile, passphrase: string): void {
    const file = makePngFile(hidden.png, fileName(coverFile.name, 'container'));
    const psnr = Number.isFinite(hidden.psnr) ? `${hidden.psnr.toFixed(1)} dB` : 'no change';
    const details = makeDetails(
      'hide-result-title',
      'Hidden',
      file,
      [
        ['Size', `${hidden.width} × ${hidden.height}`],
        ['Protection', passphrase ? 'passphrase' : 'none: anyone can reveal it'],
        ['PSNR against the cover', psnr],
        ['Time', `${seconds(hidden.milliseconds)}, ${hidden.backend}`],
      ],
      make(
        'button',
        { type: 'button', class: 'secondary', click: () => revealHere(file, passphrase) },
        'Reveal it here',
      ),
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
