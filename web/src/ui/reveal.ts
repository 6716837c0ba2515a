// The Reveal tab.

import { ask, type Report } from '../client';
import { defaultsOf } from '../core/schemes/options';
import type { Damage } from '../core/schemes/scheme';
import { DEFAULT_MODEL, modelNamed } from '../models';
import type { Results } from '../worker/protocol';
import { byId, canvasOf, make, stageOf } from './dom';
import { type ChosenFile, makeDropZone, nextNumber } from './drop-zone';
import { makeJob } from './job';
import { makeModelChoice } from './model-choice';
import { factOf } from './payload';
import { makeDetails, makeFile, makeNotes, showResult, timeOf } from './result';
import { fetchSample, SAMPLES } from './samples';

/** Reveals a container as if it had been dropped. */
export type RevealHere = (container: File, passphrase: string) => Promise<void>;

export function wireReveal(): RevealHere {
  const form = byId<HTMLFormElement>('reveal-form');
  const result = byId('reveal-result');
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]') as HTMLButtonElement;
  const job = makeJob(byId('reveal-job'), submit);
  const sample = make(
    'button',
    { type: 'button', class: 'quiet', click: () => job.run(makeSample) },
    'Make a sample',
  );
  const clearResult = () => {
    job.clear();
    result.hidden = true;
  };
  const container = makeDropZone(byId('container-zone'), 'container', clearResult, sample);
  const choice = makeModelChoice('reveal', ({ scheme }) => scheme.revealNote);

  // Made on demand, as a stored sample could not be revealed once the model changes.
  async function makeSample(report: Report): Promise<void> {
    const [cover, secret] = await Promise.all([fetchSample(SAMPLES[0]), fetchSample(SAMPLES[2])]);
    const hidden = await ask(
      {
        kind: 'hide',
        model: DEFAULT_MODEL,
        cover: { number: nextNumber(), file: cover },
        secret: { number: nextNumber(), file: secret },
        options: defaultsOf(modelNamed(DEFAULT_MODEL).manifest.options),
        stripMetadata: false,
        passphrase: '',
      },
      report,
    );
    choice.reset('');
    await container.put(makeFile(hidden, cover.name, 'container'));
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    result.hidden = true;
    const model = choice.name();
    const passphrase = choice.passphrase();
    await job.run(async (report) => {
      const file = await container.file();
      if (!file) return container.demand();
      show(await ask({ kind: 'reveal', model, container: file, passphrase }, report), file);
    });
  });

  function show(revealed: Results['reveal'], containerFile: ChosenFile): void {
    const { damage, notes, payload, preview } = revealed;
    const figure = make('figure', {});
    if (preview) {
      const canvas = canvasOf(preview);
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', 'The revealed secret');
      const stage = stageOf(canvas);
      stage.append(canvas);
      figure.append(stage);
    }
    const details = makeDetails(
      'reveal-result-title',
      damage ? 'Partly revealed' : 'Revealed',
      makeFile(revealed, containerFile.name, 'revealed'),
      revealed.format,
      [
        ['Size', `${revealed.width} × ${revealed.height}`],
        ...(payload ? [['Secret', factOf(payload)] as const] : []),
        ['Time', timeOf(revealed.milliseconds, revealed.backend)],
      ],
      ...(damage ? [make('p', { class: 'error', role: 'alert' }, warningOf(damage))] : []),
      ...makeNotes(notes),
    );
    showResult(result, figure, details);
  }

  return async (file, passphrase) => {
    choice.reset(passphrase);
    await container.put(file);
    form.requestSubmit();
  };
}

function warningOf({ damaged, tiles, lost, parts }: Damage): string {
  const left =
    lost > 0
      ? `${lost} of the ${parts} parts of the hidden picture are lost, and grey`
      : 'the hidden picture is whole';
  return (
    `It was altered after a picture was hidden in it: ${damaged} of its ${tiles} tiles ` +
    `${damaged === 1 ? 'is' : 'are'} damaged or missing; ${left}.`
  );
}
