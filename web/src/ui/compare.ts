// Compares cover and container: with a slider between them, one at a time, or as a difference.

import type { Preview } from '../worker/protocol';
import { canvasOf, make, stageOf } from './dom';

const VIEWS = ['Slider', 'Cover', 'Container', 'Difference'] as const;
type View = (typeof VIEWS)[number];

export function makeCompare({ cover, container, difference, gain }: Preview): HTMLElement {
  const layers = {
    cover: canvasOf(cover),
    container: canvasOf(container),
    difference: canvasOf(difference),
  };
  for (const [name, canvas] of Object.entries(layers)) {
    canvas.className = name;
    canvas.setAttribute('role', 'img');
  }
  layers.cover.setAttribute('aria-label', 'The cover');
  layers.container.setAttribute('aria-label', 'The container');
  layers.difference.setAttribute(
    'aria-label',
    `The difference between container and cover, amplified ${gain} times`,
  );

  const slider = make('input', {
    type: 'range',
    min: '0',
    max: '100',
    value: '50',
    'aria-label': 'Border between cover and container',
    input: () => split(),
  });
  const stage = stageOf(layers.cover);
  stage.append(
    layers.cover,
    layers.container,
    layers.difference,
    make('span', { class: 'label left', 'aria-hidden': 'true' }, 'Cover'),
    make('span', { class: 'label right', 'aria-hidden': 'true' }, 'Container'),
    make('span', { class: 'divider', 'aria-hidden': 'true' }),
    slider,
  );

  function split(): void {
    stage.style.setProperty('--split', `${slider.value}%`);
    const share = Number(slider.value);
    slider.setAttribute('aria-valuetext', `Cover ${share}%, container ${100 - share}%`);
  }

  function show(view: View): void {
    stage.dataset.view = view.toLowerCase();
    caption.textContent =
      view === 'Difference'
        ? `The difference between container and cover, amplified ${gain} times. Black means no change.`
        : '';
  }

  const caption = make('figcaption', { class: 'note', 'aria-live': 'polite' });
  const choices = VIEWS.map((view) =>
    make(
      'label',
      {},
      make('input', {
        type: 'radio',
        name: 'view',
        value: view,
        checked: view === 'Slider',
        change: () => show(view),
      }),
      make('span', {}, view === 'Difference' ? `Difference × ${gain}` : view),
    ),
  );
  split();
  show('Slider');
  return make(
    'figure',
    { class: 'compare' },
    make(
      'div',
      { class: 'segments', role: 'radiogroup', 'aria-label': 'What to show' },
      ...choices,
    ),
    stage,
    caption,
  );
}
