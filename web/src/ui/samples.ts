// The sample photographs; public/samples/README.md has their sources and licences.

import { JobError } from '../client';

export interface Sample {
  readonly name: string;
  readonly description: string;
  readonly url: string;
}

const at = (name: string, description: string): Sample => ({
  name: `${name}.jpg`,
  description,
  url: `${import.meta.env.BASE_URL}samples/${name}.jpg`,
});

export const SAMPLES: readonly Sample[] = [
  at('astronaut', 'an astronaut'),
  at('coffee', 'a cup of coffee'),
  at('chelsea', 'a cat'),
  at('rocket', 'a rocket'),
];

export async function fetchSample(sample: Sample): Promise<File> {
  const response = await fetch(sample.url).catch(() => null);
  if (!response?.ok) throw new JobError('The sample could not be loaded. Is the network there?');
  return new File([await response.blob()], sample.name, { type: 'image/jpeg' });
}
