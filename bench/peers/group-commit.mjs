/**
 * Group commit above a store: callers queue, one commit is in flight, and what gathers meanwhile
 * is the next. What an application has to write for itself over a store that does not group.
 */
export function groupCommit(commit) {
  let waiting = [];
  let busy = false;

  const run = async () => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await commit(batch);
        for (const entry of batch) entry.resolve();
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    busy = false;
  };

  return (type, key, value) =>
    new Promise((resolve, reject) => {
      waiting.push({ type, key, value, resolve, reject });
      // Those who ask in the same turn of the event loop share the first commit, too.
      if (!busy && waiting.length === 1) setImmediate(run);
    });
}
