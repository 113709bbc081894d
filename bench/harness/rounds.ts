/**
 * Rounds in turns. A machine drifts (other programs, the disk, the clock of the CPU), so every
 * contestant runs once in every round, each round starts with another one (A B C, B C A, C A B),
 * and what is compared is the ratio within one round. A figure is the median of its rounds.
 */
export interface Contestant<Sample> {
  readonly name: string;
  run(round: number): Promise<Sample>;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** Rounds that run first and are thrown away. */
  readonly warmupRounds?: number;
}

/** The samples of each contestant, by round. */
export async function runInTurns<Sample>(
  contestants: readonly Contestant<Sample>[],
  options: RoundsOptions,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>();
  for (const contestant of contestants) samples.set(contestant.name, []);
  const warmupRounds = options.warmupRounds ?? 0;
  for (let round = 0; round < warmupRounds + options.rounds; round++) {
    for (const contestant of inTurn(contestants, round)) {
      const sample = await contestant.run(round);
      if (round >= warmupRounds) samples.get(contestant.name)?.push(sample);
    }
  }
  return samples;
}

/** The order of one round: everybody, starting with contestant `round` modulo their number. */
export function inTurn<T>(items: readonly T[], round: number): T[] {
  if (items.length === 0) return [];
  const start = round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The middle value; the mean of the two middle ones for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Largest minus smallest over the median: how far the rounds lie apart. 0 for fewer than two. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** numerator / denominator in each round, then the median of those ratios; null without rounds. */
export function medianRatio(
  numerator: readonly number[],
  denominator: readonly number[],
): number | null {
  const ratios: number[] = [];
  for (let i = 0; i < Math.min(numerator.length, denominator.length); i++) {
    ratios.push((numerator[i] as number) / (denominator[i] as number));
  }
  return ratios.length === 0 ? null : median(ratios);
}
