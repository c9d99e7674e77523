/**
 * Disposes of something whose failure to close must not hide why it is being closed: after a lost connection the lease cannot be
 * given back either, and ends by itself.
 */
export function quietly(resource: AsyncDisposable): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      try {
        await resource[Symbol.asyncDispose]();
      } catch {
        // What matters has been made durable before.
      }
    },
  };
}
