/** One line of the doctor's report. */
export type Verdict = 'OK' | 'WARN' | 'FAIL';

export interface Finding {
  readonly topic: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly text: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly advice: string;
}

export function good(topic: string, text: string): Finding {
  return { topic, verdict: 'OK', text, advice: '' };
}

export function warn(topic: string, text: string, advice: string): Finding {
  return { topic, verdict: 'WARN', text, advice };
}

export function fail(topic: string, text: string, advice: string): Finding {
  return { topic, verdict: 'FAIL', text, advice };
}

/** The worst verdict among the findings. */
export function worst(findings: readonly Finding[]): Verdict {
  if (findings.some(({ verdict }) => verdict === 'FAIL')) return 'FAIL';
  return findings.some(({ verdict }) => verdict === 'WARN') ? 'WARN' : 'OK';
}

/** For findings that come from another process. */
export function isFinding(value: unknown): value is Finding {
  if (typeof value !== 'object' || value === null) return false;
  const isText = (key: string): boolean => typeof Reflect.get(value, key) === 'string';
  const verdict: unknown = Reflect.get(value, 'verdict');
  const isVerdict = verdict === 'OK' || verdict === 'WARN' || verdict === 'FAIL';
  return isVerdict && isText('topic') && isText('text') && isText('advice');
}
