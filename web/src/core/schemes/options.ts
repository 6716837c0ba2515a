// Options that a model's manifest declares; the page makes its controls from them.

export type OptionValue = string | number;

/** Values by the names of options. */
export type Options = Readonly<Record<string, OptionValue>>;

/** An option as a manifest declares it. */
export interface OptionSpec {
  readonly choices: readonly OptionValue[];
  readonly default: OptionValue;
  /** What a value counts, such as "bits per sample"; empty if it counts nothing. */
  readonly unit: string;
  /** Text of a choice in the singular, with {} for the value. */
  readonly label: string;
  readonly help: string;
}

/** The values that apply unless others are chosen. */
export function defaultsOf(specs: Readonly<Record<string, OptionSpec>>): Options {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));
}

/** What a choice is called on the page: "1 bit", "2 bits". */
export function labelOf(spec: OptionSpec, choice: OptionValue): string {
  const label = spec.label.replace('{}', String(choice));
  return typeof choice === 'number' && choice !== 1 ? `${label}s` : label;
}

/** What an option is called on the page. */
export function titleOf(name: string, spec: OptionSpec): string {
  return capitalized(spec.unit || name);
}

/** An option's help as a sentence. */
export function helpOf(spec: OptionSpec): string {
  return `${capitalized(spec.help)}.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
