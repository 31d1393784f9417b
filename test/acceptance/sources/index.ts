export { Input, type Kind } from './input.js';
export { type Reply, registered, type Source, type StartedSource } from './source.js';
export type { Stage } from './stage.js';
