// The sample photographs. Their sources and licences are in public/samples/README.md.

import { JobError } from '../client';

export interface Sample {
  readonly name: string;
  readonly description: string;
  readonly url: string;
}

const sample = (name: string, description: string): Sample => ({
  name: `${name}.jpg`,
  description,
  url: `${import.meta.env.BASE_URL}samples/${name}.jpg`,
});

export const SAMPLES: readonly Sample[] = [
  sample('astronaut', 'an astronaut'),
  sample('coffee', 'a cup of coffee'),
  sample('chelsea', 'a cat'),
  sample('rocket', 'a rocket'),
];

export async function fetchSample({ name, url }: Sample): Promise<File> {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok)
    throw new JobError('The sample could not be loaded. Check your network connection.');
  return new File([await response.blob()], name, { type: 'image/jpeg' });
}
