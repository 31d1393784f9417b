export { MemoryJobStore } from './memory-job-store.js';
