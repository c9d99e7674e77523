import { type Adapter, operationTypes } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { undecidedOperations } from './left-to-do.ts';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { scenariosOf } from './scenarios.ts';
import { Stage } from './stage.ts';

/** What the adapter declares is what it has: no more, and no less. */
export function declarationProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  describe('declaration', () => {
    it('has a handler for exactly the operations that it declares', async () => {
      await using stage = await Stage.empty(adapter, server);
      const declared = operationTypes.filter((type) => adapter.capabilities.operations[type].supported);
      const present = operationTypes.filter((type) => stage.session.operations[type] !== undefined);
      expect(present).toEqual(declared);
      for (const type of present) {
        const handler = stage.session.operations[type] as unknown as Record<string, unknown>;
        for (const method of ['plan', 'check', 'prepare', 'execute', 'verify', 'rollback', 'discard'])
          expect(handler[method], `${type}.${method}`).toBeTypeOf('function');
      }
    });

    it('has a source and a sink exactly where it declares them', async () => {
      await using stage = await Stage.empty(adapter, server);
      expect({ source: stage.session.source !== undefined, sink: stage.session.sink !== undefined }).toEqual({
        source: adapter.capabilities.source,
        sink: adapter.capabilities.sink,
      });
    });

    it('gives a reason for each operation that the store cannot carry', () => {
      for (const type of operationTypes) {
        const capability = adapter.capabilities.operations[type];
        if (!capability.supported) expect(capability.reason.length, type).toBeGreaterThan(10);
      }
    });

    undecidedOperations(adapter);

    it('has a scenario for each operation that it declares', () => {
      const without = scenariosOf(adapter, options).filter(({ scenarios }) => scenarios.length === 0);
      expect(without.map(({ type }) => type)).toEqual([]);
    });

    it('names the server, and what it can do', async () => {
      await using stage = await Stage.empty(adapter, server);
      expect(stage.session.server.product).not.toBe('');
      expect(stage.session.server.version).toMatch(/\d/);
    });
  });
}
