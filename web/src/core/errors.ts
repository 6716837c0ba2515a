// Errors whose messages are shown to the user: what is wrong and what to do about it.
//
// PlainsightError
//   EnvironmentError        what the browser lacks
//   ModelError              a model that cannot be loaded
//   PictureError            a cover, secret or container that cannot be read or used
//   ContainerError
//     NothingHiddenError    no hidden picture, as far as this passphrase can tell
//     AlteredError          the container was changed, and nothing can be revealed

/** An error to show to the user; any other error is a bug in the program. */
export class PlainsightError extends Error {}

export class EnvironmentError extends PlainsightError {}

export class ModelError extends PlainsightError {}

export class PictureError extends PlainsightError {}

export class ContainerError extends PlainsightError {}

export class NothingHiddenError extends ContainerError {}

export class AlteredError extends ContainerError {}
