// The schemes, by the name that a manifest gives. This is the only list of them.

import { ModelError } from '../errors';
import { classic } from './classic';
import { clear } from './clear';
import type { Manifest } from './manifest';
import type { SchemeEntry } from './scheme';

const SCHEMES: Readonly<Record<string, SchemeEntry>> = { classic, clear };

export function schemeOf({ model, scheme }: Manifest): SchemeEntry {
  if (!Object.hasOwn(SCHEMES, scheme)) {
    throw new ModelError(`The model ${model} uses the scheme ${scheme}, which this page lacks.`);
  }
  return SCHEMES[scheme];
}
