// The controls for a model's options, made from what its manifest declares.

import { figuresOf, type Manifest } from '../core/schemes/manifest';
import {
  helpOf,
  labelOf,
  type OptionSpec,
  type Options,
  type OptionValue,
  titleOf,
} from '../core/schemes/options';
import { make } from './dom';

export interface OptionControls {
  /** One element for each option. */
  readonly elements: readonly HTMLElement[];
  readonly values: () => Options;
}

export function makeOptions(manifest: Manifest): OptionControls {
  const controls = Object.entries(manifest.options).map(([name, spec]) =>
    makeControl(manifest, name, spec),
  );
  return {
    elements: controls.map(({ element }) => element),
    values: () => Object.fromEntries(controls.map(({ name, value }) => [name, value()])),
  };
}

function makeControl(manifest: Manifest, name: string, spec: OptionSpec) {
  const noteId = `option-${manifest.model}-${name}-note`;
  const note = make('p', { class: 'note', id: noteId });
  let chosen = spec.default;
  const choose = (choice: OptionValue) => {
    chosen = choice;
    note.textContent = `${helpOf(spec)} ${figuresOf(manifest, name, choice)}`.trim();
  };
  const choices = spec.choices.map((choice) =>
    make(
      'label',
      {},
      make('input', {
        type: 'radio',
        name,
        value: String(choice),
        checked: choice === spec.default,
        change: () => choose(choice),
      }),
      make('span', {}, labelOf(spec, choice)),
    ),
  );
  choose(spec.default);
  const element = make(
    'fieldset',
    { class: 'field', 'aria-describedby': noteId },
    make('legend', {}, titleOf(name, spec)),
    make('div', { class: 'segments' }, ...choices),
    note,
  );
  return { name, element, value: () => chosen };
}
