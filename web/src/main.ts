// The page: connects the tabs, the fields and the worker.

import './styles/base.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/task.css';
import './styles/result.css';
import './styles/narrow.css';
import { ask } from './client';
import { byId, make } from './ui/dom';
import { wireHide } from './ui/hide';
import { wireReveal } from './ui/reveal';
import { select, wireTabs } from './ui/tabs';

const revealHere = wireReveal();
wireHide((container, passphrase) => {
  select('reveal', true);
  void revealHere(container, passphrase);
});
wireTabs();

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-shows]')) {
  const field = byId<HTMLInputElement>(button.dataset.shows ?? '');
  button.addEventListener('click', () => {
    const shown = field.type === 'password';
    field.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  });
}

// A picture that misses its drop zone must not replace the page.
for (const kind of ['dragover', 'drop'] as const) {
  window.addEventListener(kind, (event) => event.preventDefault());
}

const source = import.meta.env.VITE_SOURCE_URL as string | undefined;
if (source) {
  const program = byId('program');
  program.replaceWith(make('a', { href: source }, program.textContent ?? ''));
}

const state = byId('state');
ask({ kind: 'prepare' }).then(
  ({ threads }) => {
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
    const count = threads === 1 ? 'one thread' : `${threads} threads`;
    state.textContent = `Ready: ONNX Runtime on WebAssembly, ${count}.`;
  },
  (error: Error) => {
    state.textContent = error.message;
    state.classList.add('error');
  },
);
