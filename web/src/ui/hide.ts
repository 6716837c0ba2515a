// The Hide tab.

import { ask } from '../client';
import type { Bits } from '../core/lattice';
import type { ModelName } from '../worker/models';
import type { Answers } from '../worker/protocol';
import { makeCompare } from './compare';
import { byId, make, seconds } from './dom';
import { makeJob } from './job';
import { CLASSIC_NOTE, CLASSIC_PASSPHRASE_NOTE, CLEAR_NOTE, payloadNote } from './models';
import { makeDetails, named, showResult } from './result';
import { type Chosen, makeWell } from './well';

/** @param toReveal Called with a container that is to be revealed in the other tab. */
export function wireHide(toReveal: (container: File, passphrase: string) => void): void {
  const form = byId<HTMLFormElement>('hide-form');
  const passphrase = byId<HTMLInputElement>('hide-passphrase');
  const model = byId<HTMLSelectElement>('hide-model');
  const result = byId('hide-result');
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]') as HTMLButtonElement;
  const job = makeJob(byId('hide-job'), submit);
  const changed = () => {
    job.clear();
    result.hidden = true;
  };
  const cover = makeWell(byId('cover-well'), 'picture', changed);
  const secret = makeWell(byId('secret-well'), 'picture', changed);

  const passphraseNote = byId('hide-passphrase-note');
  const ownNote = passphraseNote.textContent ?? '';
  const bits = () => new FormData(form).get('bits') as string;
  const explain = () => {
    const classic = model.value === 'classic';
    passphrase.disabled = classic;
    byId<HTMLFieldSetElement>('payload').disabled = classic;
    passphraseNote.textContent = classic ? CLASSIC_PASSPHRASE_NOTE : ownNote;
    byId('hide-model-note').textContent = classic ? CLASSIC_NOTE : CLEAR_NOTE;
    byId('payload-note').textContent = classic
      ? 'classic has no payload to choose.'
      : payloadNote(bits());
  };
  // Browsers keep what a form held before a reload.
  form.addEventListener('change', explain);
  explain();

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    result.hidden = true;
    const phrase = model.value === 'clear' ? passphrase.value : '';
    const settings = {
      model: model.value as ModelName,
      bits: Number(bits() ?? 2) as Bits,
      passphrase: phrase,
    };
    await job.run(async (tell) => {
      const [from, hidden] = await Promise.all([cover.chosen(), secret.chosen()]);
      if (!from) return cover.demand();
      if (!hidden) return secret.demand();
      show(
        await ask({ kind: 'hide', cover: from, secret: hidden, ...settings }, tell),
        from,
        phrase,
      );
    });
  });

  function show(made: Answers['hide'], from: Chosen, phrase: string): void {
    const name = named(from.name, 'container');
    const file = new File([made.png], name, { type: 'image/png' });
    const psnr = Number.isFinite(made.psnr) ? `${made.psnr.toFixed(1)} dB` : 'no change';
    const details = makeDetails(
      'hide-result-title',
      'Hidden',
      file,
      name,
      [
        ['Size', `${made.width} × ${made.height}`],
        ['Protection', phrase ? 'by the passphrase' : 'none: anyone can reveal it'],
        ['PSNR to the cover', psnr],
        ['Time', `${seconds(made.milliseconds)}, ${made.backend}`],
      ],
      make(
        'button',
        { type: 'button', class: 'secondary', click: () => toReveal(file, phrase) },
        'Reveal it here',
      ),
      make(
        'p',
        { class: 'note' },
        'Pass it on as this PNG file. Messengers and social networks save pictures anew, and what ' +
          'is hidden is lost.',
      ),
    );
    showResult(result, makeCompare(made.preview), details);
  }
}
