/** Work done by several lanes at once, each taking the next piece when it has finished one. */

/**
 * Runs `count` lanes over one source. The first error stops the others before their next piece,
 * and is thrown after all of them came to rest, so that nothing runs on behind the caller.
 */
export async function runLanes<T>(
  count: number,
  source: Iterator<T> | AsyncIterator<T>,
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  let isStopped = false;
  const lane = async (number: number): Promise<void> => {
    while (!isStopped) {
      const next = await source.next();
      if (next.done === true) return;
      await work(next.value, number);
    }
  };
  const runs = Array.from({ length: count }, (_, number) =>
    lane(number).catch((error: unknown) => {
      isStopped = true;
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(runs);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
