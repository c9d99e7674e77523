import { expect, test } from 'vitest';

test('needs no server', () => {
  expect(1).toBe(1);
});
