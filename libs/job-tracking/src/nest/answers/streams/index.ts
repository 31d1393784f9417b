export { followStream } from './follow-stream.js';
export { opened } from './iterator.js';
