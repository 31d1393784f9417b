export { Input, type Kind, type Reply, registered, type Source, type StartedSource } from './source.js';
export type { Stage } from './stage.js';
