// What can go wrong, each with a text that says what was wrong and what to do.

/** A fault whose text is for the person at the page, as opposed to a fault of the program. */
export class PlainsightError extends Error {
  override readonly name: string = 'PlainsightError';
}

/** A picture cannot be read or used. */
export class PictureError extends PlainsightError {
  override readonly name = 'PictureError';
}

/** A picture holds no hidden one, as far as can be told with the key at hand. */
export class NothingHiddenError extends PlainsightError {
  override readonly name = 'NothingHiddenError';
}

/** A container was changed after a picture was hidden in it. */
export class AlteredError extends PlainsightError {
  override readonly name = 'AlteredError';
}

/** A model cannot be loaded, or the browser lacks what it needs. */
export class ModelError extends PlainsightError {
  override readonly name = 'ModelError';
}
