// The Reveal tab.

import { ask, type Tell } from '../client';
import type { ModelName } from '../worker/models';
import type { Answers } from '../worker/protocol';
import { byId, canvasOf, make, seconds } from './dom';
import { makeJob } from './job';
import { CLASSIC_PASSPHRASE_NOTE, CLASSIC_REVEAL_NOTE } from './models';
import { makeDetails, named, showResult } from './result';
import { fetchSample, SAMPLES } from './samples';
import { type Chosen, makeWell, nextNumber } from './well';

/** Puts a container there as if it had been dropped. */
export type ToReveal = (container: File, passphrase: string) => Promise<void>;

export function wireReveal(): ToReveal {
  const form = byId<HTMLFormElement>('reveal-form');
  const passphrase = byId<HTMLInputElement>('reveal-passphrase');
  const model = byId<HTMLSelectElement>('reveal-model');
  const result = byId('reveal-result');
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]') as HTMLButtonElement;
  const job = makeJob(byId('reveal-job'), submit);
  const sample = make(
    'button',
    { type: 'button', class: 'quiet', click: () => job.run(makeSample) },
    'Make a sample',
  );
  const changed = () => {
    job.clear();
    result.hidden = true;
  };
  const container = makeWell(byId('container-well'), 'container', changed, sample);

  // Made on the spot, as one that is kept would not outlive the model that made it.
  async function makeSample(tell: Tell): Promise<void> {
    const [cover, secret] = await Promise.all([fetchSample(SAMPLES[0]), fetchSample(SAMPLES[2])]);
    const made = await ask(
      {
        kind: 'hide',
        model: 'clear',
        cover: { number: nextNumber(), file: cover },
        secret: { number: nextNumber(), file: secret },
        bits: 2,
        passphrase: '',
      },
      tell,
    );
    passphrase.value = '';
    await container.put(new File([made.png], named(cover.name, 'container')));
  }

  const passphraseNote = byId('reveal-passphrase-note');
  const ownNote = passphraseNote.textContent ?? '';
  const explain = () => {
    const classic = model.value === 'classic';
    passphrase.disabled = classic;
    passphraseNote.textContent = classic ? CLASSIC_PASSPHRASE_NOTE : ownNote;
    byId('reveal-model-note').textContent = classic
      ? CLASSIC_REVEAL_NOTE
      : 'The payload and the secret’s own size are read from the container.';
  };
  form.addEventListener('change', explain);
  explain();

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    result.hidden = true;
    const settings = {
      model: model.value as ModelName,
      passphrase: model.value === 'clear' ? passphrase.value : '',
    };
    await job.run(async (tell) => {
      const from = await container.chosen();
      if (!from) return container.demand();
      show(await ask({ kind: 'reveal', container: from, ...settings }, tell), from);
    });
  });

  function show(made: Answers['reveal'], from: Chosen): void {
    const name = named(from.name, 'revealed');
    const canvas = canvasOf(made.preview);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'The revealed secret');
    const ratio = canvas.width / canvas.height;
    const style = `--ratio: ${ratio}; --natural: ${canvas.width}px`;
    const figure = make('figure', {}, make('div', { class: 'stage', style }, canvas));
    const warning = warningOf(made);
    const details = makeDetails(
      'reveal-result-title',
      made.damaged ? 'Revealed in part' : 'Revealed',
      made.png,
      name,
      [
        ['Size', `${made.width} × ${made.height}`],
        ['Time', `${seconds(made.milliseconds)}, ${made.backend}`],
      ],
      ...(warning ? [make('p', { class: 'error', role: 'alert' }, warning)] : []),
    );
    showResult(result, figure, details);
  }

  return async (file, phrase) => {
    model.value = 'clear';
    passphrase.value = phrase;
    explain();
    await container.put(file);
    form.requestSubmit();
  };
}

/** What was done to the container since, or an empty text. */
function warningOf({ damaged, tiles, sized, enlarged }: Answers['reveal']): string {
  if (damaged === 0) {
    return enlarged
      ? 'This container was enlarged after a picture was hidden in it; that is whole all the same.'
      : '';
  }
  return (
    `This container was altered or cropped after a picture was hidden in it: ${damaged} of its ` +
    `${tiles} tiles ${damaged === 1 ? 'is' : 'are'} damaged or missing, and grey here` +
    `${sized ? '' : '; the hidden picture’s own size is not known any more'}.`
  );
}
