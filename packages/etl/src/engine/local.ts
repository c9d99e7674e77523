import type { Chunk, Engine } from './engine.ts';

/** Runs chunks in this process, at most `parallel` at a time. */
export function localEngine(parallel: number): Engine {
  return {
    async run(chunks, work, signal) {
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const waiting = [...chunks];
      let first: { error: unknown } | undefined;
      const worker = async (): Promise<void> => {
        for (let chunk: Chunk | undefined = waiting.shift(); chunk && !first; chunk = waiting.shift()) {
          try {
            await work(chunk, either);
          } catch (error) {
            first ??= { error };
            failed.abort(error);
          }
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallel, chunks.length) }, worker));
      if (first) throw first.error;
    },
  };
}
