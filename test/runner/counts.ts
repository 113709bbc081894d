/**
 * Reads the counts of one test file's output: uvu's summary, or TAP.
 *
 * uvu:  "  Total:     3\n  Passed:    2\n  Skipped:   0\n"
 * TAP:  "ok 1 name", "not ok 2 name", and the plan "1..2"
 *
 * A test that cannot run here prints `skip: <test>: needs <package>` and returns; uvu calls that
 * passed, so each such line moves one test from passed to skipped.
 */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for every skipped test. */
  readonly skips: readonly string[];
  /** What is wrong with the output itself, or null. */
  readonly defect: string | null;
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export function readCounts(output: string): Counts {
  const text = output.replace(escapes, '').replace(/\r/g, '');
  const skips = [...text.matchAll(/^(?:[•✘] )*(skip: .+)$/gm)].map((match) => match[1] as string);
  return readUvu(text, skips) ?? readTap(text, skips) ?? nothing(skips);
}

function readUvu(text: string, skips: readonly string[]): Counts | null {
  const pattern = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm;
  const match = [...text.matchAll(pattern)].at(-1);
  if (match === undefined) return null;
  const [total, passed, silent] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const inside = Math.max(0, skips.length - silent);
  const unexplained = Math.max(0, silent - skips.length);
  return {
    passed: Math.max(0, passed - inside),
    failed: total - passed,
    skipped: Math.max(silent, skips.length),
    skips: [...skips, ...Array.from({ length: unexplained }, () => 'skip: no reason given')],
    defect: null,
  };
}

function readTap(text: string, skips: readonly string[]): Counts | null {
  const plan = /^1\.\.(\d+)/m.exec(text);
  const lines = [...text.matchAll(/^(not )?ok \d+(.*)$/gm)];
  if (plan === null && lines.length === 0) return null;
  let passed = 0;
  let failed = 0;
  const reasons = [...skips];
  for (const [, not, rest = ''] of lines) {
    if (/# SKIP/i.test(rest)) reasons.push(`skip:${rest.replace(/\s*# SKIP\s*/i, ': ')}`);
    else if (not === undefined) passed++;
    else failed++;
  }
  const planned = plan === null ? -1 : Number(plan[1]);
  const defect =
    planned === lines.length ? null : `the plan says ${planned} checks, ${lines.length} were seen`;
  return { passed, failed, skipped: reasons.length, skips: reasons, defect };
}

function nothing(skips: readonly string[]): Counts {
  const defect = 'no counted test: the file never called test.run(), or ended early';
  return { passed: 0, failed: 0, skipped: skips.length, skips, defect };
}
