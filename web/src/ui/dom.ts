// Helpers that find and make elements, and format numbers.

export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`there is no element ${id}`);
  return element as T;
}

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** Makes an element; an attribute that is a function becomes a listener for that event. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (typeof value === 'boolean') element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function canvasOf(bitmap: ImageBitmap): HTMLCanvasElement {
  const canvas = make('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

/** A box of a canvas's proportions, in which layers of its size lie on each other. */
export function stageOf({ width, height }: HTMLCanvasElement): HTMLDivElement {
  const stage = make('div', { class: 'stage' });
  // Not as an attribute, which the page's Content-Security-Policy forbids.
  stage.style.setProperty('--ratio', String(width / height));
  stage.style.setProperty('--natural', `${width}px`);
  return stage;
}

export function seconds(milliseconds: number): string {
  if (milliseconds > 90_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}

export function bytes(size: number): string {
  return size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
