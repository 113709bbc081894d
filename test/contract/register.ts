/** How contract suites hand over their tests, and how to run a suite that is expected to fail. */

export type Register = (name: string, body: () => void | Promise<void>) => void;

/** Runs a suite and returns the names of its tests that failed. */
export async function failuresOf(suite: (register: Register) => void): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => void | Promise<void> }[] = [];
  suite((name, body) => tests.push({ name, body }));
  const failed: string[] = [];
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failed.push(name);
    }
  }
  return failed;
}
