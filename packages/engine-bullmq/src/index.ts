export type { EngineParts } from './engine.ts';
export { bullmqEngine } from './engine.ts';
export type { BullmqSettings } from './settings.ts';
export type { WorkerEvent, WorkerParts, WorkerReport } from './worker.ts';
export { runWorker } from './worker.ts';
