/**
 * Resolves as `work` does, unless the signal aborts first.
 *
 * @param undo what is to be done with a result that comes too late
 * @throws the signal's reason, when it aborts first
 */
export async function unlessStopped<T>(
  work: Promise<T>,
  signal: AbortSignal,
  undo: (late: T) => void = () => undefined,
): Promise<T> {
  const settled = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    void work.then(undo, () => undefined);
    throw error;
  } finally {
    settled.abort();
  }
}
