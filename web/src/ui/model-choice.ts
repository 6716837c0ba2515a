// The choice of a model, and what depends on it in both tabs.

import { DEFAULT_MODEL, MODELS, type Model, modelNamed } from '../models';
import { byId, make } from './dom';

export interface ModelChoice {
  readonly model: () => Model;
  readonly name: () => string;
  /** The passphrase, or an empty text if the model cannot use one. */
  readonly passphrase: () => string;
  /** Chooses the default model and a passphrase for it. */
  readonly reset: (passphrase: string) => void;
}

/**
 * Fills the select element of a tab.
 *
 * @param tab Prefix of the ids of the tab's fields.
 * @param noteOf What the page says about a model.
 * @param onChange Called at once, and whenever another model is chosen.
 */
export function makeModelChoice(
  tab: 'hide' | 'reveal',
  noteOf: (model: Model) => string,
  onChange: (model: Model) => void = () => {},
): ModelChoice {
  const select = byId<HTMLSelectElement>(`${tab}-model`);
  const note = byId(`${tab}-model-note`);
  const passphrase = byId<HTMLInputElement>(`${tab}-passphrase`);
  const passphraseNote = byId(`${tab}-passphrase-note`);
  const ownNote = passphraseNote.textContent ?? '';
  select.append(...[...MODELS.keys()].map((name) => make('option', { value: name }, name)));

  const model = () => modelNamed(select.value);
  const update = () => {
    const { scheme } = model();
    passphrase.disabled = scheme.noPassphrase !== null;
    passphraseNote.textContent = scheme.noPassphrase ?? ownNote;
    note.textContent = noteOf(model());
    onChange(model());
  };
  select.addEventListener('change', update);
  update();

  return {
    model,
    name: () => select.value,
    passphrase: () => (passphrase.disabled ? '' : passphrase.value),
    reset: (phrase) => {
      select.value = DEFAULT_MODEL;
      passphrase.value = phrase;
      update();
    },
  };
}
