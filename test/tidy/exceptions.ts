/**
 * The one table of exceptions to the rules of this folder. Every line has a reason; a line that
 * no longer excuses anything fails the tidy test.
 */
export type Rule = 'test-file' | 'size' | 'banned' | 'dead' | 'unused-export' | 'export-star';

export interface Exception {
  readonly rule: Rule;
  /** A path, or `path#name` where the rule is about a name in it. */
  readonly subject: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    rule: 'export-star',
    subject: 'src/config/index.ts',
    reason: 'limits are one namespace: `limits.keyBytesMax` reads better than forty names',
  },
  {
    rule: 'size',
    subject: 'src/base/errors.ts',
    reason: 'a registry reads as a table: one line for a code, its traits and when it is raised',
  },
  {
    rule: 'dead',
    subject: 'src/engine/backend-memory.ts',
    reason: 'a whole store in one thread and in memory, for power cuts by the thousand in tests',
  },
  {
    rule: 'dead',
    subject: 'src/engine/state-inline-driver.ts',
    reason: 'the twin of the state thread that the store in memory is built from',
  },
];
